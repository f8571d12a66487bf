//! Recorded answers of GitLab say to the client what others read in them.
//!
//! They are of REST, and merge requests are read by GraphQL: those are told in its words first.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests fail the way tests do, and say what was compared"
)]

mod server;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use ampel_domain::{
    facts::{CheckState, CommitSha, Conclusion, Fact, Lifecycle, Verdict},
    instance::AddressRules,
    provider::{Provider, ProviderRepositoryId},
    pulls::PullRequestSnapshot,
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{GitProvider, Providers, pacing::Unpaced};
use ampel_testkit::recordings;
use serde_json::{Value, json};
use server::{Server, response};

fn folder() -> Option<PathBuf> {
    Some(recordings::folder()?.join("gitlab/api"))
}

/// A client of a server that answers GraphQL and REST like this, whatever is asked.
async fn answered(graphql: &Value, rest: &Value) -> (Server, Box<dyn GitProvider>) {
    let (graphql, rest) = (graphql.to_string(), rest.to_string());
    let date = "date: Mon, 05 Jan 2026 09:00:00 GMT\r\n";
    let server = Server::answering(move |request| {
        let is_graphql = request.starts_with("POST /api/graphql");
        response("200 OK", date, if is_graphql { &graphql } else { &rest })
    })
    .await;
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let instance = rules
        .check_instance(&format!("http://{}", server.address))
        .unwrap();
    let token = Secret::new("a token".to_owned());
    let client = Providers::new(rules)
        .unwrap()
        .client(Provider::Gitlab, &instance, token, Arc::new(Unpaced))
        .unwrap();
    (server, client)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What a recording holds: a list, or one thing.
fn all(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or(vec![value.clone()])
}

fn repository(id: &Value) -> RepositoryFacts {
    RepositoryFacts {
        provider_id: ProviderRepositoryId(id.to_string()),
        owner: "diaspora".to_owned(),
        name: "diaspora".to_owned(),
        description: None,
        url: String::new(),
        default_branch: "master".to_owned(),
        is_private: false,
        is_archived: false,
    }
}

fn gid(kind: &str, id: &Value) -> String {
    format!("gid://gitlab/{kind}/{id}")
}

/// A merge request of REST in the words of GraphQL.
fn told(rest: &Value) -> Value {
    let author = &rest["author"];
    let status = rest["detailed_merge_status"]
        .as_str()
        .map(str::to_uppercase);
    let labels = rest["labels"].as_array().cloned().unwrap_or_default();
    let labels: Vec<Value> = labels
        .iter()
        .map(|label| json!({ "title": label }))
        .collect();
    let pipeline = rest["head_pipeline"].as_object().map(|pipeline| {
        json!({
            "id": gid("Ci::Pipeline", &pipeline["id"]), "sha": pipeline["sha"],
            "status": pipeline["status"].as_str().unwrap().to_uppercase(),
            "createdAt": pipeline["created_at"], "updatedAt": pipeline["updated_at"],
        })
    });
    let draft = rest["draft"]
        .as_bool()
        .or(rest["work_in_progress"].as_bool());
    json!({
        "id": gid("MergeRequest", &rest["id"]), "iid": rest["iid"].to_string(),
        "title": rest["title"], "description": rest["description"], "state": rest["state"],
        "draft": draft, "createdAt": rest["created_at"], "updatedAt": rest["updated_at"],
        "mergedAt": rest["merged_at"], "closedAt": rest["closed_at"], "webUrl": rest["web_url"],
        "author": {
            "id": gid("User", &author["id"]), "username": author["username"],
            "avatarUrl": author["avatar_url"],
        },
        "sourceBranch": rest["source_branch"], "targetBranch": rest["target_branch"],
        "diffHeadSha": rest["sha"], "sourceProjectId": rest["source_project_id"],
        "detailedMergeStatus": status, "conflicts": rest["has_conflicts"],
        "userNotesCount": rest["user_notes_count"],
        "labels": { "nodes": labels },
        "approvedBy": { "nodes": [] }, "reviewers": { "nodes": [] },
        "headPipeline": pipeline, "pipelines": { "nodes": [] },
    })
}

async fn see(rest: &Value) -> PullRequestSnapshot {
    let project = &rest["target_project_id"];
    let graphql = json!({
        "data": { "project": { "id": gid("Project", project), "mergeRequest": told(rest) } },
    });
    let (_server, client) = answered(&graphql, rest).await;
    let number: u32 = rest["iid"].to_string().parse().unwrap();
    let number = number.try_into().unwrap();
    let read = client.pull_request(&repository(project), number).await;
    read.unwrap().of.unwrap()
}

type Fields = BTreeMap<&'static str, String>;

fn ours(seen: &PullRequestSnapshot) -> Fields {
    let report = &seen.report;
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let (state, merged_at, closed_at) = match report.lifecycle {
        Lifecycle::Open => ("OPEN", None, None),
        Lifecycle::Merged { at } => ("MERGED", at, None),
        Lifecycle::Closed { at } => ("CLOSED", None, at),
    };
    let mergeable = seen.verdict == Fact::Known(Verdict::Clean) && !report.draft;
    Fields::from([
        ("number", report.number.to_string()),
        ("title", report.title.clone()),
        ("body", report.description.clone().unwrap_or_default()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("link", report.url.clone()),
        ("author", report.author.to_string()),
        ("draft", report.draft.to_string()),
        ("state", state.to_owned()),
        ("closed", (!report.lifecycle.is_open()).to_string()),
        ("merged", (state == "MERGED").to_string()),
        ("created", report.created_at.to_string()),
        ("updated", report.updated_at.to_string()),
        ("merged_at", time(merged_at)),
        ("closed_at", time(closed_at)),
        ("mergeable", mergeable.to_string()),
    ])
}

/// The fields of a golden, by our names.
fn fields(golden: &Value, names: &[(&'static str, &str)]) -> Fields {
    let taken = names.iter().filter_map(|(ours, theirs)| {
        let value = golden.pointer(theirs)?;
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let time = text.parse::<jiff::Timestamp>().map(|at| at.to_string());
        Some((*ours, time.unwrap_or(text)))
    });
    taken
        .filter(|(_, text)| text != "0001-01-01T00:00:00Z")
        .collect()
}

fn of_goscm(golden: &Value) -> Fields {
    let mut fields = fields(
        golden,
        &[
            ("number", "/Number"),
            ("title", "/Title"),
            ("body", "/Body"),
            ("sha", "/Sha"),
            ("source", "/Source"),
            ("target", "/Target"),
            ("link", "/Link"),
            ("author", "/Author/Login"),
            ("draft", "/Draft"),
            ("merged", "/Merged"),
            ("created", "/Created"),
            ("updated", "/Updated"),
        ],
    );
    // Its fork counts what was merged as not closed.
    if golden["Merged"] == false {
        fields.insert("closed", golden["Closed"].to_string());
    }
    fields
}

/// DevLake did not fill in whether it is a draft.
fn of_devlake(golden: &Value) -> Fields {
    fields(
        golden,
        &[
            ("number", "/pull_request_key"),
            ("title", "/title"),
            ("link", "/url"),
            ("author", "/author_name"),
            ("state", "/status"),
            ("source", "/head_ref"),
            ("target", "/base_ref"),
            ("created", "/created_date"),
            ("merged_at", "/merged_date"),
            ("closed_at", "/closed_date"),
        ],
    )
}

/// Goldens of recordings that were edited: what they say of the merge contradicts GitLab's own
/// word in them, which is the one that counts here.
const EDITED: [&str; 2] = [
    "blocking-discussions-unresolved",
    "pipeline-with-pipeline-skipped",
];

async fn compare_pulls(name: &str, recording: &Value, golden: &Value) -> usize {
    let recordings = all(recording);
    let expected: Vec<Fields> = if name.contains("devlake") {
        let of = |rest: &Value| of_devlake(&golden[rest["iid"].to_string()]);
        recordings.iter().map(of).collect()
    } else if name.contains("atlantis") {
        vec![fields(golden, &[("mergeable", "/mergeable")])]
    } else {
        all(golden).iter().map(of_goscm).collect()
    };
    assert_eq!(recordings.len(), expected.len(), "{name}");
    let mut compared = 0;
    for (rest, expected) in recordings.iter().zip(expected) {
        let ours = ours(&see(rest).await);
        for (field, value) in &expected {
            assert_eq!(ours.get(field), Some(value), "{name}: {field}");
        }
        compared += expected.len();
    }
    compared
}

async fn compare_repositories(name: &str, recording: &Value, golden: &Value) -> usize {
    let (_server, client) = answered(&Value::Null, recording).await;
    let found = if recording.is_array() {
        client.list_repositories(1, 100).await.unwrap().items
    } else {
        vec![client.repository("diaspora", "diaspora").await.unwrap()]
    };
    let goldens = all(golden);
    assert_eq!(found.len(), goldens.len());
    for (facts, golden) in found.iter().zip(goldens) {
        for (field, ours) in [
            ("ID", &facts.provider_id.0),
            ("Namespace", &facts.owner),
            ("Name", &facts.name),
            ("Branch", &facts.default_branch),
        ] {
            assert_eq!(&golden[field], ours, "{name}: {field}");
        }
        assert_eq!(golden["Private"], facts.is_private, "{name}");
    }
    found.len() * 5
}

async fn compare_hooks(name: &str, recording: &Value, golden: &Value) -> usize {
    let (_server, client) = answered(&Value::Null, &json!(all(recording))).await;
    let goldens = all(golden);
    for golden in &goldens {
        let url = golden["Target"].as_str().unwrap();
        let shown = client.find_webhook(&repository(&json!(1)), url).await;
        let shown = shown.unwrap().unwrap();
        assert_eq!(golden["ID"], shown.registration, "{name}");
        assert_eq!(golden["Active"], shown.is_active, "{name}");
    }
    goldens.len() * 3
}

async fn compare_user(name: &str, recording: &Value, golden: &Value) -> usize {
    let (_server, client) = answered(&Value::Null, recording).await;
    let user = client.user().await.unwrap();
    assert_eq!(golden["Login"], user.login.as_str(), "{name}");
    assert_eq!(golden["Email"].as_str(), user.email.as_deref(), "{name}");
    assert_eq!(
        golden["Avatar"].as_str(),
        user.avatar_url.as_deref(),
        "{name}"
    );
    3
}

async fn compare_pipelines(name: &str, recording: &Value, golden: &Value) -> usize {
    let mut compared = 0;
    for pipeline in recording.as_array().unwrap() {
        let (_server, client) = answered(&Value::Null, &json!([pipeline])).await;
        let head: CommitSha = pipeline["sha"].as_str().unwrap().parse().unwrap();
        let repo = repository(&pipeline["project_id"]);
        let evidence = client.evidence(&repo, &head).await.unwrap().of;
        let golden = &golden[pipeline["id"].to_string()];
        let expected = match golden["result"].as_str().unwrap() {
            "SUCCESS" => Conclusion::Success,
            _failure => Conclusion::Failure,
        };
        let check = &evidence.checks[0];
        assert_eq!(check.state, CheckState::Completed(expected), "{name}");
        assert_eq!(golden["url"].as_str(), check.url.as_deref(), "{name}");
        let id = golden["id"].as_str().unwrap();
        assert!(id.ends_with(&format!(":{}", check.run)), "{name}");
        compared += 3;
    }
    compared
}

/// Why a golden of this kind of answer is not compared.
fn skipped(kind: &str, name: &str) -> Option<&'static str> {
    match kind {
        "pull" if EDITED.iter().any(|edited| name.contains(edited)) => {
            Some("the recording was edited to contradict GitLab's own merge status")
        }
        "pull" | "pulls" | "repo" | "repos" | "hook" | "hooks" | "user" | "pipelines" => None,
        "status" | "statuses" | "jobs" => Some("their pipeline speaks for them"),
        _other => Some("it is not asked for"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_answers_say_what_others_read_in_them() {
    let Some(folder) = folder() else { return };
    let files = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains(".golden"))
        .collect();
    files.sort();
    let (mut compared, mut count) = (0, 0);
    let mut not_compared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for name in files {
        let kind = name.split('-').next().unwrap();
        if let Some(why) = skipped(kind, &name) {
            not_compared.entry(why).or_default().insert(name);
            continue;
        }
        let stem = name.split(".golden").next().unwrap();
        let recording = read(&folder.join(format!("{stem}.json")));
        let golden = read(&folder.join(&name));
        count += match kind {
            "pull" | "pulls" => compare_pulls(&name, &recording, &golden).await,
            "repo" | "repos" => compare_repositories(&name, &recording, &golden).await,
            "hook" | "hooks" => compare_hooks(&name, &recording, &golden).await,
            "user" => compare_user(&name, &recording, &golden).await,
            _pipelines => compare_pipelines(&name, &recording, &golden).await,
        };
        compared += 1;
    }
    eprintln!("gitlab: {compared} goldens of answers compared, {count} fields");
    for (why, names) in &not_compared {
        eprintln!("gitlab: not compared ({}), {why}: {names:?}", names.len());
    }
    assert!(compared >= 20, "{compared}");
}

/// Recorded merge requests without a golden are read, too.
#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_merge_request_is_read() {
    let Some(folder) = folder() else { return };
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("pull") || name.starts_with("pull_") || name.contains(".golden") {
            continue;
        }
        let document = read(&path);
        for exchange in all(&document) {
            for rest in all(exchange.pointer("/response/body").unwrap_or(&exchange)) {
                let is_whole = rest["sha"].is_string() && rest["target_project_id"].is_u64();
                if is_whole {
                    assert_eq!(rest["title"], see(&rest).await.report.title, "{name}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 20, "{seen} recorded merge requests read");
}
