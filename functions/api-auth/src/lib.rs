//! `/auth`: registration, login, sessions and the caller's profile.

mod context;
mod cookie;
mod origin;
mod requests;

use ampel_lambda_kit::{api, config::Env};
use axum::{Router, middleware::map_response, response::Response};
use http::{HeaderValue, header};
use lambda_http::Error;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use context::{Context, CookieRules};

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
    let routes = described().layer(map_response(never_store));
    api::mount(routes.with_state(context))
}

/// The part of the OpenAPI document that describes them.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_router, document) = described().split_for_parts();
    api::document(OpenApiRouter::with_openapi(document))
}

fn described() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(requests::register))
        .routes(routes!(requests::login))
        .routes(routes!(requests::refresh))
        .routes(routes!(requests::logout))
        .routes(routes!(requests::switch))
        .routes(routes!(requests::me, requests::change_me))
}

/// Nothing of this function may be kept by anything on its way.
async fn never_store(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}
