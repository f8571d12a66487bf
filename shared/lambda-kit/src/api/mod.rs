//! What every HTTP function needs: routing under both prefixes, extractors that refuse with a
//! problem, ETags, request ids and the access log.
//!
//! A function builds an [`OpenApiRouter`](utoipa_axum::router::OpenApiRouter) of its routes and
//! hands it to [`mount`]; the bootstrap serves the result with [`run`].

mod access;
mod body;
mod caller;
mod client;
mod etag;
mod observe;
mod path;
mod problem;
mod query;
mod reject;
mod routes;

pub use access::{authenticator, signing_keys};
pub use body::JsonBody;
pub use caller::Authenticated;
pub use client::ClientAddress;
pub use path::{PathId, PathIds};
pub use problem::{ApiError, ApiResult, Refused};
pub use query::Query;
pub use routes::{document, mount, mount_at_root};

/// The largest request body, in bytes. What the API takes is far smaller.
pub const LARGEST_BODY: usize = 256 * 1024;

/// Serves a router as a Lambda function behind an HTTP API (payload 2.0), until the container
/// ends.
///
/// # Errors
/// When the Lambda runtime can not be reached.
pub async fn run(router: axum::Router) -> Result<(), lambda_http::Error> {
    lambda_http::run(router).await
}
