//! Nothing that a genuine sender can put into a body makes Bitbucket's parser panic.

mod bitbucket_common;

use std::sync::LazyLock;

use bitbucket_common::{deliver, recordings as recorded};
use proptest::prelude::*;
use serde_json::Value;

const USED: [&str; 7] = [
    "pullrequest:updated",
    "pullrequest:approved",
    "pullrequest:comment_created",
    "repo:commit_status_updated",
    "repo:push",
    "repo:updated",
    "issue:created",
];

static RECORDINGS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(recordings);

fn recordings() -> Vec<(String, Vec<u8>)> {
    let recorded = recorded("webhook");
    let mut used: Vec<(String, Vec<u8>)> = recorded
        .into_iter()
        .filter(|recording| !recording.event.starts_with("issue:"))
        .map(|recording| (recording.event, recording.body))
        .collect();
    // Without the recordings, something is still tried.
    used.push((
        "repo:push".to_owned(),
        br#"{"push":{"changes":[{}]},"repository":{"uuid":"{}"}}"#.to_vec(),
    ));
    used
}

/// Puts `with` where the `at`-th value of the document is.
fn replace(document: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *document = with.clone();
    }
    *at = at.wrapping_sub(1);
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, with)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| replace(field, at, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn size(document: &Value) -> usize {
    1 + match document {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(Value::from("0".repeat(40))),
        Just(Value::from("9999-12-31T23:59:59Z")),
        Just(Value::from("-009999-01-01T00:00:00Z")),
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_value_replaced(pick: prop::sample::Index, at: prop::sample::Index, with in anything()) {
        let (event, body) = pick.get(&RECORDINGS);
        let mut document: Value = serde_json::from_slice(body).unwrap();
        let mut at = at.index(size(&document));
        replace(&mut document, &mut at, &with);
        let _ = deliver(event, &serde_json::to_vec(&document).unwrap());
    }

    #[test]
    fn a_body_cut_short(pick: prop::sample::Index, at: prop::sample::Index) {
        let (event, body) = pick.get(&RECORDINGS);
        let end = at.index(body.len());
        let _ = deliver(event, &body[..end]);
    }

    #[test]
    fn a_byte_flipped(pick: prop::sample::Index, at: prop::sample::Index, byte: u8) {
        let (event, body) = pick.get(&RECORDINGS);
        let mut body = body.clone();
        let at = at.index(body.len());
        body[at] = byte;
        let _ = deliver(event, &body);
    }

    #[test]
    fn a_body_under_another_event(pick: prop::sample::Index, event in prop::sample::select(&USED[..])) {
        let (_, body) = pick.get(&RECORDINGS);
        let _ = deliver(event, body);
    }

    #[test]
    fn any_json_and_any_bytes(event in prop::sample::select(&USED[..]), value in anything(), bytes: Vec<u8>) {
        let _ = deliver(event, &serde_json::to_vec(&value).unwrap());
        let _ = deliver(event, &bytes);
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!(r#"{{"pullrequest":{deep}}}"#);
    let _ = deliver("pullrequest:updated", body.as_bytes());
    let unused = format!(r#"{{"push":{{"changes":[]}},"actor":{deep}}}"#);
    let _ = deliver("repo:push", unused.as_bytes());
}
