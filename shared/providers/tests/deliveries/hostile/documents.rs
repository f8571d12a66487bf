//! JSON that nobody would send.

use proptest::prelude::*;
use serde_json::Value;

/// How many values a document has, itself included.
pub fn size(document: &Value) -> usize {
    1 + children(document).into_iter().map(size).sum::<usize>()
}

fn children(document: &Value) -> Vec<&Value> {
    match document {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn children_mut(document: &mut Value) -> Vec<&mut Value> {
    match document {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The value at a place, counted in the order of writing.
pub fn at(document: &Value, place: usize) -> Option<&Value> {
    let mut rest = place;
    if rest == 0 {
        return Some(document);
    }
    rest -= 1;
    for child in children(document) {
        let within = size(child);
        if rest < within {
            return at(child, rest);
        }
        rest -= within;
    }
    None
}

fn at_mut(document: &mut Value, place: usize) -> Option<&mut Value> {
    let mut rest = place;
    if rest == 0 {
        return Some(document);
    }
    rest -= 1;
    for child in children_mut(document) {
        let within = size(child);
        if rest < within {
            return at_mut(child, rest);
        }
        rest -= within;
    }
    None
}

/// Puts `with` at a place.
pub fn replace(document: &mut Value, place: usize, with: &Value) {
    if let Some(found) = at_mut(document, place) {
        found.clone_from(with);
    }
}

/// Takes away a key of the object at a place, or the place's value where it is none.
pub fn remove(document: &mut Value, place: usize) {
    match at_mut(document, place) {
        Some(Value::Object(fields)) => {
            let key = fields.keys().nth(place % fields.len().max(1)).cloned();
            key.map(|key| fields.remove(&key));
        }
        Some(other) => *other = Value::Null,
        None => {}
    }
}

/// Shows every text under a key.
pub fn each_text(document: &mut Value, show: &mut impl FnMut(&str, &mut String)) {
    match document {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) => show(key, text),
                    Value::Object(_) | Value::Array(_) => each_text(value, show),
                    Value::Null | Value::Bool(_) | Value::Number(_) => {}
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, show)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Any JSON, with the numbers, times and texts that parsers stumble over.
pub fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
        Just(Value::from("ä".repeat(20_000))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,12}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

const TEXTS: &[&str] = &[
    "",
    " ",
    " UTC",
    "0000000000000000000000000000000000000000",
    "9999-12-31T23:59:59Z",
    "9999-12-31 23:59:59 UTC",
    "-009999-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "refs/heads/",
    "refs/tags/v1",
    "{}",
    "{00000000-0000-0000-0000-000000000000}",
    "https://[::1",
    "\u{0}",
    "\u{202e}",
];
