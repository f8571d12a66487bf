//! Nothing that a genuine sender can put into a body makes the parser panic.

mod common;
mod documents;

use std::sync::LazyLock;

use common::{deliver, github_webhooks};
use documents::{anything, replace, size};
use proptest::prelude::*;
use serde_json::Value;

const USED: [&str; 7] = [
    "pull_request",
    "pull_request_review",
    "check_run",
    "check_suite",
    "status",
    "push",
    "ping",
];

static RECORDINGS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(recordings);

fn recordings() -> Vec<(String, Vec<u8>)> {
    let recorded = github_webhooks();
    let mut used: Vec<(String, Vec<u8>)> = recorded
        .into_iter()
        .filter(|recording| USED.contains(&recording.event.as_str()))
        .map(|recording| (recording.event, recording.body))
        .collect();
    // Without the recordings, something is still tried.
    used.push(("push".to_owned(), br#"{"ref":"refs/heads/main"}"#.to_vec()));
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
        let mut form = b"payload=".to_vec();
        form.extend(bytes);
        let _ = deliver(event, &form);
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
