//! Lists in pages: `values`, `page`, `pagelen`, `size` and the whole address of the next page.

use serde_json::{Value, json};

use super::answer::error;
use super::query;
use crate::bitbucket::world::World;
use crate::fake::{Request, Response, put};

/// How many items a page has unless somebody asks for more.
const DEFAULT_LENGTH: usize = 10;

/// The longest page of most lists.
pub(super) const LONGEST: usize = 100;

/// The longest page of pull requests.
pub(super) const LONGEST_OF_PULLS: usize = 50;

/// The pages of a diffstat, unless somebody asks for shorter ones.
pub(super) const LENGTH_OF_DIFFSTATS: usize = 500;

/// One page of `items`, after `q` and `sort` of the query.
pub(super) fn page(
    world: &World,
    request: &Request,
    items: Vec<Value>,
    longest: usize,
) -> Response {
    let default = if longest == LENGTH_OF_DIFFSTATS {
        longest
    } else {
        DEFAULT_LENGTH
    };
    let items = match query::apply(request, items) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let number = |name: &str, default: usize| match request.param(name) {
        None => Some(default),
        Some(text) => text.parse::<usize>().ok().filter(|number| *number > 0),
    };
    let Some(length) = number("pagelen", default).filter(|own| *own <= longest) else {
        return error(400, "Invalid pagelen");
    };
    let last = items.len().div_ceil(length).max(1);
    let Some(page) = number("page", 1).filter(|page| *page <= last) else {
        return error(404, "Invalid page");
    };
    let size = items.len();
    let from = (page - 1) * length;
    let values: Vec<Value> = items.into_iter().skip(from).take(length).collect();
    let mut body = json!({ "values": values, "pagelen": length, "page": page, "size": size });
    if page < last {
        put(&mut body, "next", json!(address(world, request, page + 1)));
    }
    if page > 1 {
        let previous = address(world, request, page - 1);
        put(&mut body, "previous", json!(previous));
    }
    Response::ok(body)
}

fn address(world: &World, request: &Request, page: usize) -> String {
    let rest = query_without(request, &["page"]);
    let start = format!("{}{}", world.site.api, encoded(&request.path));
    if rest.is_empty() {
        format!("{start}?page={page}")
    } else {
        format!("{start}?{rest}&page={page}")
    }
}

/// The query of a call, without some of its parameters.
pub(super) fn query_without(request: &Request, names: &[&str]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let kept = request.query.iter();
    for (name, value) in kept.filter(|(name, _)| !names.contains(&name.as_str())) {
        query.append_pair(name, value);
    }
    query.finish()
}

/// A path with everything percent-encoded that a path cannot hold, such as the braces of UUIDs.
fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| {
            let plain = byte.is_ascii_alphanumeric() || b"/-._~:@+".contains(&byte);
            if plain {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
