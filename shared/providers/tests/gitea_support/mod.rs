//! What the tests of Gitea's and Forgejo's deliveries share.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail the way tests do"
)]

use std::collections::BTreeMap;

use ampel_domain::provider::Provider;
use ampel_providers::webhook::{self, ParseError, Parsed};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::common::{Recording, SECRET, corpus, headers, secret, sign};

/// Everything that Gitea sends with an event, signed with the secret of the tests.
pub fn gitea_headers(event: &str, body: &[u8]) -> HeaderMap {
    let prefixed = sign(SECRET, body);
    let digest = prefixed.trim_start_matches("sha256=").to_owned();
    headers(&[
        ("content-type", "application/json"),
        ("x-gitea-delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"),
        ("x-gitea-event", event),
        ("x-gitea-signature", &digest),
        ("x-gogs-event", event),
        ("x-gogs-signature", &digest),
        ("x-hub-signature-256", &prefixed),
        ("x-github-delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"),
        ("x-github-event", event),
    ])
}

/// Signs, verifies and parses a body, as a delivery of this event.
pub fn deliver(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    let headers = gitea_headers(event, body);
    let secret = secret(SECRET);
    let now = Timestamp::UNIX_EPOCH;
    let verified = webhook::verify(Provider::Gitea, &headers, body, &[&secret], now).unwrap();
    webhook::parse(&verified)
}

/// The webhooks of Gitea and Forgejo in the corpus.
pub fn gitea_webhooks() -> Vec<Recording> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    manifest
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[0] == "gitea" && row[1] == "webhook")
        .map(|row| Recording {
            // `X-Gitea-Event: push (…)`, or the same of Forgejo.
            event: row[4].split([' ', '(']).nth(1).unwrap().to_owned(),
            file: row[5].to_owned(),
            body: std::fs::read(corpus.join(row[5])).unwrap(),
        })
        .collect()
}

/// The checked-in table: the own event of every (event, action).
pub fn table() -> BTreeMap<(String, String), String> {
    include_str!("../gitea_events.tsv")
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
    let said = body["action"].as_str();
    let of_issue = body["issue"]["pull_request"].is_null() && body["is_pull"] != true;
    match event {
        "push" if !body["ref"].as_str().unwrap().starts_with("refs/heads/") => "(tag)".into(),
        "push" if body["repository"]["updated_at"].is_null() => "(branch, without a time)".into(),
        "push" => "(branch)".into(),
        "create" | "delete" => format!("({})", body["ref_type"].as_str().unwrap()),
        "issue_comment" if of_issue => format!("{} (of an issue)", said.unwrap()),
        _other => said.unwrap_or("-").to_owned(),
    }
}
