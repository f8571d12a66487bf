//! The fake Gitea's webhooks and answers have the keys of real ones: none that Gitea lacks, all it
//! always has.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ampel_testkit::gitea::FakeGitea;
use serde_json::Value;

/// Key paths of one event, from every body of it.
#[derive(Default)]
struct Known {
    /// In at least one body of the event, whatever its action.
    any: BTreeSet<String>,
    /// In every body, by action.
    always: BTreeMap<String, BTreeSet<String>>,
}

/// Keys of old versions, or of what the fake has none of: secrets in bodies, milestones, assigned
/// people.
const GONE: [&str; 5] = [
    "secret",
    "default_branch",
    "pull_request.milestone.",
    "pull_request.assignee.",
    "pull_request.assignees[]",
];

/// Keys of `modules/structs` that no body in the corpus happens to have.
const NOT_IN_THE_CORPUS: [&str; 11] = [
    "changes.ref",
    "changes.ref.from",
    "sha",
    "total_commits",
    "pull_request.draft",
    "pull_request.requested_reviewers_teams",
    "<repository>.allow_fast_forward_only_merge",
    "<repository>.object_format_name",
    "<user>.source_id",
    "<user>.login_name",
    "<user>.html_url",
];

fn corpus(part: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("shared/corpus/gitea").join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "tells why nothing was compared")]
    {
        eprintln!("skipped: the corpus of real payloads is not here");
    }
    None
}

/// Collects key paths. People and repositories look the same wherever they are, so their keys are
/// collected under one name each.
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
                paths(value, &path, into);
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
    if map.contains_key("clone_url") {
        Some("<repository>")
    } else if map.contains_key("login") {
        Some("<user>")
    } else {
        None
    }
}

fn own_paths(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(value, "", &mut found);
    found.retain(|path| {
        !GONE
            .iter()
            .any(|part| path == part || path.starts_with(part))
    });
    found
}

fn recordings(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = std::fs::read(entry.path()).expect("a file");
        match serde_json::from_slice(&text) {
            Ok(body) if !name.contains(".golden") => found.push((name, body)),
            Ok(_) | Err(_) => {}
        }
    }
    found
}

/// What is known by event, and the keys of what looks the same everywhere.
fn real(folder: &Path) -> (BTreeMap<String, Known>, BTreeSet<String>) {
    let mut common = BTreeSet::new();
    let mut events: BTreeMap<String, Known> = BTreeMap::new();
    for (name, body) in recordings(folder) {
        let event = name.split(['.', '-']).next().unwrap_or_default().to_owned();
        let action = body["action"].as_str().unwrap_or_default().to_owned();
        let found = own_paths(&body);
        common.extend(found.iter().filter(|path| path.starts_with('<')).cloned());
        // One shape for all that is about a pull request.
        let shared = if body["pull_request"].is_object() {
            "pull_request".to_owned()
        } else {
            event.clone()
        };
        events
            .entry(shared)
            .or_default()
            .any
            .extend(found.iter().cloned());
        let known = events.entry(event).or_default();
        known
            .always
            .entry(action)
            .and_modify(|always| always.retain(|path| found.contains(path)))
            .or_insert(found);
    }
    (events, common)
}

/// A history with every kind of event the fake sends.
fn history() -> FakeGitea {
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    repo.hook("https://ampel.example/webhooks/gitea/h1", "secret");
    let pull = repo
        .open_pull_request("Add login")
        .by("ada")
        .saying("Finally")
        .create();
    pull.retitle("Add a login page")
        .describe("At last")
        .label("security")
        .unlabel("security")
        .clear_labels();
    pull.to_draft().ready().request_review("grace");
    pull.push();
    pull.comment("alan");
    pull.review_without_opinion("grace");
    pull.request_changes("grace");
    pull.approve("grace");
    pull.check("build").fails();
    repo.branch("release");
    pull.retarget("release").close().reopen();
    pull.merge("grace");
    repo.open_pull_request("Fix a typo")
        .by("kurt")
        .from_fork("kurt")
        .draft()
        .create();
    repo.delete_branch("release");
    repo.delete();
    gitea
}

#[test]
fn webhook_bodies_have_the_keys_of_real_ones() {
    let Some(folder) = corpus("webhooks") else {
        return;
    };
    let (real, common) = real(&folder);
    let mut wrong = BTreeSet::new();
    let mut compared = BTreeSet::new();
    for delivery in history().take_deliveries() {
        let body = delivery.json();
        let ours = own_paths(&body);
        let action = delivery.action.clone().unwrap_or_default();
        let name = format!("{}.{action}", delivery.event);
        let shape = if body["pull_request"].is_object() {
            "pull_request"
        } else {
            &delivery.event
        };
        let Some(known) = real.get(shape) else {
            continue;
        };
        for path in &ours {
            let familiar = known.any.contains(path) || common.contains(path);
            if !familiar && !NOT_IN_THE_CORPUS.contains(&path.as_str()) {
                wrong.insert(format!("{name}: Gitea has no {path}"));
            }
        }
        let always = real
            .get(&delivery.event)
            .and_then(|known| known.always.get(&action));
        for path in always.into_iter().flatten() {
            let excused = path.starts_with('<') || below_null(&body, path);
            if !ours.contains(path) && !excused {
                wrong.insert(format!("{name}: {path} is missing"));
            }
        }
        compared.insert(name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared.len() >= 16, "{compared:?}");
}

/// Keys of `modules/structs` in versions that are newer than the recordings of these resources.
const NEWER: [&str; 14] = [
    "protected",
    "required_approvals",
    "enable_status_check",
    "status_check_contexts",
    "user_can_push",
    "user_can_merge",
    "effective_branch_protection_name",
    "commit.url",
    "commit.verification",
    "branch_filter",
    "authorization_header",
    "config.url",
    "config.content_type",
    "updated_at",
];

/// The recordings of one resource, and the path whose answer (or its first item) has that shape.
const ANSWERS: [(&str, &str); 7] = [
    ("user-", "/user"),
    ("repo-", "/repos/acme/web"),
    ("repos-", "/user/repos"),
    ("branch-", "/repos/acme/web/branches/main"),
    ("hooks-", "/repos/acme/web/hooks"),
    ("status-", "/repos/acme/web/commits/login/statuses"),
    ("reviews-", "/repos/acme/web/pulls/1/reviews"),
];

#[test]
fn answers_have_the_keys_of_real_ones() {
    let Some(folder) = corpus("api") else { return };
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    repo.hook("https://ampel.example/webhooks/gitea/h1", "secret");
    let pull = repo
        .open_pull_request("Add login")
        .from_branch("login")
        .create();
    pull.approve("grace");
    pull.check("build").succeeds();
    let token = gitea.token("acme");
    let recordings = recordings(&folder);
    let (_, common) = corpus("webhooks").map(|own| real(&own)).unwrap_or_default();
    for (resource, path) in ANSWERS {
        let answer = gitea.get(&token, path).expect("an answer");
        let body = answer.body.expect("a body");
        let ours = own_paths(first(&body));
        let real: Vec<_> = recordings
            .iter()
            .filter(|(name, _)| name.starts_with(resource))
            .collect();
        assert!(!real.is_empty(), "nothing is recorded for {resource}");
        let made_up: Vec<&String> = ours
            .iter()
            .filter(|key| !real.iter().any(|(_, body)| has_or_might(body, key)))
            .filter(|key| !common.contains(*key) && !NEWER.contains(&key.as_str()))
            .filter(|key| !NOT_IN_THE_CORPUS.contains(&key.as_str()))
            .collect();
        assert!(made_up.is_empty(), "{path}: no recording has {made_up:?}");
        for (name, real) in real {
            for key in own_paths(first(real)) {
                let excused = below_null(first(&body), &key);
                let known = ours.contains(&key) || excused;
                assert!(known, "{path}: {key} of {name} is missing");
            }
        }
    }
}

/// Whether a recording, or one of its items, has a key, or nothing where it would be.
fn has_or_might(body: &Value, key: &str) -> bool {
    let items = body
        .as_array()
        .map_or(std::slice::from_ref(body), Vec::as_slice);
    let has = |item: &Value| own_paths(item).contains(key) || below_null(item, key);
    items.iter().any(has)
}

fn first(body: &Value) -> &Value {
    match body {
        Value::Array(items) => items.first().unwrap_or(&Value::Null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            body
        }
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
