//! What a provider is answered. Problems are `application/problem+json`.

use ampel_app::ingest::{MAX_BODY_BYTES, Receipt};
use lambda_http::{Body, Response, http::StatusCode};
use serde_json::json;

/// The answer to a delivery.
pub(super) fn of(receipt: Receipt) -> Response<Body> {
    match receipt {
        Receipt::Queued => accepted("queued"),
        Receipt::Ignored => accepted("ignored"),
        Receipt::Foreign => answer(
            StatusCode::ACCEPTED,
            "application/json",
            &json!({
                "outcome": "foreign",
                "detail": "The delivery is about another repository than this webhook's: its \
                           repository.id is not the one that is tracked. Nothing was changed.",
            }),
        ),
        Receipt::Unusable => accepted("unusable"),
        Receipt::UnknownHook => unknown_hook(),
        Receipt::Refused => problem(
            StatusCode::FORBIDDEN,
            "The delivery's signature does not verify. Check the webhook's secret.",
        ),
        Receipt::NotJson => problem(StatusCode::BAD_REQUEST, "The delivery's body is not JSON."),
        Receipt::TooLarge => problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("The delivery's body is larger than {MAX_BODY_BYTES} bytes."),
        ),
    }
}

/// The answer where no hook has the id in the path.
pub(super) fn unknown_hook() -> Response<Body> {
    problem(
        StatusCode::NOT_FOUND,
        "No webhook is known under this address.",
    )
}

/// The answer where the delivery could not be kept: the provider should send it again.
pub(super) fn try_again() -> Response<Body> {
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "The delivery could not be taken. Send it again.",
    )
}

fn accepted(outcome: &str) -> Response<Body> {
    answer(
        StatusCode::ACCEPTED,
        "application/json",
        &json!({ "outcome": outcome }),
    )
}

fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "error": detail,
    });
    answer(status, "application/problem+json", &body)
}

fn answer(status: StatusCode, content_type: &str, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::Text(body.to_string()));
    *response.status_mut() = status;
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert("content-type", value);
    }
    response
}
