//! Who may use the cookie: our own pages, and those of the configured origins.

use ampel_app::refusal::Refusal;
use ampel_lambda_kit::api::ApiError;
use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderMap, header, request::Parts};

use crate::CookieRules;

/// Proof that a request which carries the cookie does not come from a page of another site.
///
/// `SameSite=Strict` keeps the cookie from other sites; this keeps it from other origins of our
/// own site too, save for those that `CORS_ORIGINS` names. Requests without an `Origin` come from
/// no page.
pub(crate) struct OwnOrigin;

impl<S> FromRequestParts<S> for OwnOrigin
where
    S: Send + Sync,
    CookieRules: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let rules = CookieRules::from_ref(state);
        if is_own(&parts.headers, &rules.origins) {
            Ok(Self)
        } else {
            let why = "This origin may not use the session cookie";
            Err(Refusal::Forbidden(why.to_owned()).into())
        }
    }
}

fn is_own(headers: &HeaderMap, origins: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let is_ours = origin
        .split_once("://")
        .is_some_and(|(_scheme, authority)| Some(authority) == host);
    is_ours
        || origins
            .iter()
            .any(|known| known.trim_end_matches('/') == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_origins_and_our_own_use_the_cookie() {
        let origins = ["https://ampel.example.org/".to_owned()];
        let from = |origin: Option<&'static str>, origins: &[String]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "api.example.org".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            is_own(&headers, origins)
        };
        assert!(from(None, &origins));
        assert!(from(Some("https://ampel.example.org"), &origins));
        assert!(from(Some("https://api.example.org"), &origins));
        assert!(!from(Some("https://blog.example.org"), &origins));
        assert!(!from(Some("null"), &origins));
        assert!(!from(Some("https://blog.example.org"), &[]));
        assert!(from(Some("https://api.example.org"), &[]));
        assert!(from(None, &[]));
    }
}
