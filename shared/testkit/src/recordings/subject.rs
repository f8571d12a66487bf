//! What a payload is about, as the tables of own events say it: mostly the provider's action.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for a key it has not"
)]

use ampel_domain::provider::Provider;
use serde_json::Value;

/// States of Bitbucket's pull requests; samples of its documentation have others.
const BITBUCKET_STATES: [&str; 4] = ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"];
/// GitLab's actions of people who approve or take it back.
const GITLAB_APPROVALS: [&str; 4] = ["approved", "approval", "unapproved", "unapproval"];

/// The second cell of a payload's row in its provider's table.
pub fn subject(provider: Provider, event: &str, body: &Value) -> String {
    match provider {
        Provider::Github => github(event, body),
        Provider::Gitlab => gitlab(event, body),
        Provider::Bitbucket => bitbucket(event, body).to_owned(),
        Provider::Gitea => gitea(event, body),
    }
}

/// The value's text, or `-`.
fn word(value: &Value) -> String {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.unwrap_or("-").to_owned()
}

fn begins(value: &Value, with: &str) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(with))
}

fn github(event: &str, body: &Value) -> String {
    match event {
        "push" if begins(&body["ref"], "refs/tags/") => "(tag)".to_owned(),
        "push" => "(branch)".to_owned(),
        "pull_request" if body["pull_request"].is_null() => "(without a pull request)".to_owned(),
        "issue_comment" if body["issue"]["pull_request"].is_null() => "(on an issue)".to_owned(),
        _other => word(&body["action"]),
    }
}

fn gitlab(event: &str, body: &Value) -> String {
    let of = &body["object_attributes"];
    match event {
        "Merge Request Hook" => gitlab_merge_request(body, of),
        "Note Hook" | "Confidential Note Hook" => word(&of["noteable_type"]),
        "Pipeline Hook" if of["tag"] == true => "(tag)".to_owned(),
        "Pipeline Hook" if is_for_elsewhere(body) => "(for another project)".to_owned(),
        "Pipeline Hook" => word(&of["source"]),
        "Push Hook" => "(branch)".to_owned(),
        "System Hook" => word(body.get("event_name").unwrap_or(&body["object_kind"])),
        _other => word(of.get("action").unwrap_or(&body["event_name"])),
    }
}

/// Whether a pipeline runs for a merge request into another project.
fn is_for_elsewhere(body: &Value) -> bool {
    let target = &body["merge_request"]["target_project_id"];
    !target.is_null() && *target != body["project"]["id"]
}

fn gitlab_merge_request(body: &Value, of: &Value) -> String {
    let action = word(&of["action"]);
    let is_approval = GITLAB_APPROVALS.contains(&action.as_str());
    if of["iid"].is_null() {
        "(without a merge request)".to_owned()
    } else if of["system"] == true {
        format!("({action} by itself)")
    } else if action == "update" && opinions_moved(&body["changes"]["reviewers"]) {
        "(update of what reviewers said)".to_owned()
    } else if is_approval && body["user"]["id"].is_null() {
        format!("({action} without a person)")
    } else {
        action
    }
}

/// Whether a reviewer is gone or in another state than before.
fn opinions_moved(reviewers: &Value) -> bool {
    let listed = |key: &str| reviewers[key].as_array().cloned().unwrap_or_default();
    let of = |user: &Value| (user["id"].clone(), user["state"].clone());
    let now: Vec<_> = listed("current").iter().map(of).collect();
    let before = listed("previous");
    before.iter().any(|user| !now.contains(&of(user)))
}

fn bitbucket(event: &str, body: &Value) -> &'static str {
    if body["repository"]["uuid"].is_null() {
        return "(without a repository's uuid)";
    }
    let ends = ["pullrequest:fulfilled", "pullrequest:rejected"].contains(&event);
    let counted = event.starts_with("pullrequest:comment_")
        && body["pullrequest"]["comment_count"].is_number();
    let state = body["pullrequest"]["state"].as_str();
    let is_known = state.is_none_or(|state| BITBUCKET_STATES.contains(&state));
    if !is_known && !ends && !counted {
        return "(unknown state)";
    }
    let changes = body["push"]["changes"].as_array();
    match changes.map(|changes| changes.iter().filter(is_of_branch).count()) {
        None => "-",
        Some(0) => "(no branch)",
        Some(1) => "(branch)",
        Some(_more) => "(branches)",
    }
}

fn is_of_branch(change: &&Value) -> bool {
    let now = change["new"]["type"].as_str();
    now.or(change["old"]["type"].as_str()) == Some("branch")
}

fn gitea(event: &str, body: &Value) -> String {
    let of_issue = body["issue"]["pull_request"].is_null() && body["is_pull"] != true;
    let action = word(&body["action"]);
    match event {
        "push" if !begins(&body["ref"], "refs/heads/") => "(tag)".to_owned(),
        "push" => "(branch)".to_owned(),
        "create" | "delete" => format!("({})", word(&body["ref_type"])),
        "issue_comment" if of_issue => format!("{action} (of an issue)"),
        _other => action,
    }
}
