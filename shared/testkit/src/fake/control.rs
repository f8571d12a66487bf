//! The control API below `/_fake`: how `scripts/demo` and a curious person drive a fake.

use std::time::Duration;

use serde_json::{Value, json};

use super::faults::{FaultKind, Matcher};
use super::http::{Request, Response};
use super::hub::Hub;
use super::world::{FakeWorld, Problem};

/// Answers one call of the control API.
pub(super) fn answer<W: FakeWorld>(hub: &Hub<W>, request: &Request) -> Response {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_fake/state") => Response::ok(hub.lock().world.overview()),
        ("GET", "/_fake/calls") => Response::ok(json!(hub.lock().record.calls())),
        ("POST", "/_fake/verb") => verb(hub, &request.json()),
        ("POST", "/_fake/faults") => fault(hub, &request.json()),
        ("POST", "/_fake/deliveries") => deliveries(hub, &request.json()),
        ("POST", "/_fake/living") => living(hub, &request.json()),
        _ => refusal(404, "there is no such order"),
    }
}

fn refusal(status: u16, message: &str) -> Response {
    Response::new(status, json!({ "message": message }))
}

fn verb<W: FakeWorld>(hub: &Hub<W>, order: &Value) -> Response {
    match hub.change(|world| world.obey(order)) {
        Ok(told) => Response::ok(json!({ "done": told })),
        Err(Problem::Missing(what)) => refusal(404, &format!("there is no {what}")),
        Err(Problem::Refused(why)) => refusal(422, &why),
    }
}

fn text<'a>(order: &'a Value, key: &str) -> Option<&'a str> {
    order.get(key).and_then(Value::as_str)
}

fn fault<W: FakeWorld>(hub: &Hub<W>, order: &Value) -> Response {
    let seconds = order.get("seconds").and_then(Value::as_u64).unwrap_or(60);
    let kind = match text(order, "kind").unwrap_or_default() {
        "unauthorized" => FaultKind::Unauthorized,
        "secondary-limit" => FaultKind::SecondaryLimit {
            retry_after: seconds,
        },
        "primary-limit" => FaultKind::PrimaryLimit { reset_in: seconds },
        "too-many" => FaultKind::TooManyRequests {
            retry_after: seconds,
        },
        "down" => FaultKind::Status(503),
        "slow" => FaultKind::Slow(Duration::from_secs(seconds)),
        "hangup" => FaultKind::Hangup,
        "silence" => FaultKind::Silence,
        "none" => {
            hub.lock().faults.clear();
            return Response::ok(json!({ "done": "all faults are healed" }));
        }
        other => return refusal(422, &format!("there is no fault {other:?}")),
    };
    let matcher = Matcher {
        method: text(order, "method").map(str::to_uppercase),
        path: text(order, "path").map(str::to_owned),
        operation: text(order, "operation").map(str::to_owned),
    };
    let times = order.get("times").and_then(Value::as_u64).unwrap_or(1);
    hub.lock()
        .faults
        .add(matcher, kind, u32::try_from(times).unwrap_or(u32::MAX));
    Response::ok(json!({ "done": format!("the next {times} matching calls fail") }))
}

fn deliveries<W: FakeWorld>(hub: &Hub<W>, order: &Value) -> Response {
    let count = order.get("count").and_then(Value::as_u64).unwrap_or(1);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut state = hub.lock();
    match text(order, "action").unwrap_or_default() {
        "hold" => state.courier.set_held(true),
        "release" => state.courier.set_held(false),
        "lose" => state.courier.lose(count),
        "double" => state.courier.double(count),
        "shuffle" => state.courier.shuffle(u64::from(count)),
        other => return refusal(422, &format!("there is no action {other:?}")),
    }
    drop(state);
    hub.wake.notify_one();
    Response::ok(json!({ "done": "deliveries are told" }))
}

fn living<W: FakeWorld>(hub: &Hub<W>, order: &Value) -> Response {
    let on = order.get("on").and_then(Value::as_bool).unwrap_or(true);
    hub.lock().living = on;
    Response::ok(json!({ "done": if on { "the demo lives" } else { "the demo stands still" } }))
}
