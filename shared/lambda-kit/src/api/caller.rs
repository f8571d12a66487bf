//! Who calls.

use ampel_app::{auth::Authenticator, refusal::Refusal};
use ampel_domain::tenancy::Caller;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::{header, request::Parts};

use super::ApiError;

/// The caller behind a genuine access token, with their role of this moment; else 401.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Caller);

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let token = bearer(parts).ok_or(Refusal::Unauthenticated("Log in first"))?;
        let caller = Authenticator::from_ref(state).authenticate(token).await?;
        Ok(Self(caller))
    }
}

/// `None` without a token that is good; for what works with other proof too.
impl<S> OptionalFromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, ApiError> {
        let Some(token) = bearer(parts) else {
            return Ok(None);
        };
        match Authenticator::from_ref(state).authenticate(token).await {
            Ok(caller) => Ok(Some(Self(caller))),
            Err(Refusal::Unauthenticated(_)) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
