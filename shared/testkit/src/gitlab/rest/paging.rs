//! Pages of a list: by number with counts, or by keyset with a link to what comes next.
//! <https://docs.gitlab.com/api/rest/#pagination>

use serde_json::Value;

use crate::fake::{Request, Response};
use crate::gitlab::world::World;

const DEFAULT_SIZE: usize = 20;
const LARGEST_SIZE: usize = 100;

fn number(request: &Request, name: &str) -> Option<usize> {
    request.param(name).and_then(|text| text.parse().ok())
}

fn size_of(request: &Request) -> usize {
    let asked = number(request, "per_page").unwrap_or(DEFAULT_SIZE);
    asked.clamp(1, LARGEST_SIZE)
}

/// One page of `items` by its number.
pub(super) fn page<T>(
    world: &World,
    request: &Request,
    items: &[T],
    show: impl FnMut(&T) -> Value,
) -> Response {
    let size = size_of(request);
    let page = number(request, "page").unwrap_or(1).max(1);
    let last = items.len().div_ceil(size).max(1);
    let part = items
        .iter()
        .skip((page - 1).saturating_mul(size))
        .take(size);
    let next = (page < last).then_some(page + 1);
    let previous = (page > 1).then(|| page - 1);
    let mut links = Vec::new();
    let places = [
        ("prev", previous),
        ("next", next),
        ("first", Some(1)),
        ("last", Some(last)),
    ];
    for (rel, place) in places {
        if let Some(place) = place {
            let url = with_param(world, request, "page", &place.to_string());
            links.push(format!("<{url}>; rel=\"{rel}\""));
        }
    }
    let text = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    Response::ok(part.map(show).collect())
        .with("link", links.join(", "))
        .with("x-page", page.to_string())
        .with("x-per-page", size.to_string())
        .with("x-total", items.len().to_string())
        .with("x-total-pages", last.to_string())
        .with("x-next-page", text(next))
        .with("x-prev-page", text(previous))
}

/// One page of `items` after the last one seen: `pagination=keyset`, ordered by id. There are no
/// counts, and no link on the last page.
pub(super) fn keyset<T>(
    world: &World,
    request: &Request,
    items: &[T],
    id_of: impl Fn(&T) -> u64,
    show: impl FnMut(&T) -> Value,
) -> Response {
    let size = size_of(request);
    let ascending = request.param("sort") == Some("asc");
    let name = if ascending { "id_after" } else { "id_before" };
    let seen = request.param(name).and_then(|text| text.parse().ok());
    let mut rest: Vec<&T> = items
        .iter()
        .filter(|item| {
            seen.is_none_or(|seen: u64| (id_of(item) > seen) == ascending && id_of(item) != seen)
        })
        .collect();
    rest.sort_by_key(|item| id_of(item));
    if !ascending {
        rest.reverse();
    }
    let more = rest.len() > size;
    rest.truncate(size);
    let last = rest.last().map(|item| id_of(item));
    let response =
        Response::ok(rest.into_iter().map(show).collect()).with("x-per-page", size.to_string());
    match last.filter(|_| more) {
        Some(last) => {
            let url = with_param(world, request, name, &last.to_string());
            response.with("link", format!("<{url}>; rel=\"next\""))
        }
        None => response,
    }
}

fn with_param(world: &World, request: &Request, name: &str, value: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (own, value) in request.query.iter().filter(|(own, _)| own != name) {
        query.append_pair(own, value);
    }
    query.append_pair(name, value);
    format!("{}{}?{}", world.site.api(), request.path, query.finish())
}
