//! The fake's webhooks and answers have the keys of real ones: none that GitLab lacks, all it
//! always has.

#![expect(
    clippy::expect_used,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use ampel_testkit::gitlab::FakeGitlab;
use serde_json::Value;

fn corpus(part: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("shared/corpus/gitlab").join(part);
    if !folder.is_dir() {
        #[expect(clippy::print_stderr, reason = "tells why nothing was compared")]
        {
            eprintln!("skipped: the corpus of real payloads is not here");
        }
        return None;
    }
    Some(folder)
}

/// The bodies in files whose names begin so.
fn bodies(folder: &PathBuf, start: &str) -> Vec<Value> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let wanted = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(".json") && !name.contains(".golden")
    };
    let texts = paths.iter().filter(wanted);
    texts
        .filter_map(|path| serde_json::from_slice(&std::fs::read(path).expect("a file")).ok())
        .collect()
}

/// Key paths. What depends on what happened and where is left out.
fn paths(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{at}.{key}");
                if !CIRCUMSTANCES.contains(&key.as_str()) {
                    paths(value, &path, into);
                    into.insert(path);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, at, into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

const CIRCUMSTANCES: [&str; 5] = [
    "assignees",
    "changes",
    "environment",
    "merge_params",
    "runner",
];

fn paths_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(value, "", &mut found);
    found
}

/// What is wrong with our keys: some no real body has, or some every recent body has.
fn differences(name: &str, ours: &Value, any: &[Value], recent: &[Value]) -> Vec<String> {
    let own = paths_of(ours);
    let known: BTreeSet<String> = any.iter().flat_map(paths_of).collect();
    let mut wrong: Vec<String> = own
        .difference(&known)
        .filter(|path| !IN_THE_REFERENCE.contains(&path.trim_start_matches('.')))
        .map(|path| format!("{name}: GitLab has no {path}"))
        .collect();
    let mut always = recent.iter().map(paths_of);
    if let Some(first) = always.next() {
        let always = always.fold(first, |all, body| &all & &body);
        let missing = always.difference(&own);
        let missing = missing.filter(|path| !below_null(ours, path));
        wrong.extend(missing.map(|path| format!("{name}: {path} is missing")));
    }
    wrong
}

/// Keys of GitLab's reference of events that no body in the corpus happens to have.
const IN_THE_REFERENCE: [&str; 17] = [
    "object_attributes.action",
    "user.id",
    "user.email",
    "commit.title",
    "project.ci_config_path",
    "object_attributes.system",
    "object_attributes.system_action",
    "object_attributes.detailed_status",
    "object_attributes.queued_duration",
    "object_attributes.description",
    "reviewers.state",
    "reviewers.re_requested",
    "push_options",
    "ref_protected",
    "commits.title",
    "event_type",
    "project_namespace_id",
];

/// Whether the path ends inside something that is null or an empty list here.
fn below_null(body: &Value, path: &str) -> bool {
    let mut value = body;
    for key in path.trim_start_matches('.').split('.') {
        if let Value::Array(items) = value {
            match items.first() {
                Some(first) => value = first,
                None => return true,
            }
        }
        match value.get(key) {
            Some(Value::Null) => return true,
            Some(inner) => value = inner,
            None => return value.is_null(),
        }
    }
    false
}

/// A history with every kind of event the fake sends.
fn history() -> FakeGitlab {
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.hook("https://ampel.example/webhooks/gitlab/h1", "secret");
    gitlab.system_hook("https://ampel.example/webhooks/gitlab/system", "secret");
    let pull = repo
        .open_pull_request("Add login")
        .by("ada")
        .saying("Finally")
        .labelled("security")
        .create();
    pull.request_review("grace").push();
    pull.approve("grace").withdraw("grace");
    pull.check("build").fails();
    pull.comment("grace");
    pull.close().reopen();
    pull.merge("ada");
    repo.rename("site").transfer("globex").delete();
    gitlab
}

#[test]
fn webhook_bodies_have_the_keys_of_real_ones() {
    let Some(folder) = corpus("webhooks") else {
        return;
    };
    let mut wrong = BTreeSet::new();
    let mut compared = BTreeSet::new();
    for delivery in history().take_deliveries() {
        let mut body = delivery.json();
        let action = delivery.action.clone().unwrap_or_default();
        let start = match delivery.event.as_str() {
            "Merge Request Hook" => "merge_request.".to_owned(),
            "Push Hook" => "push.".to_owned(),
            "Pipeline Hook" => "pipeline.".to_owned(),
            "Note Hook" => "note.mergerequest".to_owned(),
            _system => {
                let name = body["event_name"].as_str().unwrap_or_default();
                format!("system_hook.{name}")
            }
        };
        let any = bodies(&folder, &start);
        let of_pulls = start.starts_with("merge_request");
        let mut recent = any.clone();
        recent.retain(|body| !of_pulls || is_recent(body, &action));
        if delivery.event == "Note Hook" {
            // The recordings are years older than the merge requests beside them would be now.
            put_aside(&mut body, "merge_request");
            recent.clear();
        }
        let name = format!("{start}{action}");
        wrong.extend(differences(&name, &body, &any, &recent));
        compared.insert(name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared.len() >= 12, "{compared:?}");
}

fn put_aside(body: &mut Value, key: &str) {
    if let Value::Object(map) = body {
        map.remove(key);
    }
}

/// Bodies of the last years name the detailed status; older ones differ more.
fn is_recent(body: &Value, action: &str) -> bool {
    let attributes = &body["object_attributes"];
    attributes["action"] == action
        && attributes.get("detailed_merge_status").is_some()
        && attributes.get("prepared_at").is_some()
}

#[test]
fn answers_have_the_keys_of_real_ones() {
    let Some(folder) = corpus("api") else {
        return;
    };
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.member("ada").require_approvals(1);
    repo.hook("https://ampel.example/webhooks/gitlab/h1", "secret");
    let pull = repo.open_pull_request("Add login").by("grace").create();
    pull.check("build").fails();
    pull.approve("alan");
    let token = gitlab.token("ada");
    let get = |path: &str| {
        let answer = gitlab.get(&token, path).expect("an answer");
        answer.body.unwrap_or_default()
    };
    let own = "/projects/acme%2Fweb";
    let head = pull.head_sha();
    let compared = [
        (
            "pull-atlantis-detailed",
            get(&format!("{own}/merge_requests/1")),
        ),
        ("hooks-", get(&format!("{own}/hooks"))),
        (
            "approvals-gitlab4j-approvals",
            get(&format!("{own}/merge_requests/1/approvals")),
        ),
        ("pipelines-devlake", get(&format!("{own}/pipelines"))),
        ("token-", get("/personal_access_tokens/self")),
        ("repo-", get(own)),
        ("repos-", get("/projects?membership=true")),
        ("user-", get("/user")),
        (
            "statuses-gitlab4j",
            get(&format!("{own}/repository/commits/{head}/statuses")),
        ),
        (
            "compare-",
            get(&format!("{own}/repository/compare?from=main&to={head}")),
        ),
        (
            "branch-gitlab4j",
            get(&format!("{own}/repository/branches/main")),
        ),
    ];
    // The recordings are older than many keys of today: only what all of them have is asked for.
    let mut missing = Vec::new();
    for (start, ours) in compared {
        let ours = match ours {
            Value::Array(items) => items.first().cloned().unwrap_or_default(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => ours,
        };
        let recent: Vec<Value> = bodies(&folder, start)
            .into_iter()
            .map(|body| body.get(0).cloned().unwrap_or(body))
            .collect();
        assert!(!recent.is_empty(), "{start}");
        let found = differences(start, &ours, std::slice::from_ref(&ours), &recent);
        missing.extend(found.into_iter().filter(|line| !is_elsewhere(start, line)));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whether the line is about a key of that resource that is left out, or about one below it.
fn is_elsewhere(start: &str, line: &str) -> bool {
    let of_row = FROM_ELSEWHERE.iter().filter(|(row, _)| *row == start);
    let mut keys = of_row.flat_map(|(_, keys)| *keys);
    keys.any(|key| {
        let path = format!("{start}: .{key}");
        line.starts_with(&format!("{path} ")) || line.starts_with(&format!("{path}."))
    })
}

/// Keys, by resource, that another call gives, that GitLab gives no more, or that are settings
/// which nobody here asks for.
const FROM_ELSEWHERE: [(&str, &[&str]); 7] = [
    // Only where a token is made.
    ("token-", &["token"]),
    // Of `GET …/pipelines/:id`, which the recording put together with the list.
    (
        "pipelines-devlake",
        &[
            "before_sha",
            "committed_at",
            "coverage",
            "detailed_status",
            "duration",
            "finished_at",
            "queued_duration",
            "started_at",
            "tag",
            "user",
            "yaml_errors",
        ],
    ),
    ("pull-atlantis-detailed", &["reference", "assignee"]),
    ("branch-gitlab4j", &["commit.short_id"]),
    ("compare-", &["commit.short_id", "commits.short_id"]),
    ("repo-", SETTINGS),
    ("repos-", SETTINGS),
];

/// What of a project nobody here asks for.
const SETTINGS: &[&str] = &[
    "_links.issues",
    "container_registry_enabled",
    "issues_enabled",
    "lfs_enabled",
    "public_jobs",
    "resolve_outdated_diff_discussions",
    "shared_runners_enabled",
    "shared_with_groups",
    "snippets_enabled",
    "wiki_enabled",
];
