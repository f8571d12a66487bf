//! Every recorded webhook of GitLab gives the event the table names, and says what others read in
//! it.
#![expect(
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "says what was compared; helpers of tests fail the way tests do"
)]

mod gitlab_common;

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CheckState, Lifecycle},
    pulls::{ProviderEvent, PullRequestAction, PullRequestReport},
};
use ampel_providers::webhook::Parsed;
use gitlab_common::{Recording, SENT_AT, action, corpus, deliver, kind, table, webhooks};
use serde_json::Value;

#[test]
fn every_recording_gives_the_event_the_table_names() {
    let table = table();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for recording in webhooks() {
        let body: Value = serde_json::from_slice(&recording.body).unwrap();
        let key = (recording.event.clone(), action(&recording.event, &body));
        let expected = table
            .get(&key)
            .unwrap_or_else(|| panic!("{key:?} of {} is not in the table", recording.file));
        let outcome = deliver(&recording.event, &recording.body);
        assert_eq!(kind(&outcome), expected, "{}: {outcome:?}", recording.file);
        if let Ok(Parsed::Event { event, repository }) = &outcome {
            let project = body.pointer("/project/id").unwrap_or(&body["project_id"]);
            assert_eq!(repository.0, project.to_string(), "{}", recording.file);
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
        if action.starts_with('(') {
            continue;
        }
        // Enough to see what it is about, too little to be used.
        let body = serde_json::json!({
            "event_name": action,
            "object_attributes": {
                "action": action, "noteable_type": action, "source": action,
                "id": 1, "status": "running", "iid": 0,
                "source_branch": "a", "target_branch": "b",
            },
        });
        let used = kind(&deliver(&event, body.to_string().as_bytes())) == "unusable";
        assert_eq!(used, own != "ignored", "{event} {action}");
    }
}

#[test]
fn a_push_moved_its_branch_by_the_time_it_was_sent() {
    let body = r#"{"ref":"refs/heads/main","project":{"id":15},
        "after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
        "commits":[{"timestamp":"2011-12-12T14:27:31+02:00"}]}"#;
    let Ok(Parsed::Event { event, .. }) = deliver("Push Hook", body.as_bytes()) else {
        panic!("no event");
    };
    let ProviderEvent::BranchMoved { branch, at, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!((branch.as_str(), at.as_second()), ("main", SENT_AT));
}

/// Why a golden is not compared.
type Skipped = BTreeMap<&'static str, BTreeSet<String>>;

#[test]
fn recordings_say_what_others_read_in_them() {
    let Some(corpus) = corpus() else { return };
    let (mut compared, mut fields) = (0, 0);
    let mut skipped = Skipped::new();
    for recording in webhooks() {
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
    assert!(compared >= 22, "{compared}");
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
    if golden["ignored"] == true {
        return Err("others ignore what we use");
    }
    let (repository, event) = match deliver(&recording.event, &recording.body) {
        Ok(Parsed::Event { repository, event }) => (repository, event),
        Ok(Parsed::Ignored { .. }) => return Err("we do not use the event"),
        Ok(Parsed::Several { .. }) => panic!("{name}: several"),
        Err(error) => panic!("{name}: {error}"),
    };
    let expected = match (golden.get("pipeline"), golden.get("Execution")) {
        (Some(pipeline), _) => of_woodpecker(pipeline),
        (None, Some(_)) => of_goscm_pipeline(golden),
        (None, None) => of_goscm(golden),
    };
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
        ProviderEvent::PullRequestSeen { action, report } => {
            let mut fields = of_report(report);
            fields.insert("action", format!("{action:?}"));
            fields
        }
        ProviderEvent::ReviewSeen { report, .. } | ProviderEvent::ReviewsHinted { report } => {
            of_report(report)
        }
        ProviderEvent::PullRequestHinted { number, at } => {
            Fields::from([("number", number.to_string()), ("noted", at.to_string())])
        }
        ProviderEvent::CheckSeen { sha, check, .. } => Fields::from([
            ("sha", sha.to_string()),
            ("run", check.run.to_string()),
            ("check", state(check.state)),
            ("link", check.url.clone().unwrap_or_default()),
        ]),
        ProviderEvent::CommentsSeen { .. }
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

fn state(state: CheckState) -> String {
    let conclusion = state.conclusion();
    conclusion
        .map_or(state.as_str(), |conclusion| conclusion.as_str())
        .to_owned()
}

fn of_report(report: &PullRequestReport) -> Fields {
    let closed = !report.lifecycle.is_open();
    let merged = matches!(report.lifecycle, Lifecycle::Merged { .. });
    Fields::from([
        ("number", report.number.to_string()),
        ("title", report.title.clone()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("author", report.author.to_string()),
        ("draft", report.draft.to_string()),
        ("closed", closed.to_string()),
        ("merged", merged.to_string()),
        ("link", report.url.clone()),
        ("body", report.description.clone().unwrap_or_default()),
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
    if let Some(branch) = golden["Ref"]["Name"].as_str() {
        fields.insert("ref", format!("refs/heads/{branch}"));
        // Where it was before it was deleted.
        fields.insert("sha", String::new());
        return fields;
    }
    if golden.get("Comment").is_some() {
        let number = golden.pointer("/Issue/Number");
        let number = number.or(golden.pointer("/PullRequest/Number"));
        take(&mut fields, "number", number.unwrap_or(&Value::Null));
        take(&mut fields, "noted", &golden["Comment"]["Updated"]);
        return fields;
    }
    let pull_request = &golden["PullRequest"];
    for (field, key) in [
        ("number", "Number"),
        ("title", "Title"),
        ("sha", "Sha"),
        ("source", "Source"),
        ("target", "Target"),
        ("draft", "Draft"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("body", "Body"),
    ] {
        take(&mut fields, field, &pull_request[key]);
    }
    take(&mut fields, "author", &pull_request["Author"]["Login"]);
    fields
}

fn of_goscm_pipeline(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["repo"]["id"]);
    take(&mut fields, "sha", &golden["commit"]["sha"]);
    take(&mut fields, "run", &golden["Execution"]["Number"]);
    take(&mut fields, "check", &golden["Execution"]["status"]);
    take(&mut fields, "link", &golden["Execution"]["URL"]);
    fields
}

/// The words of Woodpecker.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "title", &pipeline["Title"]);
    take(&mut fields, "draft", &pipeline["PullRequestDraft"]);
    let closed = pipeline["Event"] == "pull_request_closed";
    fields.insert("closed", closed.to_string());
    let action = match pipeline["EventReason"][0].as_str() {
        Some("label_added" | "label_updated") => Some(PullRequestAction::LabelsChanged),
        Some("review_requested") => Some(PullRequestAction::ReviewersChanged),
        Some("assigned" | "milestoned" | "demilestoned") => Some(PullRequestAction::Other),
        _unsaid => None,
    };
    fields.extend(action.map(|action| ("action", format!("{action:?}"))));
    fields
}

fn take(fields: &mut Fields, field: &'static str, value: &Value) {
    match value {
        Value::String(text) => fields.insert(field, text.clone()),
        Value::Bool(_) | Value::Number(_) => fields.insert(field, value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
}
