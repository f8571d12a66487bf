//! What the tests of Bitbucket's deliveries share.
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

use ampel_domain::{provider::Provider, pulls::ProviderEvent, secret::Secret};
use ampel_providers::webhook::{self, ParseError, Parsed};
use hmac::{Hmac, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;
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

/// Bitbucket's recordings of a kind in the corpus.
pub fn recordings(kind: &str) -> Vec<Recording> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    manifest
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[0] == "bitbucket" && row[1] == kind)
        .map(|row| Recording {
            event: row[4].trim_start_matches("X-Event-Key:").trim().to_owned(),
            file: row[5].to_owned(),
            body: std::fs::read(corpus.join(row[5])).unwrap(),
        })
        .collect()
}

/// The expected results beside a recording.
pub fn goldens(recording: &Recording) -> Vec<(String, Value)> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let stem = recording.file.trim_end_matches(".json");
    ["golden", "golden-jxgoscm"]
        .map(|kind| corpus.join(format!("{stem}.{kind}.json")))
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let said = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            (name, said)
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

/// Signs, verifies and parses a body, as a delivery of this event.
pub fn deliver(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    let headers = headers(&[
        ("x-hub-signature", &sign(SECRET, body)),
        ("x-event-key", event),
        ("x-request-uuid", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hook-uuid", "fb0e4eb5-33f7-4a3b-8a5c-9a4d4a4a6e5c"),
        ("x-attempt-number", "1"),
    ]);
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let verified = webhook::verify(
        Provider::Bitbucket,
        &headers,
        body,
        &[&secret],
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    webhook::parse(&verified)
}

/// What a delivery gave, where it gave something: the repository and the events.
pub fn events(outcome: &Result<Parsed, ParseError>) -> Option<(String, Vec<ProviderEvent>)> {
    match outcome {
        Ok(Parsed::Event { repository, event }) => {
            Some((repository.0.clone(), vec![event.clone()]))
        }
        Ok(Parsed::Several { repository, events }) => Some((repository.0.clone(), events.clone())),
        Ok(Parsed::Ignored { .. }) | Err(_) => None,
    }
}

/// The own event's word for what a delivery gave.
pub fn kind(outcome: &Result<Parsed, ParseError>) -> &'static str {
    match outcome {
        Ok(Parsed::Event { event, .. }) => event.kind(),
        Ok(Parsed::Several { events, .. }) => {
            let kind = events[0].kind();
            assert!(events.iter().all(|event| event.kind() == kind));
            kind
        }
        Ok(Parsed::Ignored { .. }) => "ignored",
        Err(ParseError::Unusable { .. }) => "unusable",
        Err(ParseError::NotJson) => "not JSON",
    }
}

/// The checked-in table: the own event of every (event, what it is about).
pub fn table() -> BTreeMap<(String, String), String> {
    include_str!("../bitbucket_events.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [event, about, own] = columns[..] else {
                panic!("not three columns: {line}");
            };
            ((event.to_owned(), about.to_owned()), own.to_owned())
        })
        .collect()
}

/// What a payload is about, as the table says it.
pub fn about(event: &str, body: &Value) -> &'static str {
    if body["repository"]["uuid"].is_null() {
        return "(without a repository's uuid)";
    }
    let states = ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"];
    let state = body["pullrequest"]["state"].as_str();
    let ends = ["pullrequest:fulfilled", "pullrequest:rejected"].contains(&event);
    let counted = event.starts_with("pullrequest:comment_")
        && body["pullrequest"]["comment_count"].is_number();
    match state {
        Some(word) if !states.contains(&word) && !ends && !counted => return "(unknown state)",
        Some(_) | None => {}
    }
    let changes = body["push"]["changes"].as_array();
    match changes.map(|changes| branches(changes)) {
        None => "-",
        Some(0) => "(no branch)",
        Some(1) => "(branch)",
        Some(_more) => "(branches)",
    }
}

fn branches(changes: &[Value]) -> usize {
    let is_branch = |change: &&Value| {
        let kind = change["new"]["type"]
            .as_str()
            .or(change["old"]["type"].as_str());
        kind == Some("branch")
    };
    changes.iter().filter(is_branch).count()
}
