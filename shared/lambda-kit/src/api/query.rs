//! Query strings.

use ampel_wire::api::Check;
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{ApiError, reject::from_path_error};

/// A checked query string. What is unknown to `T`, of the wrong type or against a rule is refused
/// with 400 and the names of the parameters.
pub struct Query<T: Check>(pub T::Checked);

impl<S: Sync, T: Check + DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        let parsed: T = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(
            pairs,
        ))
        .map_err(|error| from_path_error(&error.path().to_string(), &error.inner().to_string()))?;
        Ok(Self(parsed.check()?))
    }
}
