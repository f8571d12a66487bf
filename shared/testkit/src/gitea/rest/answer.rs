//! Answers, pages, and the refusals of faults in Gitea's words. There are no limits on calls and
//! no ETags.

use serde_json::{Value, json};

use super::access::BAD_TOKEN;
use crate::fake::{FaultKind, Request, Response, http_date};
use crate::gitea::world::World;

/// Items on a page without a word about it, and the most there may be (`DEFAULT_PAGING_NUM`,
/// `MAX_RESPONSE_ITEMS`).
const PAGE: usize = 30;
const LARGEST_PAGE: usize = 50;

/// Gitea's way to say what went wrong. What it takes for its own mistake it tells to admins of the
/// instance alone (`APIErrorInternal`), and nobody here is one.
pub(super) fn error(world: &World, status: u16, message: &str) -> Response {
    let message = if status == 500 { "" } else { message };
    let url = format!("{}/api/swagger", world.site);
    Response::new(status, json!({ "message": message, "url": url }))
}

/// 404, also for what the caller may not see.
pub(super) fn not_found(world: &World) -> Response {
    error(world, 404, "not found")
}

/// One page of `items` with `Link` and `X-Total-Count`.
pub(super) fn page<T>(
    world: &World,
    request: &Request,
    items: &[T],
    show: impl FnMut(&T) -> Value,
) -> Response {
    let (from, to, links) = cut(world, request, items.len());
    let shown: Vec<Value> = items
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .map(show)
        .collect();
    let response = Response::ok(json!(shown)).with("x-total-count", items.len().to_string());
    if links.is_empty() {
        response
    } else {
        response.with("link", links.join(","))
    }
}

/// Where the asked page begins and ends, and the links to others.
pub(super) fn cut(world: &World, request: &Request, total: usize) -> (usize, usize, Vec<String>) {
    let number = |name: &str| {
        request
            .param(name)
            .and_then(|text| text.parse::<usize>().ok())
            .filter(|number| *number > 0)
    };
    let size = number("limit").unwrap_or(PAGE).min(LARGEST_PAGE);
    let page = number("page").unwrap_or(1);
    let last = total.div_ceil(size).max(1);
    let from = (page - 1).saturating_mul(size).min(total);
    let to = from.saturating_add(size).min(total);
    let mut links = Vec::new();
    let mut link = |page: usize, rel: &str| {
        let url = page_url(world, request, page);
        links.push(format!("<{url}>; rel=\"{rel}\""));
    };
    if page < last {
        link(page + 1, "next");
        link(last, "last");
    }
    if page > 1 {
        link(1, "first");
        link(page - 1, "prev");
    }
    (from, to, links)
}

fn page_url(world: &World, request: &Request, page: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in request.query.iter().filter(|(name, _)| name != "page") {
        query.append_pair(name, value);
    }
    query.append_pair("page", &page.to_string());
    format!("{}{}?{}", world.api(), request.path, query.finish())
}

/// Adds the headers every answer has.
pub(super) fn dress(world: &World, response: Response) -> Response {
    response
        .with("date", http_date(world.clock.now()))
        .with(
            "cache-control",
            "max-age=0, private, must-revalidate, no-transform",
        )
        .with("x-content-type-options", "nosniff")
}

/// The refusal a fault stands for. Limits are a proxy's in front of Gitea: it knows none itself.
pub(in crate::gitea) fn refuse(world: &World, kind: &FaultKind) -> Response {
    let response = match kind {
        FaultKind::Unauthorized => error(world, 401, BAD_TOKEN),
        FaultKind::SecondaryLimit { retry_after } | FaultKind::TooManyRequests { retry_after } => {
            Response::empty(429).with("retry-after", retry_after.to_string())
        }
        FaultKind::PrimaryLimit { reset_in } => {
            Response::empty(429).with("retry-after", reset_in.to_string())
        }
        FaultKind::Status(status) => error(world, *status, ""),
        // These three answer, if at all, with the real answer.
        FaultKind::Slow(_) | FaultKind::Hangup | FaultKind::Silence => Response::empty(500),
    };
    dress(world, response)
}
