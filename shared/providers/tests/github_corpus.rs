//! Every recorded webhook of GitHub gives the event the table names, and says what others read in
//! it.
#![expect(
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "says what was compared; helpers of tests fail the way tests do"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::Lifecycle,
    pulls::{ProviderEvent, PullRequestReport},
};
use ampel_providers::webhook::Parsed;
use common::{Recording, action, corpus, deliver, github_webhooks, kind, table};
use serde_json::Value;

#[test]
fn every_recording_gives_the_event_the_table_names() {
    let table = table();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for recording in github_webhooks() {
        let body: Value = serde_json::from_slice(&recording.body).unwrap();
        let key = (recording.event.clone(), action(&recording.event, &body));
        let expected = table
            .get(&key)
            .unwrap_or_else(|| panic!("{key:?} of {} is not in the table", recording.file));
        let outcome = deliver(&recording.event, &recording.body);
        assert_eq!(kind(&outcome), expected, "{}: {outcome:?}", recording.file);
        if let Ok(Parsed::Event { event, repository }) = &outcome {
            assert_eq!(repository.0, body["repository"]["id"].to_string());
            let written = serde_json::to_string(event).unwrap();
            assert!(written.len() < 64 * 1024);
            assert_eq!(
                &serde_json::from_str::<ProviderEvent>(&written).unwrap(),
                event
            );
        }
        *counts.entry(expected.clone()).or_default() += 1;
    }
    eprintln!("recordings by own event: {counts:?}");
}

#[test]
fn the_table_lists_ignored_events_and_none_that_is_used() {
    for ((event, action), own) in table() {
        let body = format!(r#"{{"action":"{action}"}}"#);
        let used = kind(&deliver(&event, body.as_bytes())) == "unusable";
        if action.starts_with('(') {
            continue;
        }
        assert_eq!(used, own != "ignored", "{event} {action}");
    }
}

/// Why a golden is not compared.
type Skipped = BTreeMap<&'static str, BTreeSet<String>>;

#[test]
fn recordings_say_what_others_read_in_them() {
    let Some(corpus) = corpus() else { return };
    let (mut compared, mut fields) = (0, 0);
    let mut skipped = Skipped::new();
    for recording in github_webhooks() {
        for golden in goldens(&corpus, &recording) {
            let said: Value = serde_json::from_slice(&std::fs::read(&golden).unwrap()).unwrap();
            let name = golden.file_name().unwrap().to_string_lossy().into_owned();
            match compare(&recording, &said, &name) {
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
    eprintln!("{compared} goldens compared, {fields} fields");
    for (why, names) in &skipped {
        eprintln!("not compared ({}), {why}: {names:?}", names.len());
    }
    assert!(compared >= 29, "{compared}");
}

fn goldens(corpus: &std::path::Path, recording: &Recording) -> Vec<std::path::PathBuf> {
    let stem = recording.file.trim_end_matches(".json");
    ["golden", "golden-jxgoscm"]
        .map(|kind| corpus.join(format!("{stem}.{kind}.json")))
        .into_iter()
        .filter(|path| path.is_file())
        .collect()
}

/// How many fields agree, or why there is nothing to compare.
fn compare(recording: &Recording, golden: &Value, name: &str) -> Result<usize, &'static str> {
    let (repository, event) = match deliver(&recording.event, &recording.body) {
        Ok(Parsed::Event { repository, event }) => (repository, event),
        Ok(Parsed::Ignored { .. }) => return Err("we do not use the event"),
        Ok(Parsed::Several { .. }) => panic!("{name}: several"),
        Err(error) => panic!("{name}: {error}"),
    };
    let expected = match golden.get("pipeline") {
        Some(pipeline) => of_woodpecker(pipeline),
        None => of_goscm(golden),
    };
    if expected.is_empty() {
        return Err("it speaks of nothing that our event has");
    }
    let mut ours = ours(&event);
    ours.insert("repository", repository.0);
    ours.insert("kind", event.kind().to_owned());
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
        ProviderEvent::PullRequestHinted { .. }
        | ProviderEvent::CommentsSeen { .. }
        | ProviderEvent::CheckSeen { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::RepositoryChanged => Fields::new(),
        ProviderEvent::BranchMoved { branch, head, .. } => Fields::from([
            ("ref", format!("refs/heads/{branch}")),
            (
                "sha",
                head.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
        ]),
    }
}

fn of_report(report: &PullRequestReport) -> Fields {
    let closed = !report.lifecycle.is_open();
    Fields::from([
        ("number", report.number.to_string()),
        ("title", report.title.clone()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("fork", report.head.repository.clone().unwrap_or_default()),
        ("author", report.author.to_string()),
        ("draft", report.draft.to_string()),
        ("closed", closed.to_string()),
        (
            "merged",
            matches!(report.lifecycle, Lifecycle::Merged { .. }).to_string(),
        ),
        ("link", report.url.clone()),
        ("created", report.created_at.to_string()),
        ("updated", report.updated_at.to_string()),
        ("body", report.description.clone().unwrap_or_default()),
        (
            "labels",
            report.labels.iter().cloned().collect::<Vec<_>>().join(","),
        ),
    ])
}

/// The words of go-scm and its fork.
fn of_goscm(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["Repo"]["ID"]);
    if let (Some(name), Some(after)) = (golden["Ref"].as_str(), golden["After"].as_str()) {
        fields.insert("ref", name.to_owned());
        fields.insert("sha", after.to_owned());
        return fields;
    }
    let pull_request = &golden["PullRequest"];
    for (field, key) in [
        ("number", "Number"),
        ("title", "Title"),
        ("sha", "Sha"),
        ("source", "Source"),
        ("target", "Target"),
        ("fork", "Fork"),
        ("draft", "Draft"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("created", "Created"),
        ("updated", "Updated"),
        ("body", "Body"),
    ] {
        take(&mut fields, field, &pull_request[key]);
    }
    take(&mut fields, "author", &pull_request["Author"]["Login"]);
    fields.retain(|_, value| value != "0001-01-01T00:00:00Z");
    fields
}

/// The words of Woodpecker.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    if pipeline["Event"] == "push" {
        fields.insert("kind", "branch_moved".to_owned());
        take(&mut fields, "ref", &pipeline["Ref"]);
        take(&mut fields, "sha", &pipeline["Commit"]);
        return fields;
    }
    take(&mut fields, "sha", &pipeline["Commit"]);
    take(&mut fields, "title", &pipeline["Title"]);
    take(&mut fields, "author", &pipeline["Author"]);
    take(&mut fields, "target", &pipeline["Branch"]);
    take(&mut fields, "draft", &pipeline["PullRequestDraft"]);
    take(&mut fields, "link", &pipeline["ForgeURL"]);
    if let Some((source, target)) = pipeline["Refspec"]
        .as_str()
        .and_then(|spec| spec.split_once(':'))
    {
        fields.insert("source", source.to_owned());
        fields.insert("target", target.to_owned());
    }
    fields.insert("kind", "pull_request_seen".to_owned());
    let closed = pipeline["Event"] == "pull_request_closed";
    fields.insert("closed", closed.to_string());
    fields
}

fn take(fields: &mut Fields, field: &'static str, value: &Value) {
    match value {
        Value::String(text) => fields.insert(field, text.clone()),
        Value::Bool(_) | Value::Number(_) => fields.insert(field, value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
}
