//! The fake GitLab's pipelines: for branches, merge requests and merged results.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::fake::Delivery;
use ampel_testkit::gitlab::model::{DetailedStatus, JobStatus, PipelineKind};
use ampel_testkit::gitlab::{FakeGitlab, RepoStory};
use serde_json::{Value, json};

fn world() -> (FakeGitlab, RepoStory, String) {
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.member("ada");
    repo.hook("https://ampel.example/webhooks/gitlab/h1", "secret");
    let token = gitlab.token("ada");
    (gitlab, repo, token)
}

fn body(gitlab: &FakeGitlab, token: &str, path: &str) -> Value {
    let response = gitlab.get(token, path).expect("an answer");
    assert_eq!(response.status, 200, "{path}: {:?}", response.body);
    response.body.unwrap_or_default()
}

const LIST: &str = "query List($path: ID!) { project(fullPath: $path) {
  mergeRequests(state: opened, first: 50) { nodes { iid diffHeadSha
    headPipeline { sha status mergeRequestEventType } pipelines(first: 5) { nodes { sha source } } } } } }";

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
fn a_pipeline_speaks_for_the_head_and_only_a_rule_makes_it_count() {
    let (gitlab, repo, token) = world();
    gitlab.checked_after(0);
    let pull = repo.open_pull_request("Add login").create();
    gitlab.take_deliveries();
    pull.check("build").runs();
    pull.check("lint").succeeds();
    pull.check("build").fails();
    assert_eq!(
        sent(&gitlab.take_deliveries()),
        ["Pipeline Hook: running", "Pipeline Hook: failed"],
        "a job that ends is no event as long as the pipeline runs"
    );
    assert_eq!(pull.detailed_status(), DetailedStatus::Mergeable);
    repo.require_pipeline();
    assert_eq!(pull.detailed_status(), DetailedStatus::CiMustPass);
    pull.check("build").rerun();
    assert_eq!(pull.detailed_status(), DetailedStatus::CiStillRunning);
    pull.check("build").succeeds();
    assert_eq!(pull.detailed_status(), DetailedStatus::Mergeable);
    let head = pull.head_sha();
    let path = format!("/projects/acme%2Fweb/repository/commits/{head}/statuses");
    let statuses = body(&gitlab, &token, &path);
    assert_eq!(statuses.as_array().map(Vec::len), Some(2));
    let all = body(&gitlab, &token, &format!("{path}?all=true"));
    assert_eq!(all.as_array().map(Vec::len), Some(3));
    pull.push();
    assert_eq!(pull.detailed_status(), DetailedStatus::CiMustPass);
    let node = listed(&gitlab, &token).remove(0);
    assert_eq!(node["headPipeline"], Value::Null, "the old one is stale");
    assert_eq!(node["pipelines"]["nodes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_merged_result_runs_on_a_commit_that_is_not_the_head() {
    let (gitlab, repo, token) = world();
    repo.runs_pipelines(PipelineKind::MergedResult, &["build"]);
    let pull = repo.open_pull_request("Add login").create();
    let node = listed(&gitlab, &token).remove(0);
    let head = &node["headPipeline"];
    assert_eq!(head["mergeRequestEventType"], "MERGED_RESULT");
    assert_eq!(head["status"], "PENDING");
    assert_ne!(head["sha"], node["diffHeadSha"]);
    let all = node["pipelines"]["nodes"].as_array().expect("a list");
    assert_eq!(all.len(), 2, "the branch has one of its own");
    assert_eq!(all[1]["source"], "push");
    assert_eq!(all[1]["sha"], pull.head_sha());
    gitlab.take_deliveries();
    pull.check("build").fails();
    let told = gitlab.take_deliveries().remove(0).json();
    assert_eq!(told["object_attributes"]["source"], "merge_request_event");
    assert_eq!(
        told["object_attributes"]["ref"],
        told["merge_request"]["source_branch"]
    );
    assert_eq!(told["merge_request"]["iid"], 1);
}

#[test]
fn a_pipeline_of_a_branch_names_no_merge_request() {
    let (gitlab, repo, _) = world();
    let pull = repo.open_pull_request("Add login").create();
    gitlab.take_deliveries();
    pull.status("ci/external", JobStatus::Failed);
    let told = gitlab.take_deliveries().remove(0).json();
    assert_eq!(told["object_attributes"]["source"], "external");
    assert_eq!(told["object_attributes"]["sha"], pull.head_sha());
    assert_eq!(told["merge_request"], Value::Null);
    assert_eq!(told["builds"], json!([]), "a commit status is no build");
}
