//! What others read in the webhooks of GitLab.

use ampel_domain::{
    facts::CheckState,
    provider::Provider,
    pulls::{ProviderEvent, PullRequestAction},
};
use serde_json::Value;

use super::{Comparison, Fields, of_branch, of_goscm_pull_request, of_report, take};

#[test]
fn recordings_say_what_others_read_in_them() {
    let comparison = Comparison {
        provider: Provider::Gitlab,
        ours,
        expected,
        at_least: 21,
    };
    comparison.run();
}

fn expected(golden: &Value) -> Result<Fields, &'static str> {
    if golden["ignored"] == true {
        return Err("others ignore what we use");
    }
    Ok(match (golden.get("pipeline"), golden.get("Execution")) {
        (Some(pipeline), _) => of_woodpecker(pipeline),
        (None, Some(_)) => of_goscm_pipeline(golden),
        (None, None) => of_goscm(golden),
    })
}

fn ours(event: &ProviderEvent) -> Fields {
    match event {
        ProviderEvent::PullRequestSeen { action, report } => {
            let mut fields = of_report(report);
            fields.insert("action", format!("{action:?}"));
            fields
        }
        ProviderEvent::ReviewSeen { report, .. } | ProviderEvent::ReviewsHinted { report } => {
            of_report(report)
        }
        ProviderEvent::PullRequestHinted { number, at } => {
            Fields::from([("number", number.to_string()), ("noted", at.to_string())])
        }
        ProviderEvent::CheckSeen { sha, check, .. } => Fields::from([
            ("sha", sha.to_string()),
            ("run", check.run.to_string()),
            ("check", state(check.state)),
            ("link", check.url.clone().unwrap_or_default()),
        ]),
        ProviderEvent::CommentsSeen { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::RepositoryChanged => Fields::new(),
        ProviderEvent::BranchMoved { branch, head, .. } => of_branch(branch, head.as_ref()),
    }
}

fn state(state: CheckState) -> String {
    let conclusion = state.conclusion();
    conclusion
        .map_or(state.as_str(), |conclusion| conclusion.as_str())
        .to_owned()
}

/// The words of go-scm and its fork.
fn of_goscm(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["Repo"]["ID"]);
    if let (Some(name), Some(after)) = (golden["Ref"].as_str(), golden["After"].as_str()) {
        fields.insert("ref", name.to_owned());
        fields.insert("sha", after.to_owned());
        return fields;
    }
    if let Some(branch) = golden["Ref"]["Name"].as_str() {
        fields.insert("ref", format!("refs/heads/{branch}"));
        // Where it was before it was deleted.
        fields.insert("sha", String::new());
        return fields;
    }
    if golden.get("Comment").is_some() {
        let number = golden.pointer("/Issue/Number");
        let number = number.or(golden.pointer("/PullRequest/Number"));
        take(&mut fields, "number", number.unwrap_or(&Value::Null));
        take(&mut fields, "noted", &golden["Comment"]["Updated"]);
        return fields;
    }
    let keys = [
        ("number", "Number"),
        ("title", "Title"),
        ("sha", "Sha"),
        ("source", "Source"),
        ("target", "Target"),
        ("draft", "Draft"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("body", "Body"),
    ];
    of_goscm_pull_request(&mut fields, &golden["PullRequest"], &keys);
    fields
}

fn of_goscm_pipeline(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["repo"]["id"]);
    take(&mut fields, "sha", &golden["commit"]["sha"]);
    take(&mut fields, "run", &golden["Execution"]["Number"]);
    take(&mut fields, "check", &golden["Execution"]["status"]);
    take(&mut fields, "link", &golden["Execution"]["URL"]);
    fields
}

/// The words of Woodpecker.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "title", &pipeline["Title"]);
    take(&mut fields, "draft", &pipeline["PullRequestDraft"]);
    let closed = pipeline["Event"] == "pull_request_closed";
    fields.insert("closed", closed.to_string());
    let action = match pipeline["EventReason"][0].as_str() {
        Some("label_added" | "label_updated") => Some(PullRequestAction::LabelsChanged),
        Some("review_requested") => Some(PullRequestAction::ReviewersChanged),
        Some("assigned" | "milestoned" | "demilestoned") => Some(PullRequestAction::Other),
        _unsaid => None,
    };
    fields.extend(action.map(|action| ("action", format!("{action:?}"))));
    fields
}
