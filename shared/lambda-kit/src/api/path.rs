//! Ids in paths. A malformed id names nothing: 404, as for an id that nobody has.

use std::str::FromStr;

use ampel_app::refusal::Refusal;
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
};
use http::request::Parts;

use super::ApiError;

const NOTHING: Refusal = Refusal::NotFound("Resource");

/// The one id of a path.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

/// The two ids of a path, outer first.
#[derive(Debug, Clone, Copy)]
pub struct PathIds<A, B>(pub A, pub B);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let params = params(parts).await?;
        let mut values = params.iter();
        Ok(Self(next(&mut values)?))
    }
}

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let params = params(parts).await?;
        let mut values = params.iter();
        Ok(Self(next(&mut values)?, next(&mut values)?))
    }
}

async fn params(parts: &mut Parts) -> Result<RawPathParams, Refusal> {
    parts.extract::<RawPathParams>().await.map_err(|_| NOTHING)
}

fn next<'a, T: FromStr>(
    values: &mut impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<T, Refusal> {
    values
        .next()
        .and_then(|(_name, value)| value.parse().ok())
        .ok_or(NOTHING)
}
