//! What Bitbucket's refusals mean.

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    ProviderError,
    http_client::{self, Answer, is_rate_limit},
};

/// Characters of Bitbucket's own words that are passed on.
const MESSAGE_LIMIT: usize = 300;

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error: Problem,
}

#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct LackOfScopes {
    error: ScopeProblem,
}

#[derive(Deserialize)]
struct ScopeProblem {
    detail: Scopes,
}

/// Beside a refusal for the sake of scopes.
#[derive(Deserialize)]
struct Scopes {
    required: Vec<String>,
}

/// The error an answer stands for; `None` for a good one. `needs` says what the token would need
/// where it may not and Bitbucket does not say it.
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
            needs: scopes(answer).unwrap_or_else(|| needs.to_owned()),
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => ProviderError::NotFound,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT => ProviderError::Conflict {
            why: message(answer),
        },
        // 555 is Bitbucket's own word for a merge that takes too long.
        _ if status.is_server_error() => ProviderError::Unavailable {
            why: format!("status {}", status.as_u16()),
        },
        _ if status.is_redirection() => ProviderError::InvalidAnswer {
            why: format!("status {} leads to another host", status.as_u16()),
        },
        _other => ProviderError::InvalidAnswer {
            why: format!("status {}: {}", status.as_u16(), message(answer)),
        },
    })
}

/// Whether it concerns the token, and so everything that it is used for; other refusals are of
/// what was asked for.
pub(super) fn concerns_token(error: &ProviderError) -> bool {
    match error {
        ProviderError::Authentication
        | ProviderError::RateLimited { .. }
        | ProviderError::RefusedUrl(_) => true,
        ProviderError::Permission { .. }
        | ProviderError::NotFound
        | ProviderError::Conflict { .. }
        | ProviderError::NotMergeable { .. }
        | ProviderError::HeadMoved
        | ProviderError::MethodNotAllowed { .. }
        | ProviderError::Unavailable { .. }
        | ProviderError::InvalidAnswer { .. } => false,
    }
}

/// The scopes that Bitbucket says are missing.
fn scopes(answer: &Answer) -> Option<String> {
    let lack: LackOfScopes = serde_json::from_slice(&answer.body).ok()?;
    let required = lack.error.detail.required;
    let named: String = required.join("`, `").chars().take(MESSAGE_LIMIT).collect();
    (!named.is_empty()).then(|| format!("the scope `{named}`"))
}

/// Bitbucket's words, cut.
fn message(answer: &Answer) -> String {
    let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    refused.error.message.chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer::of(status, HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn every_refusal_has_its_error() {
        let told = r#"{"type":"error","error":{"message":"Change it."}}"#;
        let why = "Change it.".to_owned();
        for (status, expected) in [
            (401, ProviderError::Authentication),
            (404, ProviderError::NotFound),
            (410, ProviderError::NotFound),
            (400, ProviderError::Conflict { why: why.clone() }),
            (409, ProviderError::Conflict { why }),
        ] {
            assert_eq!(refusal(&answer(status, told), "x"), Some(expected));
        }
        assert_eq!(refusal(&answer(204, ""), "x"), None);
        let slow = refusal(&answer(555, "<html>"), "x").unwrap();
        assert!(matches!(slow, ProviderError::Unavailable { .. }), "{slow}");
        let moved = refusal(&answer(302, ""), "x").unwrap();
        assert!(matches!(moved, ProviderError::InvalidAnswer { .. }));
        let limited = refusal(&answer(429, ""), "x").unwrap();
        assert!(matches!(limited, ProviderError::RateLimited { .. }));
    }

    #[test]
    fn a_lack_of_scopes_names_them() {
        let body = r#"{"type":"error","error":{"message":"Your credentials lack one or more
            required privilege scopes.","detail":{"granted":["repository"],
            "required":["webhook"]}}}"#
            .replace('\n', " ");
        let told = refusal(&answer(403, &body), "x").unwrap();
        let needs = "the scope `webhook`".to_owned();
        assert_eq!(told, ProviderError::Permission { needs });
        let silent = refusal(&answer(403, r#"{"error":{"message":"No."}}"#), "x").unwrap();
        let needs = "x".to_owned();
        assert_eq!(silent, ProviderError::Permission { needs });
    }
}
