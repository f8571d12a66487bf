//! What the tests of GitLab's deliveries share.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail the way tests do, and say what they skip"
)]

use std::{collections::BTreeMap, path::PathBuf};

use ampel_domain::{provider::Provider, secret::Secret};
use ampel_providers::webhook::{self, ParseError, Parsed};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

/// The token that deliveries of the tests carry.
pub const TOKEN: &str = "a secret of the tests";
/// When they are sent, as their header says.
pub const SENT_AT: i64 = 1_767_603_601;

/// The recorded payloads, where they are.
pub fn corpus() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if path.is_dir() {
        Some(path)
    } else {
        eprintln!("skipped: there is no ../shared/corpus");
        None
    }
}

/// A line of the corpus' list.
#[derive(Debug, Clone)]
pub struct Recording {
    pub event: String,
    pub file: String,
    pub body: Vec<u8>,
}

/// GitLab's webhooks in the corpus.
pub fn webhooks() -> Vec<Recording> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    manifest
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[0] == "gitlab" && row[1] == "webhook")
        .map(|row| Recording {
            event: row[4]
                .trim_start_matches("X-Gitlab-Event:")
                .trim()
                .to_owned(),
            file: row[5].to_owned(),
            body: std::fs::read(corpus.join(row[5])).unwrap(),
        })
        .collect()
}

pub fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.insert(
            http::HeaderName::try_from(*name).unwrap(),
            value.parse().unwrap(),
        );
    }
    headers
}

pub fn secret(text: &str) -> Secret<Vec<u8>> {
    Secret::new(text.as_bytes().to_vec())
}

/// Verifies and parses a body, as a delivery of this event.
pub fn deliver(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    let headers = headers(&[
        ("x-gitlab-token", TOKEN),
        ("x-gitlab-event", event),
        ("idempotency-key", "c5e42c4f-7a6c-4a9c-9b0e-6f4f5f0c0a7e"),
        ("webhook-timestamp", &SENT_AT.to_string()),
    ]);
    let (secret, now) = (secret(TOKEN), Timestamp::UNIX_EPOCH);
    let verified = webhook::verify(Provider::Gitlab, &headers, body, &[&secret], now).unwrap();
    webhook::parse(&verified)
}

/// The own event's word for what a delivery gave.
pub fn kind(outcome: &Result<Parsed, ParseError>) -> &'static str {
    match outcome {
        Ok(Parsed::Event { event, .. }) => event.kind(),
        Ok(Parsed::Several { .. }) => "several",
        Ok(Parsed::Ignored { .. }) => "ignored",
        Err(ParseError::Unusable { .. }) => "unusable",
        Err(ParseError::NotJson) => "not JSON",
    }
}

/// The checked-in table: the own event of every (event, action).
pub fn table() -> BTreeMap<(String, String), String> {
    include_str!("../gitlab_events.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [event, action, own] = columns[..] else {
                panic!("not three columns: {line}");
            };
            ((event.to_owned(), action.to_owned()), own.to_owned())
        })
        .collect()
}

/// The action by which the table lists a payload.
pub fn action(event: &str, body: &Value) -> String {
    let of = &body["object_attributes"];
    let word = |word: &Value| word.as_str().unwrap_or("-").to_owned();
    match event {
        "Merge Request Hook" if of["iid"].is_null() => "(without a merge request)".to_owned(),
        "Merge Request Hook" if of["system"] == true => {
            format!("({} by itself)", word(&of["action"]))
        }
        "Merge Request Hook" if of["action"] == "update" && opinions_moved(body) => {
            "(update of what reviewers said)".to_owned()
        }
        "Merge Request Hook" if is_approval(of) && body["user"]["id"].is_null() => {
            format!("({} without a person)", word(&of["action"]))
        }
        "Note Hook" | "Confidential Note Hook" => word(&of["noteable_type"]),
        "Pipeline Hook" if of["tag"] == true => "(tag)".to_owned(),
        "Pipeline Hook" => word(&of["source"]),
        "Push Hook" => "(branch)".to_owned(),
        "System Hook" => word(body.get("event_name").unwrap_or(&body["object_kind"])),
        _other => word(of.get("action").unwrap_or(&body["event_name"])),
    }
}

fn is_approval(of: &Value) -> bool {
    let words = ["approved", "approval", "unapproved", "unapproval"];
    words.iter().any(|word| of["action"] == *word)
}

/// Whether a reviewer is gone or in another state than before.
fn opinions_moved(body: &Value) -> bool {
    let reviewers = &body["changes"]["reviewers"];
    let listed = |key: &str| reviewers[key].as_array().cloned().unwrap_or_default();
    let of = |user: &Value| (user["id"].clone(), user["state"].clone());
    let now: Vec<_> = listed("current").iter().map(of).collect();
    listed("previous")
        .iter()
        .any(|user| !now.contains(&of(user)))
}
