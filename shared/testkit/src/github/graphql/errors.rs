//! Execution errors, as GitHub words and places them.

use serde_json::{Value, json};

use super::resolve::DENIED;
use crate::github::events::put;

/// Gives each error GitHub's `type`. What was denied as a whole becomes one error at its place,
/// and null there.
pub(super) fn settle(answer: &mut Value, errors: Vec<Value>) -> Vec<Value> {
    let mut settled: Vec<Value> = Vec::new();
    for mut error in errors {
        let message = error
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let message = message.strip_prefix("resolver error: ").unwrap_or(message);
        let denied = message.strip_prefix(DENIED).map(str::to_owned);
        let message = denied.clone().unwrap_or_else(|| message.to_owned());
        if denied.is_some() {
            let place = place_around(&error);
            nullify(answer, &place);
            put(&mut error, "path", Value::Array(place));
        }
        if let Some(kind) = kind_of(&message) {
            put(&mut error, "type", json!(kind));
        }
        put(&mut error, "message", json!(message));
        let path = error.get("path").cloned();
        if denied.is_none()
            || !settled
                .iter()
                .any(|other| other.get("path") == path.as_ref())
        {
            settled.push(error);
        }
    }
    settled
}

fn kind_of(message: &str) -> Option<&'static str> {
    if message.starts_with("Could not resolve") {
        Some("NOT_FOUND")
    } else if message.starts_with("Resource not accessible") {
        Some("FORBIDDEN")
    } else {
        None
    }
}

/// The path of the list item in which an error happened: up to the last index.
fn place_around(error: &Value) -> Vec<Value> {
    let path = error
        .get("path")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let end = path
        .iter()
        .rposition(Value::is_number)
        .map_or(0, |last| last + 1);
    path.into_iter().take(end).collect()
}

fn nullify(answer: &mut Value, path: &[Value]) {
    let mut place = answer.get_mut("data");
    for step in path {
        place = place.and_then(|value| match step {
            Value::String(key) => value.get_mut(key),
            Value::Number(index) => {
                let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| value.get_mut(index))
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
    }
    if let Some(value) = place {
        *value = Value::Null;
    }
}
