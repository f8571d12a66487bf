//! Rate limits: hourly budgets per token, as GitHub counts them.

use serde_json::{Value, json};

use super::answer::{Response, error};
use crate::github::world::{Usage, World};

/// REST calls, and GraphQL points, per hour and token.
pub const HOURLY_BUDGET: u64 = 5_000;

const WINDOW_SECONDS: i64 = 3_600;

/// Counts one REST call.
pub(super) fn charge_call(world: &mut World, token: &str) {
    window(world, token).core += 1;
}

/// Counts GraphQL points.
pub(in crate::github) fn charge_points(world: &mut World, token: &str, points: u64) {
    window(world, token).graphql += points;
}

/// The refusal once nothing is left of the budget of a resource, `core` or `graphql`.
pub(in crate::github) fn exhausted(
    world: &mut World,
    token: &str,
    resource: &str,
) -> Option<Response> {
    let usage = window(world, token);
    let used = if resource == "graphql" {
        usage.graphql
    } else {
        usage.core
    };
    (used >= HOURLY_BUDGET).then(|| nothing_left(resource, usage.reset))
}

/// REST refuses with 403; GraphQL answers 200 and says so in an error.
pub(super) fn nothing_left(resource: &str, reset: i64) -> Response {
    let message = "API rate limit exceeded for user ID 1001.";
    let response = if resource == "graphql" {
        Response::ok(json!({ "errors": [{ "type": "RATE_LIMITED", "message": message }] }))
    } else {
        error(403, message)
    };
    response
        .with("x-ratelimit-limit", HOURLY_BUDGET.to_string())
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-used", HOURLY_BUDGET.to_string())
        .with("x-ratelimit-reset", reset.to_string())
        .with("x-ratelimit-resource", resource)
}

/// The `x-ratelimit-*` headers.
pub(super) fn headers(
    world: &mut World,
    token: &str,
    resource: &str,
) -> Vec<(&'static str, String)> {
    let usage = window(world, token).clone();
    let used = if resource == "graphql" {
        usage.graphql
    } else {
        usage.core
    };
    vec![
        ("x-ratelimit-limit", HOURLY_BUDGET.to_string()),
        (
            "x-ratelimit-remaining",
            HOURLY_BUDGET.saturating_sub(used).to_string(),
        ),
        ("x-ratelimit-used", used.to_string()),
        ("x-ratelimit-reset", usage.reset.to_string()),
        ("x-ratelimit-resource", resource.to_owned()),
    ]
}

/// What `GET /rate_limit` answers; the call itself is free.
pub(super) fn overview(world: &mut World, token: &str) -> Response {
    let usage = window(world, token).clone();
    let core = budget(&usage, usage.core);
    let graphql = budget(&usage, usage.graphql);
    Response::ok(json!({
        "resources": { "core": core, "graphql": graphql, "search": budget(&usage, 0) },
        "rate": core,
    }))
}

fn budget(usage: &Usage, used: u64) -> Value {
    json!({
        "limit": HOURLY_BUDGET,
        "used": used,
        "remaining": HOURLY_BUDGET.saturating_sub(used),
        "reset": usage.reset,
    })
}

/// The token's present window, begun anew if the last one is over.
fn window<'a>(world: &'a mut World, token: &str) -> &'a mut Usage {
    let now = world.clock.now().as_second();
    let usage = world.usage.entry(token.to_owned()).or_default();
    if usage.reset <= now {
        *usage = Usage {
            core: 0,
            graphql: 0,
            reset: now + WINDOW_SECONDS,
        };
    }
    usage
}
