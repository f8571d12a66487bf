//! ETags: a reader that has what we would answer gets 304.

use ampel_app::refusal::Refusal;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use sha2::{Digest, Sha256};

use super::problem;

/// More than a Lambda function can answer.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Gives successful answers to GET an ETag, and answers 304 to who has that one.
///
/// An answer that says `no-store` is left alone: nobody may keep it.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || is_private(response.headers()) {
        return response;
    }
    tagged(response, asked.as_ref()).await
}

fn is_private(headers: &HeaderMap) -> bool {
    headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes() == b"no-store")
}

async fn tagged(response: Response, asked: Option<&HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_ANSWER).await else {
        return problem::refuse(Refusal::internal(
            "an answer could not be read for its ETag",
        ));
    };
    let digest = hex::encode(Sha256::digest(&bytes));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
    let has_it = asked.is_some_and(|asked| matches(asked, &tag));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    parts
        .headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    parts
        .headers
        .append(header::VARY, HeaderValue::from_static("authorization"));
    if has_it {
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return (StatusCode::NOT_MODIFIED, parts.headers).into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Weak comparison (RFC 9110, 13.1.2): a proxy that compressed an answer marks its tag `W/`.
fn matches(asked: &HeaderValue, tag: &str) -> bool {
    let Ok(asked) = asked.to_str() else {
        return false;
    };
    asked.trim() == "*"
        || asked
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_match_weakly_and_in_lists() {
        let is = |asked: &'static str| matches(&HeaderValue::from_static(asked), "\"a\"");
        assert!(is("\"a\"") && is("W/\"a\"") && is("\"b\", \"a\"") && is("*"));
        assert!(!is("\"b\"") && !is("a"));
    }
}
