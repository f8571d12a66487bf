//! The fake GitLab's GraphQL: what is known without asking REST, weights, and errors beside data.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::gitlab::model::DetailedStatus;
use ampel_testkit::gitlab::{FakeGitlab, PullStory, RepoStory};
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
  mergeRequests(state: opened, first: 50) { nodes { iid detailedMergeStatus conflicts } } } }";

fn listed(gitlab: &FakeGitlab, token: &str) -> Vec<Value> {
    let answer = gitlab.graphql(token, LIST, &json!({ "path": "acme/web" }));
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let nodes = &answer["data"]["project"]["mergeRequests"]["nodes"];
    nodes.as_array().cloned().unwrap_or_default()
}

fn rest(gitlab: &FakeGitlab, token: &str, pull: &PullStory) -> Value {
    let path = format!("/projects/acme%2Fweb/merge_requests/{}", pull.number());
    body(gitlab, token, &path)
}

#[test]
fn a_list_never_checks_for_conflicts_and_one_merge_request_does() {
    let (gitlab, repo, token) = world();
    let pull = repo
        .open_pull_request("Add login")
        .touching("a.rs")
        .create();
    for _ in 0..3 {
        assert_eq!(
            listed(&gitlab, &token)[0]["detailedMergeStatus"],
            "UNCHECKED"
        );
    }
    let asked = rest(&gitlab, &token, &pull);
    assert_eq!(asked["detailed_merge_status"], "unchecked");
    let asked = rest(&gitlab, &token, &pull);
    assert_eq!(asked["detailed_merge_status"], "checking");
    assert_eq!(asked["merge_status"], "checking");
    let asked = rest(&gitlab, &token, &pull);
    assert_eq!(asked["detailed_merge_status"], "mergeable");
    assert_eq!(
        listed(&gitlab, &token)[0]["detailedMergeStatus"],
        "MERGEABLE"
    );
    pull.conflict();
    assert_eq!(pull.detailed_status(), DetailedStatus::Unchecked);
    assert_eq!(listed(&gitlab, &token)[0]["conflicts"], false);
    gitlab.settle();
    let asked = rest(&gitlab, &token, &pull);
    assert_eq!(asked["detailed_merge_status"], "conflict");
    assert_eq!(asked["has_conflicts"], true);
    assert_eq!(listed(&gitlab, &token)[0]["conflicts"], true);
}

#[test]
fn a_field_of_graphql_checks_on_the_spot() {
    let (gitlab, repo, token) = world();
    repo.open_pull_request("Add login").create();
    let query = "query Now { project(fullPath: \"acme/web\") {
      mergeRequest(iid: \"1\") { mergeable detailedMergeStatus } } }";
    let ask = || gitlab.graphql(&token, query, &json!({}));
    let asked = ask()["data"]["project"]["mergeRequest"].clone();
    assert_eq!(
        asked,
        json!({ "mergeable": true, "detailedMergeStatus": "UNCHECKED" })
    );
    let asked = ask()["data"]["project"]["mergeRequest"].clone();
    assert_eq!(asked["detailedMergeStatus"], "MERGEABLE");
}

#[test]
fn every_detailed_status_has_its_word_in_rest_and_in_graphql() {
    let (gitlab, repo, token) = world();
    gitlab.checked_after(0);
    let pull = repo.open_pull_request("Add login").create();
    for status in DetailedStatus::ALL {
        pull.held_by(status);
        let asked = rest(&gitlab, &token, &pull);
        assert_eq!(asked["detailed_merge_status"], status.as_str());
        let node = listed(&gitlab, &token).remove(0);
        assert_eq!(node["detailedMergeStatus"], status.graphql());
    }
    pull.held_by(DetailedStatus::MergeRequestBlocked);
    let node = listed(&gitlab, &token).remove(0);
    assert_eq!(node["detailedMergeStatus"], "BLOCKED_STATUS");
    pull.released();
    assert_eq!(pull.detailed_status(), DetailedStatus::Mergeable);
}

#[test]
fn a_query_that_weighs_too_much_is_refused_and_one_that_breaks_says_where() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    pull.approve("grace");
    let many: String = (0..20)
        .map(|n| {
            format!(
                "p{n}: project(fullPath: \"acme/web\") {{ mergeRequests {{ nodes {{ iid title state draft }} }} }}\n"
            )
        })
        .collect();
    let refused = gitlab.graphql(&token, &format!("query Many {{ {many} }}"), &json!({}));
    assert!(refused.get("data").is_none());
    let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(
        message.ends_with("which exceeds max complexity of 250"),
        "{message}"
    );
    let unknown = gitlab.graphql(&token, "query Wrong { project { id } }", &json!({}));
    assert!(unknown.get("data").is_none());
    gitlab.break_field("MergeRequest.approvedBy");
    let query = "query One { project(fullPath: \"acme/web\") {
      mergeRequests(first: 10) { nodes { iid approvedBy { nodes { username } } } } } }";
    let broken = gitlab.graphql(&token, query, &json!({}));
    let node = &broken["data"]["project"]["mergeRequests"]["nodes"][0];
    assert_eq!(node, &json!({ "iid": "1", "approvedBy": null }));
    assert_eq!(
        broken["errors"][0]["path"],
        json!(["project", "mergeRequests", "nodes", 0, "approvedBy"])
    );
    gitlab.mend_fields();
    let whole = gitlab.graphql(&token, query, &json!({}));
    assert!(whole.get("errors").is_none());
}
