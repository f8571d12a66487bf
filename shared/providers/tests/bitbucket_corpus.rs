//! Every recorded webhook of Bitbucket gives the event the table names, and says what others read
//! in it.
#![expect(
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "says what was compared; helpers of tests fail the way tests do"
)]

mod bitbucket_common;

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CheckState, Conclusion},
    pulls::{ProviderEvent, PullRequestReport},
};
use ampel_providers::Providers;
use bitbucket_common::{Recording, about, deliver, events, goldens, kind, recordings, table};
use serde_json::Value;

#[test]
fn every_recording_gives_the_event_the_table_names() {
    let table = table();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for recording in recordings("webhook") {
        let body: Value = serde_json::from_slice(&recording.body).unwrap();
        let key = (
            recording.event.clone(),
            about(&recording.event, &body).to_owned(),
        );
        let expected = table
            .get(&key)
            .unwrap_or_else(|| panic!("{key:?} of {} is not in the table", recording.file));
        let outcome = deliver(&recording.event, &recording.body);
        assert_eq!(kind(&outcome), expected, "{}: {outcome:?}", recording.file);
        if let Some((repository, events)) = events(&outcome) {
            assert_eq!(repository, body["repository"]["uuid"]);
            let written = serde_json::to_string(&events).unwrap();
            assert!(written.len() < 64 * 1024);
            let read: Vec<ProviderEvent> = serde_json::from_str(&written).unwrap();
            assert_eq!(read, events);
        }
        *counts.entry(expected.clone()).or_default() += 1;
    }
    eprintln!("recordings by own event: {counts:?}");
}

#[test]
fn the_table_lists_ignored_events_and_none_that_is_used() {
    for ((event, about), own) in table() {
        if about == "-" {
            let used = kind(&deliver(&event, b"{}")) == "unusable";
            assert_eq!(used, own != "ignored", "{event}");
        }
    }
}

#[test]
fn a_webhook_is_subscribed_to_everything_the_table_uses() {
    let subscribed = Providers::webhook_events(ampel_domain::provider::Provider::Bitbucket);
    // They come with the comments; a webhook of a repository can not ask for them.
    let not_offered = [
        "pullrequest:push",
        "pullrequest:comment_resolved",
        "pullrequest:comment_reopened",
    ];
    let used: BTreeSet<String> = table()
        .into_iter()
        .filter(|(_, own)| own != "ignored")
        .map(|((event, _), _)| event)
        .filter(|event| !not_offered.contains(&event.as_str()))
        .collect();
    let subscribed: BTreeSet<String> = subscribed.iter().map(|&event| event.to_owned()).collect();
    assert_eq!(used, subscribed);
}

/// Why a golden is not compared.
type Skipped = BTreeMap<&'static str, BTreeSet<String>>;

#[test]
fn recordings_say_what_others_read_in_them() {
    let (mut compared, mut fields) = (0, 0);
    let mut skipped = Skipped::new();
    let recordings = recordings("webhook");
    for recording in &recordings {
        for (name, said) in goldens(recording) {
            match compare(recording, &said, &name) {
                Ok(count) => {
                    compared += 1;
                    fields += count;
                }
                Err(why) => {
                    skipped.entry(why).or_default().insert(name);
                }
            }
        }
    }
    eprintln!("bitbucket: {compared} goldens of webhooks compared, {fields} fields");
    for (why, names) in &skipped {
        eprintln!("not compared ({}), {why}: {names:?}", names.len());
    }
    assert!(recordings.is_empty() || compared >= 17, "{compared}");
}

/// How many fields agree, or why there is nothing to compare.
fn compare(recording: &Recording, golden: &Value, name: &str) -> Result<usize, &'static str> {
    let outcome = deliver(&recording.event, &recording.body);
    let Some((repository, events)) = events(&outcome) else {
        assert_eq!(kind(&outcome), "ignored", "{name}");
        return Err("a tag is nothing that we use");
    };
    let expected = match golden.get("pipeline") {
        Some(pipeline) => of_woodpecker(pipeline),
        None => of_goscm(golden),
    };
    let mut ours = ours(&events[0]);
    ours.insert("repository", repository);
    for (field, value) in &expected {
        assert_eq!(ours.get(field), Some(value), "{name}: {field}");
    }
    Ok(expected.len())
}

type Fields = BTreeMap<&'static str, String>;

fn ours(event: &ProviderEvent) -> Fields {
    match event {
        ProviderEvent::PullRequestSeen { report, .. }
        | ProviderEvent::ReviewSeen { report, .. }
        | ProviderEvent::ReviewsHinted { report } => of_report(report),
        ProviderEvent::CommentsSeen { number, at, .. } => {
            Fields::from([("number", number.to_string()), ("updated", at.to_string())])
        }
        ProviderEvent::CheckSeen { sha, check, .. } => Fields::from([
            ("sha", sha.to_string()),
            ("status", word(check.state).to_owned()),
            ("link", check.url.clone().unwrap_or_default()),
        ]),
        ProviderEvent::BranchMoved { branch, head, .. } => Fields::from([
            ("branch", branch.clone()),
            ("is deleted", head.is_none().to_string()),
            (
                "sha",
                head.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
        ]),
        ProviderEvent::PullRequestHinted { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::RepositoryChanged => Fields::new(),
    }
}

fn word(state: CheckState) -> &'static str {
    match state {
        CheckState::InProgress => "running",
        CheckState::Completed(Conclusion::Success) => "success",
        CheckState::Queued | CheckState::Completed(_) => "something else",
    }
}

fn of_report(report: &PullRequestReport) -> Fields {
    Fields::from([
        ("number", report.number.to_string()),
        ("title", report.title.clone()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("fork", report.head.repository.clone().unwrap_or_default()),
        ("author", report.author.to_string()),
        ("closed", (!report.lifecycle.is_open()).to_string()),
        ("merged", report.lifecycle.is_merged().to_string()),
        ("link", report.url.clone()),
        ("created", report.created_at.to_string()),
        ("updated", report.updated_at.to_string()),
        ("body", report.description.clone().unwrap_or_default()),
    ])
}

/// The words of go-scm and its fork.
fn of_goscm(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["Repo"]["ID"]);
    if !golden["Execution"].is_null() {
        take_sha(&mut fields, &golden["Commit"]["Sha"]);
        take(&mut fields, "status", &golden["Execution"]["Status"]);
        take(&mut fields, "link", &golden["Execution"]["URL"]);
        return fields;
    }
    if let Some(branch) = golden["Ref"].as_str() {
        let branch = branch.trim_start_matches("refs/heads/");
        fields.insert("branch", branch.to_owned());
        take_sha(&mut fields, &golden["After"]);
        return fields;
    }
    if golden["Ref"].is_object() {
        // A deleted branch: what it pointed to is no head any more.
        take(&mut fields, "branch", &golden["Ref"]["Name"]);
        let deleted = (golden["Action"] == "deleted").to_string();
        fields.insert("is deleted", deleted);
        return fields;
    }
    if !golden["Comment"].is_null() {
        take(&mut fields, "number", &golden["Issue"]["Number"]);
        take(&mut fields, "updated", &golden["Issue"]["Updated"]);
        return fields;
    }
    let pull_request = &golden["PullRequest"];
    for (field, key) in [
        ("number", "Number"),
        ("title", "Title"),
        ("source", "Source"),
        ("target", "Target"),
        ("fork", "Fork"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("created", "Created"),
        ("updated", "Updated"),
        ("body", "Body"),
    ] {
        take(&mut fields, field, &pull_request[key]);
    }
    take_sha(&mut fields, &pull_request["Sha"]);
    take(&mut fields, "author", &pull_request["Author"]["Login"]);
    fields.retain(|_, value| value != "0001-01-01T00:00:00Z");
    fields
}

/// The words of Woodpecker.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    take_sha(&mut fields, &pipeline["Commit"]);
    if pipeline["Event"] == "pull_request_closed" {
        fields.insert("closed", true.to_string());
    }
    fields
}

/// Our hashes of Bitbucket are the first twelve digits.
fn take_sha(fields: &mut Fields, value: &Value) {
    let whole = value.as_str().unwrap();
    fields.insert("sha", whole[..12].to_owned());
}

fn take(fields: &mut Fields, field: &'static str, value: &Value) {
    match value {
        Value::String(text) => fields.insert(field, text.clone()),
        Value::Bool(_) | Value::Number(_) => fields.insert(field, value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
}
