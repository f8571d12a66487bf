//! What others read in the webhooks of Bitbucket.

use ampel_domain::{
    facts::{CheckState, Conclusion},
    provider::Provider,
    pulls::ProviderEvent,
};
use serde_json::Value;

use super::{Comparison, Fields, of_goscm_pull_request, of_report, take};

#[test]
fn recordings_say_what_others_read_in_them() {
    let comparison = Comparison {
        provider: Provider::Bitbucket,
        ours,
        expected,
        at_least: 17,
    };
    comparison.run();
}

fn expected(golden: &Value) -> Result<Fields, &'static str> {
    Ok(match golden.get("pipeline") {
        Some(pipeline) => of_woodpecker(pipeline),
        None => of_goscm(golden),
    })
}

fn ours(event: &ProviderEvent) -> Fields {
    match event {
        ProviderEvent::PullRequestSeen { report, .. }
        | ProviderEvent::ReviewSeen { report, .. }
        | ProviderEvent::ReviewsHinted { report } => of_report(report),
        ProviderEvent::CommentsSeen { number, at, .. } => {
            Fields::from([("number", number.to_string()), ("updated", at.to_string())])
        }
        ProviderEvent::CheckSeen { sha, check, .. } => Fields::from([
            ("sha", sha.to_string()),
            ("status", word(check.state).to_owned()),
            ("link", check.url.clone().unwrap_or_default()),
        ]),
        ProviderEvent::BranchMoved { branch, head, .. } => Fields::from([
            ("branch", branch.clone()),
            ("is deleted", head.is_none().to_string()),
            (
                "sha",
                head.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
        ]),
        ProviderEvent::PullRequestHinted { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::RepositoryChanged => Fields::new(),
    }
}

fn word(state: CheckState) -> &'static str {
    match state {
        CheckState::InProgress => "running",
        CheckState::Completed(Conclusion::Success) => "success",
        CheckState::Queued | CheckState::Completed(_) => "something else",
    }
}

/// The words of go-scm and its fork.
fn of_goscm(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["Repo"]["ID"]);
    if !golden["Execution"].is_null() {
        take_sha(&mut fields, &golden["Commit"]["Sha"]);
        take(&mut fields, "status", &golden["Execution"]["Status"]);
        take(&mut fields, "link", &golden["Execution"]["URL"]);
        return fields;
    }
    if let Some(branch) = golden["Ref"].as_str() {
        let branch = branch.trim_start_matches("refs/heads/");
        fields.insert("branch", branch.to_owned());
        take_sha(&mut fields, &golden["After"]);
        return fields;
    }
    if golden["Ref"].is_object() {
        // A deleted branch: what it pointed to is no head any more.
        take(&mut fields, "branch", &golden["Ref"]["Name"]);
        let deleted = (golden["Action"] == "deleted").to_string();
        fields.insert("is deleted", deleted);
        return fields;
    }
    if !golden["Comment"].is_null() {
        take(&mut fields, "number", &golden["Issue"]["Number"]);
        take(&mut fields, "updated", &golden["Issue"]["Updated"]);
        return fields;
    }
    let keys = [
        ("number", "Number"),
        ("title", "Title"),
        ("source", "Source"),
        ("target", "Target"),
        ("fork", "Fork"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("created", "Created"),
        ("updated", "Updated"),
        ("body", "Body"),
    ];
    of_goscm_pull_request(&mut fields, &golden["PullRequest"], &keys);
    take_sha(&mut fields, &golden["PullRequest"]["Sha"]);
    fields
}

/// The words of Woodpecker.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    take_sha(&mut fields, &pipeline["Commit"]);
    if pipeline["Event"] == "pull_request_closed" {
        fields.insert("closed", true.to_string());
    }
    fields
}

/// Our hashes of Bitbucket are the first twelve digits.
fn take_sha(fields: &mut Fields, value: &Value) {
    let whole = value.as_str().unwrap();
    fields.insert("sha", whole[..12].to_owned());
}
