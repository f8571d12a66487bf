//! `/repositories`: choosing, tracking, changing and letting go of them.

mod answers;
mod context;
mod requests;

use ampel_lambda_kit::{api, config::Env};
use axum::Router;
use lambda_http::Error;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use context::Context;

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let context = Context::of(&env).await?;
    api::run(router(context)).await
}

/// The routes, under both prefixes.
pub fn router(context: Context) -> Router {
    api::mount(described().with_state(context))
}

/// The part of the OpenAPI document that describes them.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_router, document) = described().split_for_parts();
    api::document(OpenApiRouter::with_openapi(document))
}

fn described() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(requests::list, requests::track))
        .routes(routes!(requests::discover))
        .routes(routes!(
            requests::get,
            requests::replace,
            requests::change,
            requests::untrack
        ))
        .routes(routes!(requests::rotate_webhook))
        .routes(routes!(requests::test_webhook))
        .routes(routes!(requests::webhook_deliveries))
        .routes(routes!(requests::sync))
}
