//! How the API says no: RFC 9457.

use serde::Serialize;
use utoipa::ToSchema;

use super::FieldError;

/// An `application/problem+json` body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is; `about:blank` says that the status tells it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    /// The status in words.
    #[schema(example = "Not Found")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What is wrong, for people.
    #[schema(example = "Account not found")]
    pub detail: String,
    /// The id of this request, as it stands in the log: `urn:request:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The same text as `detail`.
    pub error: String,
    /// Which fields of the request are wrong; only where fields are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
}
