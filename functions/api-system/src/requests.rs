//! The requests of this function. They need no login: they say nothing about anybody.

use std::{collections::BTreeMap, sync::Arc};

use ampel_wire::api::system::{Health, HealthStatus};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use crate::Context;

/// Whether the deployment works.
#[utoipa::path(
    get,
    path = "/health",
    tag = "system",
    operation_id = "getHealth",
    responses(
        (status = 200, body = Health, description = "It works"),
        (status = 503, body = Health, description = "Something does not answer"),
    ),
)]
pub(crate) async fn health(State(context): State<Context>) -> Response {
    let table = match context.store.answers().await {
        Ok(()) => HealthStatus::Ok,
        Err(error) => {
            tracing::error!(%error, "the table does not answer");
            HealthStatus::Unavailable
        }
    };
    let code = match table {
        HealthStatus::Ok => StatusCode::OK,
        HealthStatus::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let health = Health {
        status: table,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks: BTreeMap::from([("table".to_owned(), table)]),
    };
    let never = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (code, [never], Json(health)).into_response()
}

/// The document, made once.
#[derive(Clone)]
pub(crate) struct Document(pub(crate) Arc<str>);

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "system",
    operation_id = "getOpenApi",
    responses((status = 200, body = Object, description = "The OpenAPI document")),
)]
pub(crate) async fn document(State(Document(text)): State<Document>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], text.to_string()).into_response()
}
