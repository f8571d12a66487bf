//! The outermost layer: a request id, the access log, security headers, and the body of problems,
//! which names the request.

use std::time::Instant;

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::problem::Refused;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, runs it, logs it.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let (response, log) = finish(next.run(request).await, &id);
    log_access(&Access {
        id: &id,
        method: method.as_str(),
        // The pattern, never the path: paths of unknown routes may hold anything.
        route: route.as_deref().unwrap_or("(unknown)"),
        status: response.status(),
        millis: started.elapsed().as_millis(),
        log: log.as_deref(),
    });
    response
}

struct Access<'a> {
    id: &'a str,
    method: &'a str,
    route: &'a str,
    status: StatusCode,
    millis: u128,
    log: Option<&'a str>,
}

fn log_access(access: &Access<'_>) {
    let Access {
        id,
        method,
        route,
        status,
        millis,
        log,
    } = access;
    let status = status.as_u16();
    let millis = u64::try_from(*millis).unwrap_or(u64::MAX);
    match log {
        Some(cause) => tracing::error!(
            request.id = id,
            http.method = method,
            http.route = route,
            http.status = status,
            duration_ms = millis,
            cause,
            "request failed"
        ),
        None => tracing::info!(
            request.id = id,
            http.method = method,
            http.route = route,
            http.status = status,
            duration_ms = millis,
            "request answered"
        ),
    }
}

/// The id that Lambda gave the request, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    headers
        .get("lambda-runtime-aws-request-id")
        .and_then(|value| value.to_str().ok())
        .filter(|id| id.len() <= 64)
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Writes the problem's body and the headers of every answer; hands back what the log should say.
fn finish(mut response: Response, id: &str) -> (Response, Option<String>) {
    let mut log = None;
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        let mut problem = refused.problem;
        problem.instance = Some(format!("urn:request:{id}"));
        log = refused.log;
        *response.body_mut() = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        set_if_absent(headers, header::CACHE_CONTROL, "no-store");
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    set_if_absent(headers, header::CACHE_CONTROL, "no-store");
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        set_if_absent(headers, name, value);
    }
    (response, log)
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
