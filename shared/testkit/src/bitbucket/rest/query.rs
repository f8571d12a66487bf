//! `q` and `sort`, as far as they are used: comparisons joined by `OR` in parentheses, and by `AND`.

use std::cmp::Ordering;

use serde_json::Value;

use super::answer::error;
use crate::fake::{Request, Response};

/// The comparisons, the longer signs first.
const SIGNS: [&str; 7] = ["!=", ">=", "<=", "=", ">", "<", "~"];

struct Condition<'a> {
    field: &'a str,
    sign: &'a str,
    value: &'a str,
}

/// Keeps what `q` asks for, in the order `sort` asks for; 400 for what cannot be understood.
pub(super) fn apply(request: &Request, mut items: Vec<Value>) -> Result<Vec<Value>, Response> {
    if let Some(text) = request.param("q") {
        let either = |part| str::split(part, " OR ").map(parse).collect();
        let all: Option<Vec<Vec<Condition<'_>>>> = text.split(" AND ").map(either).collect();
        let all = all.ok_or_else(|| error(400, "Invalid query"))?;
        let any_holds = |item: &Value, either: &[Condition<'_>]| {
            either.iter().any(|condition| holds(item, condition))
        };
        items.retain(|item| all.iter().all(|either| any_holds(item, either)));
    }
    if let Some(sort) = request.param("sort") {
        let (field, down) = sort
            .strip_prefix('-')
            .map_or((sort, false), |field| (field, true));
        items.sort_by(|one, other| {
            let order = compare(at(one, field), at(other, field));
            if down { order.reverse() } else { order }
        });
    }
    Ok(items)
}

fn parse(text: &str) -> Option<Condition<'_>> {
    let sign = SIGNS
        .iter()
        .filter_map(|sign| text.find(sign).map(|place| (place, *sign)))
        .min_by_key(|(place, sign)| (*place, std::cmp::Reverse(sign.len())));
    let (place, sign) = sign?;
    let (field, rest) = text.split_at_checked(place)?;
    let value = rest.strip_prefix(sign)?.trim();
    let value = value.trim_matches(['(', ')']).trim_matches('"');
    let field = field.trim().trim_matches(['(', ')']);
    (!field.is_empty()).then_some(Condition { field, sign, value })
}

fn holds(item: &Value, condition: &Condition<'_>) -> bool {
    let own = at(item, condition.field);
    let text = match own {
        Value::String(text) => text.clone(),
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => own.to_string(),
    };
    let order = match (own.as_u64(), condition.value.parse::<u64>()) {
        (Some(own), Ok(wanted)) => own.cmp(&wanted),
        (None, _) | (_, Err(_)) => text.as_str().cmp(condition.value),
    };
    match condition.sign {
        "=" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        _contains => text
            .to_lowercase()
            .contains(&condition.value.to_lowercase()),
    }
}

fn at<'a>(item: &'a Value, field: &str) -> &'a Value {
    field
        .split('.')
        .fold(item, |value, key| value.get(key).unwrap_or(&Value::Null))
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one.as_u64(), other.as_u64()) {
        (Some(one), Some(other)) => one.cmp(&other),
        (None | Some(_), None) | (None, Some(_)) => {
            one.as_str().unwrap_or("").cmp(other.as_str().unwrap_or(""))
        }
    }
}
