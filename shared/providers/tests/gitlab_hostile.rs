//! Nothing that a genuine GitLab can put into a body makes the parser panic.

mod gitlab_common;

use std::sync::LazyLock;

use gitlab_common::{deliver, kind, webhooks};
use proptest::prelude::*;
use serde_json::{Value, json};

const USED: [&str; 6] = [
    "Merge Request Hook",
    "Note Hook",
    "Pipeline Hook",
    "Push Hook",
    "System Hook",
    "Job Hook",
];

static RECORDINGS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(recordings);

fn recordings() -> Vec<(String, Vec<u8>)> {
    let mut used: Vec<(String, Vec<u8>)> = webhooks()
        .into_iter()
        .filter(|recording| USED.contains(&recording.event.as_str()))
        .map(|recording| (recording.event, recording.body))
        .collect();
    // Without the recordings, something is still tried.
    let push = br#"{"ref":"refs/heads/main"}"#;
    used.push(("Push Hook".to_owned(), push.to_vec()));
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
        Just(Value::from("9999-12-31 23:59:59 UTC")),
        Just(Value::from("-009999-01-01T00:00:00Z")),
        Just(Value::from(" UTC")),
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
    for (event, body) in [
        (
            "Merge Request Hook",
            format!(r#"{{"object_attributes":{deep}}}"#),
        ),
        (
            "Merge Request Hook",
            format!(r#"{{"changes":{{"title":{deep}}}}}"#),
        ),
        (
            "Push Hook",
            format!(r#"{{"ref":"refs/heads/main","commits":{deep}}}"#),
        ),
        (
            "System Hook",
            format!(r#"{{"event_name":"push","x":{deep}}}"#),
        ),
        ("Job Hook", deep.clone()),
    ] {
        let _ = deliver(event, body.as_bytes());
    }
}

#[test]
fn texts_are_bounded_whatever_is_sent() {
    let long = "ä".repeat(1_000_000);
    let labels: Vec<Value> = (0..5_000)
        .map(|n| json!({ "title": format!("l{n}") }))
        .collect();
    let body = json!({
        "object_kind": "merge_request",
        "user": { "id": 7, "username": "ada" },
        "project": { "id": 1 },
        "object_attributes": {
            "id": 9, "iid": 3, "action": "open", "state": "opened", "author_id": 7,
            "title": long, "description": long, "url": long,
            "source_branch": "feature", "target_branch": "main",
            "source_project_id": 1, "target_project_id": 1,
            "created_at": "2026-01-05 09:00:01 UTC", "updated_at": "2026-01-05 09:00:01 UTC",
            "last_commit": { "id": "a".repeat(40) },
        },
        "labels": labels,
    });
    let outcome = deliver("Merge Request Hook", &serde_json::to_vec(&body).unwrap());
    assert_eq!(kind(&outcome), "pull_request_seen");
    assert!(format!("{outcome:?}").len() < 64 * 1024);
}
