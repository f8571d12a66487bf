//! What GitLab's refusals mean. <https://docs.gitlab.com/api/rest/troubleshooting/>

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    ProviderError,
    http_client::{self, Answer, is_rate_limit},
};

/// Characters of GitLab's own words that are passed on.
const MESSAGE_LIMIT: usize = 300;

/// The error an answer stands for; `None` for a good one. `needs` says what the token would need
/// where it may not.
pub(super) fn refusal(answer: &Answer, needs: &str) -> Option<ProviderError> {
    let status = answer.status;
    if status.is_success() {
        return None;
    }
    if is_rate_limit(answer) {
        return Some(http_client::rate_limited(answer, Timestamp::now()));
    }
    Some(match status {
        StatusCode::UNAUTHORIZED => ProviderError::Authentication,
        StatusCode::FORBIDDEN => ProviderError::Permission {
            needs: needs.to_owned(),
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => ProviderError::NotFound,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            ProviderError::Conflict { why: words(answer) }
        }
        StatusCode::METHOD_NOT_ALLOWED => ProviderError::MethodNotAllowed { why: words(answer) },
        _ if status.is_server_error() => ProviderError::Unavailable {
            why: format!("status {}", status.as_u16()),
        },
        _ if status.is_redirection() => ProviderError::InvalidAnswer {
            why: format!("status {} leads to another host", status.as_u16()),
        },
        _other => ProviderError::InvalidAnswer {
            why: format!("status {}: {}", status.as_u16(), words(answer)),
        },
    })
}

/// GitLab's words, cut: `message` as a text or an object of lists, or `error`.
pub(super) fn words(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = ["message", "error_description", "error"]
        .iter()
        .find_map(|key| body.get(key));
    let text = match said {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => format!("status {}", answer.status.as_u16()),
    };
    text.chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Answer::of(StatusCode::from_u16(status).unwrap(), map, body.as_bytes())
    }

    #[test]
    fn a_refusal_says_what_would_help() {
        let scope = answer(403, &[], r#"{"error":"insufficient_scope","scope":"api"}"#);
        let needs = "the scope `api`".to_owned();
        assert_eq!(
            refusal(&scope, &needs),
            Some(ProviderError::Permission { needs })
        );
        let invalid = answer(422, &[], r#"{"message":{"base":["Invalid url given"]}}"#);
        let why = r#"{"base":["Invalid url given"]}"#.to_owned();
        assert_eq!(
            refusal(&invalid, "x"),
            Some(ProviderError::Conflict { why })
        );
        let limited = answer(429, &[("retry-after", "30")], "Retry later");
        assert!(matches!(
            refusal(&limited, "x"),
            Some(ProviderError::RateLimited { .. })
        ));
        let gone = answer(404, &[], r#"{"message":"404 Project Not Found"}"#);
        assert_eq!(refusal(&gone, "x"), Some(ProviderError::NotFound));
    }
}
