//! The answers of faults: what GitLab says when it refuses.

use super::access::identify;
use super::answer::{dress, error};
use super::throttle::nothing_left;
use crate::fake::{FaultKind, Request, Response};
use crate::gitlab::world::World;

/// The refusal a fault stands for. GitLab knows one kind of limit: 429.
pub(in crate::gitlab) fn refuse(
    world: &mut World,
    request: &Request,
    kind: &FaultKind,
) -> Response {
    let caller = identify(world, request).ok();
    let token = caller.as_ref().map(|caller| caller.token.value.clone());
    let token = token.unwrap_or_default();
    let response = match kind {
        FaultKind::Unauthorized => error(401, "401 Unauthorized"),
        FaultKind::SecondaryLimit { retry_after } | FaultKind::TooManyRequests { retry_after } => {
            nothing_left(world, &token, seconds(*retry_after))
        }
        FaultKind::PrimaryLimit { reset_in } => nothing_left(world, &token, seconds(*reset_in)),
        FaultKind::Status(status) => error(*status, message(*status)),
        // These three answer, if at all, with the real answer.
        FaultKind::Slow(_) | FaultKind::Hangup | FaultKind::Silence => Response::empty(500),
    };
    dress(world, caller.as_ref(), response)
}

fn seconds(wait: u64) -> i64 {
    i64::try_from(wait).unwrap_or(i64::MAX)
}

fn message(status: u16) -> &'static str {
    match status {
        403 => "403 Forbidden",
        404 => "404 Not found",
        500 => "500 Internal Server Error",
        502 => "502 Bad Gateway",
        503 => "503 Service Unavailable",
        _other => "Something went wrong",
    }
}
