//! What all answers have in common: Bitbucket's way to say no, and its headers.

use serde_json::json;

use super::access::{Caller, identify};
use super::throttle;
use crate::bitbucket::model::TokenKind;
use crate::bitbucket::world::World;
use crate::fake::{FaultKind, Problem, Request, Response, http_date};

/// Where Bitbucket tells why an endpoint is gone.
const ANNOUNCEMENT: &str = "https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770";

/// Bitbucket's way to say what went wrong.
pub(super) fn error(status: u16, message: &str) -> Response {
    Response::new(
        status,
        json!({ "type": "error", "error": { "message": message } }),
    )
}

/// 404, also for what the caller may not see.
pub(super) fn not_found() -> Response {
    error(
        404,
        "You may not have access to this repository or it no longer exists in this workspace. If \
         you think this repository exists and you have access, make sure you are authenticated.",
    )
}

/// 410: lists over all workspaces ended in 2026.
pub(super) fn gone() -> Response {
    Response::new(
        410,
        json!({
            "type": "error",
            "error": {
                "message": "CHANGE-2770 - Functionality has been deprecated",
                "detail": "Please read the changelog entry for more details.",
                "data": { "announcement_url": ANNOUNCEMENT },
            },
            "data": { "announcement_url": ANNOUNCEMENT },
        }),
    )
}

/// 400 with the field that is wrong.
pub(super) fn invalid(field: &str, why: &str) -> Response {
    Response::new(
        400,
        json!({
            "type": "error",
            "error": { "message": format!("{field}: {why}"), "fields": { field: [why] } },
        }),
    )
}

/// What the world refused.
pub(super) fn refused(problem: &Problem) -> Response {
    match problem {
        Problem::Missing(_) => error(404, &problem.to_string()),
        Problem::Refused(why) => error(400, why),
    }
}

/// Adds the headers every answer has.
pub(super) fn dress(world: &mut World, caller: Option<&Caller>, response: Response) -> Response {
    let response = response
        .with("date", http_date(world.clock.now()))
        .with("server", "AtlassianEdge")
        .with("x-request-id", world.next_uuid());
    let Some(caller) = caller else {
        return response.with("www-authenticate", "Basic realm=\"Bitbucket.org HTTP\"");
    };
    let scopes: Vec<&str> = caller.token.granted().into_iter().collect();
    let response = response.with("x-oauth-scopes", scopes.join(", "));
    match caller.token.kind {
        TokenKind::Api => response.with("x-credential-type", "apitoken"),
        TokenKind::Repository(_) | TokenKind::Workspace(_) => throttle::headers(world, caller)
            .into_iter()
            .fold(response, |response, (name, value)| {
                response.with(name, value)
            })
            .with("x-credential-type", "accesstoken"),
    }
}

/// The refusal a fault stands for.
pub(in crate::bitbucket) fn refuse(
    world: &mut World,
    request: &Request,
    kind: &FaultKind,
) -> Response {
    let response = match kind {
        FaultKind::Unauthorized => unauthorized(),
        // Bitbucket has one refusal for all limits, and does not say how long to wait.
        FaultKind::SecondaryLimit { .. }
        | FaultKind::PrimaryLimit { .. }
        | FaultKind::TooManyRequests { .. } => throttle::refusal(),
        FaultKind::Status(status) => error(*status, message(*status)),
        // These three answer, if at all, with the real answer.
        FaultKind::Slow(_) | FaultKind::Hangup | FaultKind::Silence => Response::empty(500),
    };
    let caller = identify(world, request).ok();
    dress(world, caller.as_ref(), response)
}

/// 401.
pub(super) fn unauthorized() -> Response {
    error(
        401,
        "Token is invalid, expired, or not supported for this endpoint.",
    )
}

fn message(status: u16) -> &'static str {
    match status {
        404 => "Resource not found",
        409 => "A ref changed while the pull request was being merged.",
        500 => "Something went wrong",
        502 | 503 => "Bitbucket is not available right now",
        555 => "The merge took too long and timed out.",
        _ => "Something went wrong",
    }
}
