//! Requests and responses, with the headers GitHub puts on everything.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::access::Caller;
use super::throttle;
use crate::fake::http_date;
pub use crate::fake::{Request, Response};
use crate::github::model::TokenKind;
use crate::github::world::World;

/// GitHub's way to say what went wrong.
pub(super) fn error(status: u16, message: &str) -> Response {
    Response::new(
        status,
        json!({
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.to_string(),
        }),
    )
}

/// 404, also for what the caller may not see.
pub(super) fn not_found() -> Response {
    error(404, "Not Found")
}

/// One page of `items`, with GitHub's `Link` header.
pub(super) fn page<T>(
    world: &World,
    request: &Request,
    items: &[T],
    show: impl FnOnce(&[T]) -> Value,
) -> Response {
    let number = |name: &str| {
        request
            .param(name)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let size = number("per_page").unwrap_or(30).clamp(1, 100);
    let page = number("page").unwrap_or(1).max(1);
    let last = items.len().div_ceil(size).max(1);
    let from = (page - 1).saturating_mul(size).min(items.len());
    let to = from.saturating_add(size).min(items.len());
    let response = Response::ok(show(items.get(from..to).unwrap_or_default()));
    let mut links = Vec::new();
    let mut link = |page: usize, rel: &str| {
        links.push(format!(
            "<{}>; rel=\"{rel}\"",
            page_url(world, request, page)
        ));
    };
    if page > 1 {
        link(page - 1, "prev");
    }
    if page < last {
        link(page + 1, "next");
        link(last, "last");
    }
    if page > 1 {
        link(1, "first");
    }
    if links.is_empty() {
        response
    } else {
        response.with("link", links.join(", "))
    }
}

fn page_url(world: &World, request: &Request, page: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in request.query.iter().filter(|(name, _)| name != "page") {
        query.append_pair(name, value);
    }
    query.append_pair("page", &page.to_string());
    format!("{}{}?{}", world.site.api, request.path, query.finish())
}

/// Adds an ETag to a good answer, and turns it into 304 if the caller has it.
pub(super) fn conditional(request: &Request, response: Response) -> Response {
    let Some(body) = response.body.as_ref().filter(|_| response.status == 200) else {
        return response;
    };
    if request.method != "GET" {
        return response;
    }
    let digest = hex::encode(Sha256::digest(body.to_string().as_bytes()));
    let tag = format!("W/\"{digest}\"");
    let known = request
        .header("if-none-match")
        .is_some_and(|tags| tags.contains(&digest));
    let mut response = response.with("etag", tag);
    if known {
        response.status = 304;
        response.body = None;
    }
    response
}

/// Adds the headers every answer has.
pub(in crate::github) fn dress(
    world: &mut World,
    request: &Request,
    caller: Option<&Caller>,
    response: Response,
) -> Response {
    let now = world.clock.now();
    let id = world.next_guid();
    let mut response = response
        .with("date", http_date(now))
        .with("server", "github.com")
        .with("x-github-media-type", "github.v3; format=json")
        .with("x-github-request-id", id)
        .with("vary", "Accept, Authorization, Cookie, X-GitHub-OTP");
    let version = request
        .header("x-github-api-version")
        .unwrap_or("2022-11-28");
    response = response.with("x-github-api-version-selected", version);
    let Some(caller) = caller else {
        return response;
    };
    match &caller.token.kind {
        TokenKind::Classic { scopes } => {
            response = response.with("x-oauth-scopes", scopes.join(", "));
        }
        TokenKind::FineGrained(_) => {}
    }
    if let Some(end) = caller.token.expires_at {
        let end = end.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        response = response.with("github-authentication-token-expiration", end);
    }
    if response.header("x-ratelimit-limit").is_some() {
        return response;
    }
    let resource = if request.path == "/graphql" {
        "graphql"
    } else {
        "core"
    };
    throttle::headers(world, &caller.token.value, resource)
        .into_iter()
        .fold(response, |response, (name, value)| {
            response.with(name, value)
        })
}
