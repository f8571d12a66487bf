//! What all answers have in common.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::access::Caller;
use super::throttle;
use crate::fake::{Request, Response, http_date};
use crate::gitlab::world::World;

/// GitLab's usual way to say what went wrong.
pub(super) fn error(status: u16, message: &str) -> Response {
    Response::new(status, json!({ "message": message }))
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
    let tag = digest.get(..32).unwrap_or_default().to_owned();
    let known = request
        .header("if-none-match")
        .is_some_and(|tags| tags.contains(&tag));
    let mut response = response.with("etag", format!("W/\"{tag}\""));
    if known {
        response.status = 304;
        response.body = None;
    }
    response
}

/// Adds the headers every answer has.
pub(in crate::gitlab) fn dress(
    world: &mut World,
    caller: Option<&Caller>,
    response: Response,
) -> Response {
    let now = world.clock.now();
    let response = response
        .with("date", http_date(now))
        .with("server", "nginx")
        .with("cache-control", "max-age=0, private, must-revalidate")
        .with("vary", "Origin")
        .with("x-request-id", world.next_uuid());
    let limited = response.header("ratelimit-limit").is_some();
    let Some(caller) = caller.filter(|_| !limited) else {
        return response;
    };
    throttle::headers(world, &caller.token.value)
        .into_iter()
        .fold(response, |response, (name, value)| {
            response.with(name, value)
        })
}
