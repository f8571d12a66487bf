//! What GitHub's refusals mean.

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    ProviderError,
    http_client::{self, Answer, is_rate_limit},
};

/// Characters of GitHub's own words that are passed on.
const MESSAGE_LIMIT: usize = 300;

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    message: String,
}

/// The error an answer stands for; `None` for a good one. `needs` says what the token would need
/// where it may not.
pub(super) fn refusal(answer: &Answer, needs: &str) -> Option<ProviderError> {
    let status = answer.status;
    if status.is_success() {
        return None;
    }
    Some(match status {
        StatusCode::UNAUTHORIZED => ProviderError::Authentication,
        StatusCode::FORBIDDEN => forbidden(answer, needs),
        StatusCode::TOO_MANY_REQUESTS => rate_limited(answer),
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
            ProviderError::NotFound
        }
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => ProviderError::Conflict {
            why: message(answer),
        },
        StatusCode::SERVICE_UNAVAILABLE if is_rate_limit(answer) => rate_limited(answer),
        _ if status.is_server_error() => ProviderError::Unavailable {
            why: format!("status {}", status.as_u16()),
        },
        _ if status.is_redirection() => ProviderError::InvalidAnswer {
            why: format!("status {} leads elsewhere", status.as_u16()),
        },
        _other => ProviderError::InvalidAnswer {
            why: format!("status {}: {}", status.as_u16(), message(answer)),
        },
    })
}

/// 403 is both "you may not" and "not so fast".
fn forbidden(answer: &Answer, needs: &str) -> ProviderError {
    if is_rate_limit(answer) {
        return rate_limited(answer);
    }
    let needs = if answer.header("x-github-sso").is_some() {
        "an authorisation for the organization's single sign-on"
    } else {
        needs
    };
    ProviderError::Permission {
        needs: needs.to_owned(),
    }
}

/// When GitHub wants to be asked again.
pub(super) fn rate_limited(answer: &Answer) -> ProviderError {
    http_client::rate_limited(answer, Timestamp::now())
}

/// GitHub's words, cut.
pub(super) fn message(answer: &Answer) -> String {
    let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    refused.message.chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use ampel_domain::budget::LONGEST_WAIT;
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Answer::of(StatusCode::from_u16(status).unwrap(), map, body.as_bytes())
    }

    fn seconds_to_wait(answer: &Answer) -> i64 {
        match refusal(answer, "x") {
            Some(ProviderError::RateLimited { until, .. }) => {
                until.duration_since(Timestamp::now()).as_secs()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_kinds_of_limits_are_waited_for() {
        let secondary = r#"{"message":"You have exceeded a secondary rate limit. Please wait"}"#;
        assert!((58..=60).contains(&seconds_to_wait(&answer(403, &[], secondary))));
        let told = answer(403, &[("retry-after", "30")], "{}");
        assert!((28..=30).contains(&seconds_to_wait(&told)));
        let told = answer(503, &[("retry-after", "30")], "<html>");
        assert!((28..=30).contains(&seconds_to_wait(&told)));
        let reset = (Timestamp::now().as_second() + 600).to_string();
        let primary = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", reset.as_str()),
        ];
        assert!((597..=600).contains(&seconds_to_wait(&answer(403, &primary, "{}"))));
        // A budget that is not used up says nothing about when to come back.
        let left = [
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", reset.as_str()),
        ];
        assert!((58..=60).contains(&seconds_to_wait(&answer(429, &left, "{}"))));
    }

    #[test]
    fn a_wait_is_never_longer_than_a_budget_lasts() {
        let told = answer(429, &[("retry-after", "99999999999")], "{}");
        assert!(seconds_to_wait(&told) <= LONGEST_WAIT.as_secs());
    }

    #[test]
    fn a_refusal_says_what_would_help() {
        let forbidden = answer(403, &[], r#"{"message":"Resource not accessible"}"#);
        let needs = "the scope `repo`".to_owned();
        assert_eq!(
            refusal(&forbidden, &needs),
            Some(ProviderError::Permission { needs })
        );
        let sso = answer(403, &[("x-github-sso", "required; url=https://x")], "{}");
        let error = refusal(&sso, "x").unwrap();
        assert!(error.user_message().contains("single sign-on"), "{error}");
    }
}
