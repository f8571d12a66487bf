//! Putting JSON together.

use serde_json::Value;

/// Sets one key of an object.
pub(crate) fn put(body: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = body {
        map.insert(key.to_owned(), value);
    }
}

/// Puts all of `more` into `value`, replacing what is there. Both are objects.
pub(crate) fn merge(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}

/// The strings of a list; `None` where there is no list.
pub(crate) fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let items = value?.as_array()?.iter();
    let texts = items.filter_map(Value::as_str).map(str::to_owned);
    Some(texts.collect())
}
