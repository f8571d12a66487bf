//! Refusals as `application/problem+json`.

use ampel_app::refusal::Refusal;
use ampel_wire::api::{FieldError, Problem};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// A refusal on its way out. Anything a use case fails with becomes one by `?`.
#[derive(Debug)]
pub struct ApiError(pub Refusal);

impl<E: Into<Refusal>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// What the access log and the last layer need to know of a refusal; travels beside the response.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The body without its request id.
    pub problem: Problem,
    /// What only the log should see.
    pub log: Option<String>,
}

impl ApiError {
    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        status(&self.0)
    }

    /// What it tells, and about which fields.
    #[must_use]
    pub fn told(&self) -> (String, &[FieldError]) {
        (detail(&self.0), wrong_fields(&self.0))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let refusal = self.0;
        let status = status(&refusal);
        let errors = wrong_fields(&refusal).to_vec();
        let mut response = respond(status, detail(&refusal), errors, refusal.log());
        if let Refusal::TooMany { retry_after } = refusal
            && let Ok(seconds) = HeaderValue::try_from(whole_seconds(retry_after).to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// Never less than what has to be waited.
fn whole_seconds(wait: jiff::SignedDuration) -> i64 {
    let started = i64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(started).max(1)
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid(_) | Refusal::BadRequest(_) => StatusCode::BAD_REQUEST,
        Refusal::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden(_) => StatusCode::FORBIDDEN,
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::Conflict(_) => StatusCode::CONFLICT,
        Refusal::Impossible(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Provider { .. } => StatusCode::BAD_GATEWAY,
        Refusal::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn wrong_fields(refusal: &Refusal) -> &[FieldError] {
    if let Refusal::Invalid(invalid) = refusal {
        invalid.errors()
    } else {
        &[]
    }
}

/// One wrong field is said in the detail too: many clients show nothing else.
fn detail(refusal: &Refusal) -> String {
    match wrong_fields(refusal) {
        [FieldError { field, message }] if field.is_empty() => message.clone(),
        [FieldError { field, message }] => format!("{field} {message}"),
        _none_or_several => refusal.to_string(),
    }
}

/// A problem as a response.
pub(super) fn respond(
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    log: Option<&str>,
) -> Response {
    let problem = Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        error: detail.clone(),
        detail,
        instance: None,
        errors,
    };
    let refused = Refused {
        problem,
        log: log.map(str::to_owned),
    };
    // The body is written by the last layer, which knows the request's id.
    let mut response = status.into_response();
    response.extensions_mut().insert(refused);
    response
}

/// A refusal of this kind without a use case behind it.
pub(super) fn refuse(refusal: Refusal) -> Response {
    ApiError(refusal).into_response()
}

#[cfg(test)]
mod tests {
    use ampel_wire::api::Invalid;

    use super::*;

    #[test]
    fn every_kind_has_its_status() {
        let retry_after = jiff::SignedDuration::from_millis(1500);
        for (refusal, expected) in [
            (Refusal::Invalid(Invalid::field("a", "b")), 400),
            (Refusal::BadRequest("x".into()), 400),
            (Refusal::Unauthenticated("x"), 401),
            (Refusal::Forbidden("x".into()), 403),
            (Refusal::NotFound("Account"), 404),
            (Refusal::Conflict("x".into()), 409),
            (Refusal::Impossible("x".into()), 422),
            (Refusal::TooMany { retry_after }, 429),
            (
                Refusal::Unavailable {
                    detail: "x".into(),
                    log: "y".into(),
                },
                503,
            ),
            (Refusal::internal("secret"), 500),
        ] {
            let response = ApiError(refusal).into_response();
            assert_eq!(response.status().as_u16(), expected);
            let refused = response.extensions().get::<Refused>().unwrap();
            assert!(!refused.problem.detail.contains("secret"));
            assert_eq!(refused.problem.detail, refused.problem.error);
            let retry = response.headers().get("retry-after");
            assert_eq!(
                retry.map(|v| v.to_str().unwrap()),
                (expected == 429).then_some("2")
            );
        }
    }
}
