//! What the refusals of Gitea and Forgejo mean.

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    ProviderError,
    http_client::{Answer, is_rate_limit, rate_limited},
};

/// Characters of their own words that are passed on.
const MESSAGE_LIMIT: usize = 300;
/// What stands before the scopes that a token lacks.
const SCOPES: &str = "required scope(s): [";

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    message: String,
}

/// The error an answer stands for; `None` for a good one. `needs` says what the token would need
/// where it may not.
///
/// Neither Gitea nor Forgejo limits calls; a proxy before them may.
pub(super) fn refusal(answer: &Answer, needs: &str) -> Option<ProviderError> {
    let status = answer.status;
    if status.is_success() {
        return None;
    }
    if is_rate_limit(answer) {
        return Some(rate_limited(answer, Timestamp::now()));
    }
    Some(match status {
        StatusCode::UNAUTHORIZED => ProviderError::Authentication,
        StatusCode::FORBIDDEN => ProviderError::Permission {
            needs: lacking(&message(answer)).unwrap_or_else(|| needs.to_owned()),
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => ProviderError::NotFound,
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => ProviderError::Conflict {
            why: message(answer),
        },
        StatusCode::LOCKED => ProviderError::Conflict {
            why: "the repository is archived.".to_owned(),
        },
        StatusCode::METHOD_NOT_ALLOWED => ProviderError::MethodNotAllowed {
            why: message(answer),
        },
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

/// The scopes that a refusal names: `token does not have at least one of required scope(s):
/// [write:repository]`.
fn lacking(said: &str) -> Option<String> {
    let (_, named) = said.split_once(SCOPES)?;
    let (scopes, _) = named.split_once(']')?;
    let one = scopes.split([',', ' ']).find(|scope| !scope.is_empty())?;
    Some(format!("the scope `{one}`"))
}

/// Their words, cut; a sentence of ours where there are none.
pub(super) fn message(answer: &Answer) -> String {
    let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said: String = refused.message.chars().take(MESSAGE_LIMIT).collect();
    if said.is_empty() {
        "it gives no reason.".to_owned()
    } else {
        said
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn refused(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<ProviderError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        refusal(&Answer::of(status, map, body.as_bytes()), "what helps")
    }

    #[test]
    fn a_token_is_told_which_scope_it_lacks() {
        let lacks = r#"{"message":"token does not have at least one of required scope(s): [write:repository]"}"#;
        let permission = |needs: &str| {
            Some(ProviderError::Permission {
                needs: needs.to_owned(),
            })
        };
        let error = refused(403, &[], lacks);
        assert_eq!(error, permission("the scope `write:repository`"));
        assert_eq!(refused(403, &[], "<html>"), permission("what helps"));
        assert_eq!(refused(401, &[], ""), Some(ProviderError::Authentication));
        assert_eq!(refused(204, &[], ""), None);
    }

    #[test]
    fn a_proxy_that_limits_is_waited_for() {
        let seconds = |error| match error {
            Some(ProviderError::RateLimited { until, .. }) => {
                until.duration_since(Timestamp::now()).as_secs()
            }
            other => panic!("{other:?}"),
        };
        assert!((58..=60).contains(&seconds(refused(429, &[], ""))));
        let told = [("retry-after", "30")];
        assert!((28..=30).contains(&seconds(refused(503, &told, ""))));
        let down = refused(503, &[], "");
        assert!(matches!(down, Some(ProviderError::Unavailable { .. })));
    }
}
