//! Rate limits: an hourly budget per token. Only access tokens are told about it, and nobody how
//! long to wait (support.atlassian.com, "API request limits").

use super::access::Caller;
use super::answer::error;
use crate::bitbucket::world::{Usage, World};
use crate::fake::Response;

/// Calls per hour and token.
pub const HOURLY_BUDGET: u64 = 1_000;

const WINDOW_SECONDS: i64 = 3_600;

/// `X-RateLimit-NearLimit` tells when less than a fifth is left.
const NEAR: u64 = HOURLY_BUDGET / 5;

/// Counts one call.
pub(super) fn charge(world: &mut World, caller: &Caller) {
    window(world, &caller.token.value).calls += 1;
}

/// The refusal once nothing is left.
pub(super) fn exhausted(world: &mut World, caller: &Caller) -> Option<Response> {
    let usage = window(world, &caller.token.value);
    (usage.calls >= HOURLY_BUDGET).then(refusal)
}

/// 429.
pub(super) fn refusal() -> Response {
    error(429, "Rate limit for this resource has been exceeded")
}

/// What an access token is told.
pub(super) fn headers(world: &mut World, caller: &Caller) -> Vec<(&'static str, String)> {
    let left = HOURLY_BUDGET.saturating_sub(window(world, &caller.token.value).calls);
    vec![
        ("x-ratelimit-limit", HOURLY_BUDGET.to_string()),
        ("x-ratelimit-resource", "api".to_owned()),
        ("x-ratelimit-nearlimit", (left < NEAR).to_string()),
    ]
}

/// The token's present window, begun anew if the last one is over.
fn window<'a>(world: &'a mut World, token: &str) -> &'a mut Usage {
    let now = world.clock.now().as_second();
    let usage = world.usage.entry(token.to_owned()).or_default();
    if usage.reset <= now {
        *usage = Usage {
            calls: 0,
            reset: now + WINDOW_SECONDS,
        };
    }
    usage
}
