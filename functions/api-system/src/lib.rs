//! What the deployment says of itself: `/health` and the OpenAPI document of the whole API.

mod context;
mod document;
mod requests;

use std::sync::Arc;

use ampel_lambda_kit::{api, config::Env};
use axum::Router;
use lambda_http::Error;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use context::Context;
pub use document::{openapi, text};

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let context = Context::of(&env).await?;
    api::run(router(context)).await
}

/// `/health`, and the document under both prefixes.
pub fn router(context: Context) -> Router {
    let document = Arc::<str>::from(text(&openapi()));
    let prefixed = OpenApiRouter::new()
        .routes(routes!(requests::document))
        .with_state(requests::Document(document));
    let root = described().with_state(context);
    api::mount_at_root(prefixed, root)
}

fn described() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(requests::health))
}

/// The part of the OpenAPI document that describes this function.
fn own() -> OpenApi {
    let (_router, health) = described().split_for_parts();
    let (_router, document) = OpenApiRouter::<requests::Document>::new()
        .routes(routes!(requests::document))
        .split_for_parts();
    let mut own = api::document(OpenApiRouter::with_openapi(document));
    own.merge(health);
    own
}
