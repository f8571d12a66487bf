//! The fake's webhooks have the keys of real ones: none that GitHub lacks, all it always has.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ampel_testkit::github::FakeGithub;
use ampel_testkit::github::model::StatusState;
use serde_json::Value;

/// Key paths of one event, from every body of it.
#[derive(Default)]
struct Known {
    /// In at least one body of the event, whatever its action.
    any: BTreeSet<String>,
    /// In every body, by action.
    always: BTreeMap<String, BTreeSet<String>>,
}

/// What depends on who receives the event, or on when GitHub sent it.
const CIRCUMSTANCES: [&str; 4] = ["installation", "organization", "enterprise", "changes"];

/// Keys of GitHub's OpenAPI description that no body in the corpus happens to have.
const NOT_IN_THE_CORPUS: [&str; 4] = [
    "requested_reviewer",
    "requested_team",
    "commit.commit.verification.verified_at",
    "<team>.notification_setting",
];

fn corpus() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("shared/corpus/github/webhooks");
    folder.is_dir().then_some(folder)
}

/// Collects key paths. People, repositories and permissions look the same wherever they are, so
/// their keys are collected under one name each.
fn paths(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let at = common_name(map).unwrap_or(at);
            for (key, value) in map {
                let path = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                if key != "permissions" && key != "custom_properties" {
                    paths(value, &path, into);
                }
                into.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{at}[]"), into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The name of what looks the same everywhere, told by a key that nothing else has.
fn common_name(map: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let marks = [
        ("gists_url", "<user>"),
        ("forks_url", "<repository>"),
        ("repositories_url", "<team>"),
    ];
    let mark = marks.iter().find(|(key, _)| map.contains_key(*key));
    mark.map(|(_, name)| *name)
}

/// Whether a path belongs to what looks the same everywhere.
fn is_common(path: &str) -> bool {
    path.starts_with('<')
}

fn own_paths(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(value, "", &mut found);
    found.retain(|path| !CIRCUMSTANCES.iter().any(|part| path.starts_with(part)));
    found
}

/// What is known by event, and the keys of what looks the same everywhere.
fn real(folder: &PathBuf) -> (BTreeMap<String, Known>, BTreeSet<String>) {
    let mut common = BTreeSet::new();
    let mut events: BTreeMap<String, Known> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".json") || name.contains(".golden") {
            continue;
        }
        let event = name.split(['.', '-']).next().unwrap_or_default().to_owned();
        let text = std::fs::read(entry.path()).expect("a file");
        let Ok(body) = serde_json::from_slice::<Value>(&text) else {
            continue;
        };
        let action = body["action"].as_str().unwrap_or_default().to_owned();
        let found = own_paths(&body);
        common.extend(found.iter().filter(|path| is_common(path)).cloned());
        let known = events.entry(event).or_default();
        known.any.extend(found.iter().cloned());
        known
            .always
            .entry(action)
            .and_modify(|always| always.retain(|p| found.contains(p)))
            .or_insert(found);
    }
    (events, common)
}

/// A history with every kind of event the fake sends.
fn history() -> FakeGithub {
    let hub = FakeGithub::in_process();
    let repo = hub.repository("acme/web");
    repo.hook("https://ampel.example/webhooks/github/h1", "secret");
    let pull = repo
        .open_pull_request("Add login")
        .by("ada")
        .saying("Finally")
        .create();
    pull.retitle("Add a login page")
        .describe("At last")
        .label("security")
        .unlabel("security");
    pull.to_draft()
        .ready()
        .request_review("grace")
        .request_team_review("security");
    pull.push();
    pull.comment("grace");
    let comment = pull.say("grace", "Why?");
    pull.unsay("grace", comment);
    pull.request_changes("grace");
    pull.approve("grace");
    pull.dismiss("grace");
    pull.check("build").fails();
    pull.check("build").reruns();
    pull.check("lint").by_app("circleci").passes();
    pull.status("ci/external", StatusState::Pending);
    pull.label("ready");
    repo.branch("release");
    pull.retarget("release").close().reopen();
    pull.merge("grace");
    let fork = repo
        .open_pull_request("Fix a typo")
        .by("eve")
        .from_fork()
        .draft()
        .create();
    fork.check("build").passes();
    repo.rename("site").transfer("ada").archive().unarchive();
    repo.private().public();
    hub
}

#[test]
fn webhook_bodies_have_the_keys_of_real_ones() {
    let Some(folder) = corpus() else {
        #[expect(clippy::print_stderr, reason = "tells why nothing was compared")]
        {
            eprintln!("skipped: the corpus of real payloads is not here");
        }
        return;
    };
    let (real, common) = real(&folder);
    let mut wrong = BTreeSet::new();
    let mut compared = BTreeSet::new();
    for delivery in history().take_deliveries() {
        let body = delivery.json();
        let ours = own_paths(&body);
        let Some(known) = real.get(&delivery.event) else {
            continue;
        };
        let action = delivery.action.clone().unwrap_or_default();
        let name = format!("{}.{action}", delivery.event);
        let known_here = |path: &&String| known.any.contains(*path) || common.contains(*path);
        for path in ours.iter().filter(|path| !known_here(path)) {
            if !NOT_IN_THE_CORPUS.contains(&path.as_str()) {
                wrong.insert(format!("{name}: GitHub has no {path}"));
            }
        }
        for path in known.always.get(&action).into_iter().flatten() {
            let excused = is_common(path) || below_null(&body, path);
            if !ours.contains(path) && !excused {
                wrong.insert(format!("{name}: {path} is missing"));
            }
        }
        compared.insert(name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared.len() >= 25, "{compared:?}");
}

/// The first of what an answer lists, in a recording or from the fake.
fn first<'v>(answer: &'v Value, list: &str) -> &'v Value {
    let body = ["/response/body", "/body"]
        .iter()
        .find_map(|place| answer.pointer(place));
    &body.unwrap_or(answer)[list][0]
}

#[test]
fn answers_about_actions_and_comparisons_have_the_keys_of_real_ones() {
    let Some(folder) = corpus() else { return };
    let recorded = |file: &str| -> Value {
        let text = std::fs::read(folder.join("../api").join(file)).expect(file);
        serde_json::from_slice(&text).expect(file)
    };
    let hub = FakeGithub::in_process();
    let repo = hub.repository("acme/web");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    let token = hub.token("ada");
    let read = |path: &str| {
        let answer = hub.get(&token, path).expect("an answer");
        answer.body.expect("a body")
    };
    let runs = read("/repos/acme/web/actions/runs?per_page=1");
    let run = first(&runs, "workflow_runs");
    let jobs = read(&format!("/repos/acme/web/actions/runs/{}/jobs", run["id"]));
    let head = pull.head_sha();
    let compared = read(&format!("/repos/acme/web/compare/main...{head}?per_page=1"));
    let real_runs =
        recorded("workflow_runs-ghopenapi-200-actions-list-workflow-runs-for-repo-default.json");
    let real_jobs = recorded(
        "workflow_runs-hub4j-200-GHWorkflowRunTest-testJobs-7-r_h_g_actions_runs_719643947_jobs.json",
    );
    for (real, own, newer) in [
        (first(&real_runs, "workflow_runs"), run, &[][..]),
        (
            first(&real_jobs, "jobs"),
            first(&jobs, "jobs"),
            &["run_attempt"],
        ),
        (
            &recorded("compare-octocrab-repo_compare_commits.json"),
            &compared,
            &[],
        ),
    ] {
        let keys = |value: &Value| -> BTreeSet<String> {
            let keys = value.as_object().expect("an object").keys().cloned();
            keys.filter(|key| !newer.contains(&key.as_str())).collect()
        };
        assert_eq!(keys(own), keys(real));
    }
}

/// Whether the path ends inside something that is null or an empty list here.
fn below_null(body: &Value, path: &str) -> bool {
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
