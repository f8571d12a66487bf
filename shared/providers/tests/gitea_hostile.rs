//! Nothing that a genuine sender can put into a body makes the parser of Gitea's deliveries panic.

mod common;
mod documents;
mod gitea_support;

use std::sync::LazyLock;

use documents::{anything, replace, size};
use gitea_support::{deliver, gitea_webhooks};
use proptest::prelude::*;
use serde_json::{Value, json};

const USED: [&str; 9] = [
    "pull_request",
    "pull_request_approved",
    "pull_request_rejected",
    "pull_request_comment",
    "issue_comment",
    "status",
    "push",
    "delete",
    "repository",
];

static RECORDINGS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(recordings);

fn recordings() -> Vec<(String, Vec<u8>)> {
    let mut used: Vec<(String, Vec<u8>)> = gitea_webhooks()
        .into_iter()
        .filter(|recording| USED.contains(&recording.event.as_str()))
        .map(|recording| (recording.event, recording.body))
        .collect();
    // There is no recording of a status.
    let status = json!({
        "id": 7, "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "context": "ci/build",
        "state": "success", "target_url": "https://ci.example/7", "description": "",
        "created_at": "2026-01-05T09:00:00Z", "updated_at": null,
        "commit": {"id": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}, "repository": {"id": 1},
    });
    used.push(("status".to_owned(), status.to_string().into_bytes()));
    used
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
    let body = format!(r#"{{"action":"opened","pull_request":{deep}}}"#);
    let _ = deliver("pull_request", body.as_bytes());
    let unused = format!(r#"{{"ref":"refs/heads/main","commits":{deep}}}"#);
    let _ = deliver("push", unused.as_bytes());
}
