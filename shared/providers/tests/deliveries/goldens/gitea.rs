//! What others read in the webhooks of Gitea and Forgejo.

use ampel_domain::{provider::Provider, pulls::ProviderEvent};
use serde_json::Value;

use super::{Comparison, Fields, of_branch, of_goscm_pull_request, of_report, take, take_refspec};

#[test]
fn recordings_say_what_others_read_in_them() {
    let comparison = Comparison {
        provider: Provider::Gitea,
        ours,
        expected,
        at_least: 25,
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
        ProviderEvent::CommentsSeen { number, .. } => {
            Fields::from([("number", number.to_string())])
        }
        ProviderEvent::PullRequestHinted { .. }
        | ProviderEvent::CheckSeen { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::RepositoryChanged => Fields::new(),
        ProviderEvent::BranchMoved { branch, head, .. } => of_branch(branch, head.as_ref()),
    }
}

/// The words of go-scm and its fork.
fn of_goscm(golden: &Value) -> Fields {
    let mut fields = Fields::new();
    take(&mut fields, "repository", &golden["Repo"]["ID"]);
    if golden["Ref"]["Name"].is_string() {
        let branch = golden["Ref"]["Name"].as_str().unwrap_or_default();
        fields.insert("ref", format!("refs/heads/{branch}"));
        return fields;
    }
    let keys = [
        ("number", "Number"),
        ("title", "Title"),
        ("sha", "Sha"),
        ("source", "Source"),
        ("target", "Target"),
        ("fork", "Fork"),
        ("draft", "Draft"),
        ("closed", "Closed"),
        ("merged", "Merged"),
        ("link", "Link"),
        ("created", "Created"),
        ("updated", "Updated"),
        ("body", "Body"),
    ];
    of_goscm_pull_request(&mut fields, &golden["PullRequest"], &keys);
    fields
}

/// The words of Woodpecker, whose author of an event is who did it.
fn of_woodpecker(pipeline: &Value) -> Fields {
    let mut fields = Fields::new();
    if pipeline["Event"] == "push" {
        take(&mut fields, "ref", &pipeline["Ref"]);
        take(&mut fields, "sha", &pipeline["Commit"]);
        return fields;
    }
    take(&mut fields, "sha", &pipeline["Commit"]);
    take(&mut fields, "title", &pipeline["Title"]);
    take(&mut fields, "target", &pipeline["Branch"]);
    take(&mut fields, "link", &pipeline["ForgeURL"]);
    take_refspec(&mut fields, &pipeline["Refspec"]);
    let closed = pipeline["Event"] == "pull_request_closed";
    fields.insert("closed", closed.to_string());
    fields
}
