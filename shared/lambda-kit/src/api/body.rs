//! Request bodies.

use ampel_app::refusal::Refusal;
use ampel_wire::api::Check;
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::{ApiError, LARGEST_BODY, reject::from_path_error};

/// A checked JSON body. What is malformed, too large, of the wrong type or against a rule is
/// refused with 400 and the names of the fields.
pub struct JsonBody<T: Check>(pub T::Checked);

impl<S: Sync, T: Check + DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let bytes = read(request.into_body()).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let parsed: T =
            serde_path_to_error::deserialize(&mut json).map_err(|error| body_error(&error))?;
        json.end().map_err(|_| malformed())?;
        Ok(Self(parsed.check()?))
    }
}

/// A form of another site can not send this content type without being asked first (CORS).
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase());
    let is_json = kind.is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"));
    if is_json {
        Ok(())
    } else {
        Err(Refusal::BadRequest(
            "The request must have the content type application/json".to_owned(),
        ))
    }
}

async fn read(body: Body) -> Result<bytes::Bytes, Refusal> {
    to_bytes(body, LARGEST_BODY).await.map_err(|_| {
        Refusal::BadRequest(format!(
            "The body must not be larger than {LARGEST_BODY} bytes"
        ))
    })
}

fn malformed() -> Refusal {
    Refusal::BadRequest("The body is not valid JSON".to_owned())
}

fn body_error(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    use serde_json::error::Category;
    match error.inner().classify() {
        Category::Data => from_path_error(&error.path().to_string(), &data_message(error.inner())),
        Category::Io | Category::Syntax | Category::Eof => malformed(),
    }
}

/// What serde says, without the place in the text, which nobody can use.
fn data_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

impl<T: Check> std::fmt::Debug for JsonBody<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JsonBody(***)")
    }
}
