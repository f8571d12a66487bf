//! The answers of faults: what GitHub says when it refuses.

use serde_json::json;

use super::access::identify;
use super::answer::{Request, Response, dress, error};
use super::throttle::nothing_left;
use crate::fake::FaultKind;
use crate::github::world::World;

/// The refusal a fault stands for.
pub(in crate::github) fn refuse(
    world: &mut World,
    request: &Request,
    kind: &FaultKind,
) -> Response {
    let now = world.clock.now().as_second();
    let resource = if request.path == "/graphql" {
        "graphql"
    } else {
        "core"
    };
    let response = match kind {
        FaultKind::Unauthorized => error(401, "Bad credentials"),
        // GraphQL may say it in a 200.
        FaultKind::SecondaryLimit { retry_after } if resource == "graphql" => {
            secondary(200, *retry_after)
        }
        FaultKind::SecondaryLimit { retry_after } => secondary(403, *retry_after),
        FaultKind::TooManyRequests { retry_after } => secondary(429, *retry_after),
        FaultKind::PrimaryLimit { reset_in } => {
            nothing_left(resource, now.saturating_add_unsigned(*reset_in))
        }
        FaultKind::Status(status) => error(*status, message(*status)),
        // These three answer, if at all, with the real answer.
        FaultKind::Slow(_) | FaultKind::Hangup | FaultKind::Silence => Response::empty(500),
    };
    let caller = identify(world, request).ok();
    dress(world, request, caller.as_ref(), response)
}

fn secondary(status: u16, retry_after: u64) -> Response {
    let body = json!({
        "documentation_url": "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
        "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    });
    Response::new(status, body).with("retry-after", retry_after.to_string())
}

fn message(status: u16) -> &'static str {
    match status {
        404 => "Not Found",
        500 => "Server Error",
        502 => "Bad Gateway",
        503 => "Service unavailable",
        504 => "We couldn't respond to your request in time.",
        _ => "Something went wrong",
    }
}
