//! The fake GitLab tells one story everywhere: webhooks, REST and GraphQL agree.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::fake::Delivery;
use ampel_testkit::gitlab::model::DetailedStatus;
use ampel_testkit::gitlab::{FakeGitlab, PullStory, RepoStory, World};
use serde_json::{Value, json};

const SECRET: &str = "It's a Secret to Everybody";

fn world() -> (FakeGitlab, RepoStory, String) {
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.member("ada");
    repo.hook("https://ampel.example/webhooks/gitlab/h1", SECRET);
    let token = gitlab.token("ada");
    (gitlab, repo, token)
}

fn body(gitlab: &FakeGitlab, token: &str, path: &str) -> Value {
    let response = gitlab.get(token, path).expect("an answer");
    assert_eq!(response.status, 200, "{path}: {:?}", response.body);
    response.body.unwrap_or_default()
}

fn rest(gitlab: &FakeGitlab, token: &str, pull: &PullStory) -> Value {
    let path = format!("/projects/acme%2Fweb/merge_requests/{}", pull.number());
    body(gitlab, token, &path)
}

const LIST: &str = "query List($path: ID!, $after: String) {
  queryComplexity { score limit }
  project(fullPath: $path) {
    id
    mergeRequests(state: opened, first: 50, after: $after, sort: UPDATED_DESC) {
      count pageInfo { hasNextPage endCursor }
      nodes {
        iid id title description draft state createdAt updatedAt mergedAt closedAt
        sourceBranch targetBranch diffHeadSha webUrl author { username avatarUrl }
        sourceProject { id fullPath } targetProject { id }
        labels { nodes { title } }
        reviewers { nodes { username avatarUrl mergeRequestInteraction { approved reviewState } } }
        approvedBy { nodes { username avatarUrl } }
        detailedMergeStatus conflicts
        headPipeline { id iid sha status source mergeRequestEventType path }
        pipelines(first: 5) { nodes {
          id iid sha status source mergeRequestEventType createdAt updatedAt startedAt finishedAt path
        } }
        userNotesCount commitCount diffStatsSummary { additions deletions fileCount }
      }
    }
  }
}";

fn listed(gitlab: &FakeGitlab, token: &str) -> Vec<Value> {
    let answer = gitlab.graphql(token, LIST, &json!({ "path": "acme/web" }));
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let nodes = &answer["data"]["project"]["mergeRequests"]["nodes"];
    nodes.as_array().cloned().unwrap_or_default()
}

fn sent(deliveries: &[Delivery]) -> Vec<String> {
    let name = |delivery: &Delivery| {
        let action = delivery.action.clone().unwrap_or_default();
        format!("{}: {action}", delivery.event)
    };
    deliveries.iter().map(name).collect()
}

#[test]
fn rest_and_graphql_and_webhooks_agree_after_every_verb() {
    let (gitlab, repo, token) = world();
    gitlab.checked_after(0);
    let pull = repo.open_pull_request("Add login").by("ada").create();
    gitlab.take_deliveries();
    let verbs: [(&str, &dyn Fn()); 14] = [
        ("update", &|| {
            pull.retitle("Add a login page");
        }),
        ("update", &|| {
            pull.describe("At last");
        }),
        ("update", &|| {
            pull.label("security");
        }),
        ("update", &|| {
            pull.to_draft();
        }),
        ("update", &|| {
            pull.ready();
        }),
        ("update", &|| {
            pull.push();
        }),
        ("update", &|| {
            pull.force_push();
        }),
        ("update", &|| {
            pull.request_review("grace");
        }),
        ("approved", &|| {
            pull.approve("grace");
        }),
        ("unapproved", &|| {
            pull.withdraw("grace");
        }),
        ("update", &|| {
            pull.request_changes("grace");
        }),
        ("update", &|| {
            pull.unlabel("security");
        }),
        ("close", &|| {
            pull.close();
        }),
        ("reopen", &|| {
            pull.reopen();
        }),
    ];
    for (action, verb) in verbs {
        verb();
        let deliveries = gitlab.take_deliveries();
        let told = deliveries.last().expect("a webhook").json();
        let attributes = &told["object_attributes"];
        assert_eq!(attributes["action"], action);
        let rest = rest(&gitlab, &token, &pull);
        for key in ["iid", "title", "state", "draft", "description"] {
            assert_eq!(attributes[key], rest[key], "{action}: {key}");
        }
        assert_eq!(attributes["last_commit"]["id"], rest["sha"]);
        assert_eq!(
            attributes["detailed_merge_status"],
            rest["detailed_merge_status"]
        );
        let Some(node) = listed(&gitlab, &token).pop() else {
            assert_eq!(rest["state"], "closed");
            continue;
        };
        assert_eq!(node["title"], rest["title"]);
        assert_eq!(node["diffHeadSha"], rest["sha"]);
        assert_eq!(node["webUrl"], rest["web_url"]);
        let status = rest["detailed_merge_status"].as_str().unwrap_or_default();
        assert_eq!(node["detailedMergeStatus"], status.to_uppercase());
        assert_eq!(
            node["labels"]["nodes"].as_array().map(Vec::len),
            rest["labels"].as_array().map(Vec::len)
        );
    }
}

#[test]
fn opening_pushes_first_and_opens_then() {
    let (gitlab, repo, _) = world();
    let pull = repo
        .open_pull_request("Add login")
        .by("ada")
        .labelled("security")
        .create();
    let deliveries = gitlab.take_deliveries();
    assert_eq!(
        sent(&deliveries),
        [
            "Push Hook: ",
            "Merge Request Hook: open",
            "Merge Request Hook: update"
        ]
    );
    let pushed = deliveries[0].json();
    assert_eq!(pushed["before"], "0".repeat(40), "the branch is new");
    assert_eq!(pushed["after"], pull.head_sha());
    let labelled = deliveries[2].json();
    assert_eq!(labelled["changes"]["labels"]["previous"], json!([]));
    assert_eq!(
        labelled["changes"]["labels"]["current"][0]["title"],
        "security"
    );
    pull.push();
    let moved = gitlab.take_deliveries().pop().expect("a webhook").json();
    assert_eq!(
        moved["object_attributes"]["last_commit"]["id"],
        pull.head_sha()
    );
    assert!(moved["object_attributes"]["oldrev"].is_string());
}

#[test]
fn a_push_takes_approvals_back_without_saying_whose() {
    let (gitlab, repo, token) = world();
    repo.require_approvals(2)
        .rules(|rules| rules.reset_approvals_on_push = true);
    let pull = repo.open_pull_request("Add login").create();
    gitlab.settle();
    gitlab.take_deliveries();
    pull.approve("grace");
    assert_eq!(pull.detailed_status(), DetailedStatus::NotApproved);
    pull.approve("alan");
    assert_eq!(
        sent(&gitlab.take_deliveries()),
        [
            "Merge Request Hook: approval",
            "Merge Request Hook: approved"
        ]
    );
    pull.push();
    let seen = [(); 4].map(|()| rest(&gitlab, &token, &pull)["detailed_merge_status"].clone());
    let words = ["unchecked", "checking", "approvals_syncing", "not_approved"];
    assert_eq!(seen, words);
    let deliveries = gitlab.take_deliveries();
    let told = deliveries.last().expect("a webhook").json();
    let attributes = &told["object_attributes"];
    assert_eq!(attributes["action"], "unapproved");
    assert_eq!(attributes["system"], true);
    assert_eq!(attributes["system_action"], "approvals_reset_on_push");
    assert_eq!(told["user"]["username"], "ada", "the one who pushed");
    let path = "/projects/acme%2Fweb/merge_requests/1/approvals";
    let approvals = body(&gitlab, &token, path);
    assert_eq!(approvals["approved_by"], json!([]));
    assert_eq!(approvals["approvals_left"], 2);
    let node = listed(&gitlab, &token).remove(0);
    let states = &node["reviewers"]["nodes"];
    assert_eq!(
        states[0]["mergeRequestInteraction"]["reviewState"],
        "UNAPPROVED"
    );
}

#[test]
fn an_approval_is_told_with_the_time_before_it() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    let before = rest(&gitlab, &token, &pull)["updated_at"].clone();
    gitlab.take_deliveries();
    pull.approve("grace");
    let told = gitlab.take_deliveries().remove(0).json();
    assert_eq!(before, "2026-01-05T09:00:04.000Z");
    assert_eq!(
        told["object_attributes"]["updated_at"],
        "2026-01-05 09:00:04 UTC"
    );
    let after = rest(&gitlab, &token, &pull)["updated_at"].clone();
    assert_eq!(after, "2026-01-05T09:00:05.000Z");
}

#[test]
fn a_draft_is_a_title() {
    let (gitlab, repo, token) = world();
    gitlab.checked_after(0);
    let pull = repo.open_pull_request("Add login").draft().create();
    assert_eq!(pull.data().title, "Draft: Add login");
    assert_eq!(pull.detailed_status(), DetailedStatus::DraftStatus);
    gitlab.take_deliveries();
    pull.ready();
    let told = gitlab.take_deliveries().remove(0).json();
    assert_eq!(
        told["changes"]["draft"],
        json!({ "previous": true, "current": false })
    );
    assert_eq!(told["changes"]["title"]["current"], "Add login");
    pull.retitle("[Draft] Add login");
    assert_eq!(rest(&gitlab, &token, &pull)["draft"], true);
}

#[test]
fn a_comment_is_a_note() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    gitlab.take_deliveries();
    pull.comment("grace");
    let deliveries = gitlab.take_deliveries();
    assert_eq!(sent(&deliveries), ["Note Hook: create"]);
    let told = deliveries[0].json();
    assert_eq!(told["merge_request"]["iid"], 1);
    assert_eq!(told["object_attributes"]["noteable_type"], "MergeRequest");
    assert_eq!(rest(&gitlab, &token, &pull)["user_notes_count"], 1);
}

#[test]
fn only_the_instance_hears_of_a_project_that_moves() {
    let (gitlab, repo, token) = world();
    gitlab.system_hook("https://ampel.example/webhooks/gitlab/system", SECRET);
    repo.rename("site").transfer("globex").archive();
    let deliveries = gitlab.take_deliveries();
    let names: Vec<Value> = deliveries
        .iter()
        .map(|delivery| delivery.json()["event_name"].clone())
        .collect();
    assert_eq!(
        names,
        ["project_rename", "project_transfer", "project_update"]
    );
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.header("x-gitlab-event") == Some("System Hook"))
    );
    assert_eq!(deliveries[0].json()["old_path_with_namespace"], "acme/web");
    let moved = gitlab
        .get(&token, "/projects/acme%2Fweb")
        .expect("an answer");
    assert_eq!(moved.status, 301);
    let target = format!("https://gitlab.com/api/v4/projects/{}", repo.id());
    assert_eq!(moved.header("location"), Some(target.as_str()));
    let found = body(&gitlab, &token, "/projects/globex%2Fsite");
    assert_eq!(found["archived"], true);
    let answer = gitlab.graphql(&token, LIST, &json!({ "path": "acme/web" }));
    assert_eq!(answer["data"]["project"], Value::Null);
    repo.delete();
    assert_eq!(
        gitlab
            .get(&token, &format!("/projects/{}", repo.id()))
            .map(|answer| answer.status),
        Some(404)
    );
}

#[test]
fn a_world_survives_a_restart() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").draft().create();
    pull.approve("grace").check("build").fails();
    let kept = gitlab.read(|world| serde_json::to_string(world).expect("JSON"));
    let world: World = serde_json::from_str(&kept).expect("a world");
    let again = serde_json::to_string(&world).expect("JSON");
    assert_eq!(kept, again);
    assert_eq!(listed(&gitlab, &token).len(), 1);
}
