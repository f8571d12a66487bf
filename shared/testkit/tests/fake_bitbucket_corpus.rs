//! The fake's bodies have the keys of real ones: none that Bitbucket lacks, all that its newest
//! recordings have.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ampel_testkit::bitbucket::FakeBitbucket;
use serde_json::Value;

/// The newest recording of each kind of webhook: what it has, the fake must have.
const NEWEST: [(&str, &str); 8] = [
    (
        "pullrequest:updated",
        "pullrequest.updated-bbsplugin-pullrequest_updated",
    ),
    (
        "pullrequest:created",
        "pullrequest.created-bbsplugin-pullrequest_created",
    ),
    (
        "pullrequest:rejected",
        "pullrequest.rejected-bbsplugin-pullrequest_rejected",
    ),
    (
        "pullrequest:fulfilled",
        "pullrequest.fulfilled-goscm-pr_fulfilled",
    ),
    (
        "pullrequest:comment_created",
        "pullrequest.comment_created-goscm-pr_comment_created",
    ),
    ("repo:push", "repo.push-woodpecker-HookPush"),
    (
        "repo:commit_status_created",
        "repo.commit_status_created-goscm-pipeline_hook_created",
    ),
    (
        "repo:commit_status_updated",
        "repo.commit_status_updated-goscm-pipeline_hook_update",
    ),
];

/// A push that removes a branch looks different.
const DELETED: &str = "repo.push-bbsplugin-branch_deleted";

/// Calls of the API, with a recording of the same one.
const CALLS: [(&str, &str); 8] = [
    ("/repositories/acme/web", "repo-bbsplugin-repo"),
    (
        "/repositories/acme/web/pullrequests/1",
        "pull-atlantis-pull-approved",
    ),
    (
        "/repositories/acme/web/pullrequests?state=MERGED",
        "pulls-goscm-prs",
    ),
    (
        "/repositories/acme/web/hooks?pagelen=100",
        "hooks-bbsplugin-hooks_pagelen_100",
    ),
    (
        "/repositories/acme/web/refs/branches/main",
        "branch-bbsplugin-refs-branches-master",
    ),
    (
        "/repositories/acme/web/commits?include=main",
        "commits-bbsplugin-commits_include_feature_2Fdiffstat_exclude_174561d",
    ),
    (
        "/repositories/acme/web/pullrequests/1/statuses",
        "statuses-goscm-statuses",
    ),
    ("/user", "user-atlantis-user"),
];

/// What Bitbucket's description of its API or its pages have, and no recording here happens to:
/// `secret_set`, requested changes, conflicts, workspaces and permissions of 2026.
const NOT_IN_THE_CORPUS: [&str; 3] = ["changes_request", "values[].secret_set", "next"];

fn corpus() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("shared/corpus/bitbucket");
    folder.is_dir().then_some(folder)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read(path).expect("a file");
    serde_json::from_slice(&text).unwrap_or(Value::Null)
}

/// What looks the same wherever it is mentioned, told by keys that nothing else has.
fn common_name(map: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "commit" => return Some("<commit>"),
        "branch" => return Some("<branch>"),
        "pullrequest" => return Some("<pull>"),
        _ => {}
    }
    let marks = [
        ("display_name", "<account>"),
        ("full_name", "<repository>"),
        ("markup", "<text>"),
    ];
    let mark = marks.iter().find(|(key, _)| map.contains_key(*key));
    mark.map(|(_, name)| *name)
}

/// Collects key paths; with `common`, those of things that look alike under one name each.
fn paths(value: &Value, at: &str, common: bool, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let name = common_name(map).filter(|_| common);
            let at = name.unwrap_or(at);
            for (key, value) in map {
                let path = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                paths(value, &path, common, into);
                into.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{at}[]"), common, into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn keys(value: &Value, common: bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(value, "", common, &mut found);
    found
}

/// The keys of all recordings, those of things that look alike under one name each.
fn known(folder: &Path) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for part in ["webhooks", "api"] {
        let files = std::fs::read_dir(folder.join(part)).expect("a folder");
        for file in files.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".json") && !name.contains(".golden") {
                let body = read(&file.path());
                known.extend(keys(&body, true));
                // One pull request, commit or branch is looked at by itself, too.
                known.extend(keys(&body, false));
            }
        }
    }
    known
}

/// What only old recordings have, or only some: people lost their user names in 2019, and a team
/// pushes seldom.
fn is_bygone(path: &str) -> bool {
    path.ends_with(".username") || path == "next"
}

/// A history with every kind of event the fake sends.
fn history() -> (FakeBitbucket, String) {
    let cloud = FakeBitbucket::in_process();
    // A personal workspace, as in most recordings: its owner is a person, not a team.
    cloud.user("acme");
    let repo = cloud.repository("acme/web");
    repo.member("grace");
    repo.hook("https://ampel.example/webhooks/bitbucket/h1", "secret");
    let pull = repo
        .open_pull_request("Add login")
        .by("ada")
        .saying("Finally")
        .create();
    pull.retitle("Add a login page").describe("At last");
    pull.to_draft().ready().request_review("grace");
    pull.push();
    pull.comment("grace");
    pull.request_changes("grace").withdraw("grace");
    pull.approve("grace").withdraw("grace").approve("grace");
    pull.check("build").fails();
    pull.check("build").rerun();
    repo.branch("release");
    pull.retarget("release").closes_its_branch();
    pull.merge("grace");
    let fork = repo
        .open_pull_request("Fix a typo")
        .by("eve")
        .from_fork("eve");
    fork.draft().create().close();
    let token = cloud.token("grace");
    (cloud, token)
}

/// Whether the path ends inside something that is null or empty here.
fn below_nothing(body: &Value, path: &str) -> bool {
    let mut value = body;
    for part in path.split('.') {
        let key = part.trim_end_matches("[]");
        match value.get(key) {
            Some(Value::Null) => return true,
            Some(Value::Array(items)) if items.is_empty() => return true,
            Some(Value::Array(items)) if part.ends_with("[]") => value = &items[0],
            Some(inner) => value = inner,
            None => return false,
        }
    }
    false
}

fn compare(name: &str, ours: &Value, newest: &Value, known: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let excused = |path: &str| {
        NOT_IN_THE_CORPUS
            .iter()
            .any(|part| path == *part || path.starts_with(&format!("{part}.")))
    };
    for path in keys(ours, true) {
        if !known.contains(&path) && !excused(&path) {
            wrong.push(format!("{name}: Bitbucket has no {path}"));
        }
    }
    let own = keys(ours, false);
    for path in keys(newest, false) {
        let excused = is_bygone(&path) || below_nothing(ours, &path);
        if !own.contains(&path) && !excused {
            wrong.push(format!("{name}: {path} is missing"));
        }
    }
    wrong
}

#[test]
fn bodies_have_the_keys_of_real_ones() {
    let Some(folder) = corpus() else {
        #[expect(clippy::print_stderr, reason = "tells why nothing was compared")]
        {
            eprintln!("skipped: the corpus of real payloads is not here");
        }
        return;
    };
    let known = known(&folder);
    let (cloud, token) = history();
    let mut wrong = BTreeSet::new();
    let mut compared = BTreeSet::new();
    for delivery in cloud.take_deliveries() {
        let body = delivery.json();
        let deletes = body["push"]["changes"][0]["closed"] == true;
        let recorded = NEWEST.iter().find(|(event, _)| *event == delivery.event);
        let recorded = recorded.map(|(_, file)| *file);
        let file = if deletes { Some(DELETED) } else { recorded };
        let newest = file.map(|file| read(&folder.join(format!("webhooks/{file}.json"))));
        let newest = newest.unwrap_or(Value::Null);
        wrong.extend(compare(&delivery.event, &body, &newest, &known));
        compared.insert(delivery.event);
    }
    for (path, file) in CALLS {
        let newest = read(&folder.join(format!("api/{file}.json")));
        let answer = cloud.get(&token, path).and_then(|answer| answer.body);
        let body = answer.expect("a body");
        assert_ne!(body["type"], "error", "{path}");
        wrong.extend(compare(path, &body, &newest, &known));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared.len() >= 12, "{compared:?}");
}
