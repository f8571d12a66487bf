//! Routers under the API's two prefixes, with the layers every function has.

use ampel_app::refusal::Refusal;
use ampel_wire::api::Problem;
use axum::{Router, middleware::from_fn, response::Response};
use http::StatusCode;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, Info, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
        ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use super::{etag, observe, problem};

/// The canonical prefix.
pub const PREFIX: &str = "/api/v1";
/// The prefix that is accepted too.
pub const ALIAS: &str = "/api";

/// Serves routes, written without a prefix, under `/api/v1` and `/api`.
pub fn mount(routes: OpenApiRouter) -> Router {
    let (router, _document) = routes.split_for_parts();
    finish(
        Router::new()
            .nest(PREFIX, router.clone())
            .nest(ALIAS, router),
    )
}

/// Serves `routes` under both prefixes and `root` without one.
pub fn mount_at_root(routes: OpenApiRouter, root: OpenApiRouter) -> Router {
    let (router, _document) = routes.split_for_parts();
    let (root, _document) = root.split_for_parts();
    finish(root.nest(PREFIX, router.clone()).nest(ALIAS, router))
}

/// The part of the OpenAPI document that describes these routes, under the canonical prefix. Every
/// operation is said to answer problems, so that handlers describe only what is their own.
#[must_use]
pub fn document(routes: OpenApiRouter) -> OpenApi {
    let base = OpenApiBuilder::new()
        .info(Info::new("Ampel", env!("CARGO_PKG_VERSION")))
        .components(Some(components()))
        .build();
    let mut document = OpenApiRouter::with_openapi(base)
        .nest(PREFIX, routes)
        .into_openapi();
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(answers_problems);
    }
    document
}

fn components() -> Components {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    let mut components = Components::new();
    components.schemas.extend(schemas);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn answers_problems(operation: &mut Operation) {
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build();
    let response = ResponseBuilder::new()
        .description("What went wrong")
        .content("application/problem+json", problem)
        .build();
    let default = operation.responses.responses.entry("default".to_owned());
    default.or_insert(RefOr::T(response));
}

fn finish(router: Router) -> Router {
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(etag::layer))
        .layer(from_fn(observe::layer))
}

async fn unknown() -> Response {
    problem::refuse(Refusal::NotFound("Route"))
}

async fn wrong_method() -> Response {
    problem::respond(
        StatusCode::METHOD_NOT_ALLOWED,
        "This route has no such method".to_owned(),
        Vec::new(),
        None,
    )
}
