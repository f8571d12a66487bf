//! What the tests of deliveries share.
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
use hmac::{Hmac, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use sha2::Sha256;

/// The secret that tests sign with.
pub const SECRET: &str = "a secret of the tests";

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

/// GitHub's webhooks in the corpus.
pub fn github_webhooks() -> Vec<Recording> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    manifest
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[0] == "github" && row[1] == "webhook")
        .map(|row| Recording {
            event: row[4]
                .trim_start_matches("X-GitHub-Event:")
                .trim()
                .to_owned(),
            file: row[5].to_owned(),
            body: std::fs::read(corpus.join(row[5])).unwrap(),
        })
        .collect()
}

pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
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

/// Signs, verifies and parses a body, as a delivery of this event.
pub fn deliver(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    deliver_as("application/json", event, body)
}

/// The same with a content type.
pub fn deliver_as(content_type: &str, event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    let headers = headers(&[
        ("x-hub-signature-256", &sign(SECRET, body)),
        ("x-github-event", event),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("content-type", content_type),
    ]);
    let secret = secret(SECRET);
    let verified = webhook::verify(
        Provider::Github,
        &headers,
        body,
        &[&secret],
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
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
    include_str!("../github_events.tsv")
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
pub fn action(event: &str, body: &serde_json::Value) -> String {
    let said = body["action"].as_str();
    match (event, said) {
        ("push", _) if body["ref"].as_str().unwrap().starts_with("refs/tags/") => "(tag)".into(),
        ("push", _) => "(branch)".into(),
        ("pull_request", _) if body.get("pull_request").is_none() => {
            "(without a pull request)".into()
        }
        ("issue_comment", _) if body["issue"].get("pull_request").is_none() => {
            "(on an issue)".into()
        }
        (_, said) => said
            .filter(|said| !said.is_empty())
            .unwrap_or("-")
            .to_owned(),
    }
}
