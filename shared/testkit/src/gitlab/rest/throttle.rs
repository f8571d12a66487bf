//! Rate limits: calls per minute and token, as gitlab.com counts them.
//! <https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers>

use serde_json::json;

use crate::fake::{Response, http_date};
use crate::gitlab::world::{Usage, World};

const WINDOW_SECONDS: i64 = 60;

/// Counts one call; the refusal once nothing is left.
pub(in crate::gitlab) fn count(world: &mut World, token: &str) -> Option<Response> {
    let limit = world.calls_per_minute;
    let now = world.clock.now().as_second();
    let usage = window(world, token);
    usage.calls += 1;
    let (over, reset) = (usage.calls > limit, usage.reset);
    over.then(|| nothing_left(world, token, (reset - now).max(1)))
}

/// 429 in plain words, with the seconds to wait.
pub(super) fn nothing_left(world: &mut World, token: &str, wait: i64) -> Response {
    let refusal = Response::new(429, json!({ "message": { "error": "Retry later" } }))
        .with("retry-after", wait.to_string());
    let headers = headers(world, token).into_iter();
    headers.fold(refusal, |refusal, (name, value)| {
        let value = if name == "ratelimit-remaining" {
            "0".to_owned()
        } else {
            value
        };
        refusal.with(name, value)
    })
}

/// The `RateLimit-*` headers.
pub(super) fn headers(world: &mut World, token: &str) -> Vec<(&'static str, String)> {
    let limit = world.calls_per_minute;
    let usage = window(world, token).clone();
    let end = jiff::Timestamp::from_second(usage.reset).unwrap_or_default();
    vec![
        ("ratelimit-limit", limit.to_string()),
        ("ratelimit-name", "throttle_authenticated_api".to_owned()),
        ("ratelimit-observed", usage.calls.to_string()),
        (
            "ratelimit-remaining",
            limit.saturating_sub(usage.calls).to_string(),
        ),
        ("ratelimit-reset", usage.reset.to_string()),
        ("ratelimit-resettime", http_date(end)),
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
