//! Merging, updating and deleting.

use ampel_domain::{
    facts::CommitSha,
    ids::PullRequestNumber,
    merging::{Merge, Merging, Strategy},
    repositories::RepositoryFacts,
};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::{
    api::{Api, WRITING, to_json},
    pulls,
    refusals::{message, refusal},
    repositories::check,
    rules::commits_beyond,
};
use crate::{ProviderError, http_client::Answer};

/// In the names that every version reads; newer ones have others beside them.
#[derive(Serialize)]
struct Order<'a> {
    #[serde(rename = "Do")]
    style: &'a str,
    #[serde(rename = "MergeTitleField", skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(rename = "MergeMessageField", skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    head_commit_id: &'a str,
    delete_branch_after_merge: bool,
}

/// A refusal because of conflicts carries what git printed instead of a message.
#[derive(Deserialize)]
struct Conflicts {
    #[serde(rename = "Style")]
    _style: String,
}

pub(super) async fn merge(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let body = to_json(&Order {
        style: style(merge.strategy),
        title: merge.title.as_deref(),
        message: merge.message.as_deref(),
        head_commit_id: merge.head.as_str(),
        delete_branch_after_merge: merge.delete_branch,
    })?;
    let url = api.below(repo, &["pulls", &number.to_string(), "merge"])?;
    let answer = api.send(Method::POST, &url, Some(body)).await?;
    match merge_refusal(&answer) {
        Some(error) => Err(error),
        None => Ok(Merging::Merged { commit: None }),
    }
}

/// What Gitea calls it. Its `rebase-merge`, which ends in a merge commit, and
/// `fast-forward-only` are other things and never taken instead.
fn style(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Merge => "merge",
        Strategy::Squash => "squash",
        Strategy::Rebase => "rebase",
    }
}

/// Gitea says much with few status codes; the words tell what is meant.
fn merge_refusal(answer: &Answer) -> Option<ProviderError> {
    let error = refusal(answer, WRITING)?;
    let why = message(answer);
    let said = |words: &str| why.contains(words);
    Some(match answer.status {
        StatusCode::METHOD_NOT_ALLOWED if said("merge style") => {
            ProviderError::MethodNotAllowed { why }
        }
        StatusCode::METHOD_NOT_ALLOWED if said("User not allowed to merge") => {
            ProviderError::Permission {
                needs: "the right to merge into this branch".to_owned(),
            }
        }
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::LOCKED => ProviderError::NotMergeable { why },
        StatusCode::CONFLICT if said("head out of date") => ProviderError::HeadMoved,
        StatusCode::CONFLICT if serde_json::from_slice::<Conflicts>(&answer.body).is_ok() => {
            ProviderError::NotMergeable {
                why: "it conflicts with its base.".to_owned(),
            }
        }
        _other => error,
    })
}

/// Gitea takes no expected head, so it is looked at just before.
pub(super) async fn update_branch(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    head: &CommitSha,
) -> Result<(), ProviderError> {
    let seen = pulls::one(api, repo, number).await?.of;
    let seen = seen.ok_or(ProviderError::NotFound)?;
    if seen.report.head.sha != *head {
        return Err(ProviderError::HeadMoved);
    }
    let mut url = api.below(repo, &["pulls", &number.to_string(), "update"])?;
    url.query_pairs_mut().append_pair("style", "merge");
    let answer = api.send(Method::POST, &url, None).await?;
    let Some(error) = refusal(&answer, WRITING) else {
        return Ok(());
    };
    // What is up to date is a mistake of its own to Gitea, whose words are told to admins alone.
    let is_mistake = answer.status == StatusCode::INTERNAL_SERVER_ERROR;
    if is_mistake && commits_beyond(api, repo, head.as_str(), &seen.report.base).await == Ok(0) {
        return Ok(());
    }
    Err(error)
}

/// One that is gone already is fine; one of a repository that took the name is not touched.
pub(super) async fn delete_branch(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<(), ProviderError> {
    check(api, repo).await?;
    let url = api.below_branch(repo, "branches", branch)?;
    let answer = api.send(Method::DELETE, &url, None).await?;
    let why = message(&answer);
    match refusal(&answer, WRITING) {
        None | Some(ProviderError::NotFound) => Ok(()),
        Some(ProviderError::Permission { .. })
            if why.contains("protected") || why.contains("default branch") =>
        {
            Err(ProviderError::MethodNotAllowed { why })
        }
        Some(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn refused(status: u16, body: &str) -> ProviderError {
        let status = StatusCode::from_u16(status).unwrap();
        merge_refusal(&Answer::of(status, HeaderMap::new(), body.as_bytes())).unwrap()
    }

    #[test]
    fn every_refusal_of_a_merge_is_told_apart() {
        let says = |message: &str| format!(r#"{{"message":"{message}"}}"#);
        let style = refused(
            405,
            &says("squash is not allowed an allowed merge style for this repository"),
        );
        assert!(matches!(style, ProviderError::MethodNotAllowed { .. }));
        let rights = refused(405, &says("User not allowed to merge PR"));
        assert!(matches!(rights, ProviderError::Permission { .. }));
        for (status, body) in [
            (405, says("Please try again later")),
            (405, says("")),
            (
                409,
                r#"{"Style":"merge","StdOut":"CONFLICT","StdErr":"","Err":{}}"#.to_owned(),
            ),
            (423, says("acme/web is archived")),
        ] {
            let held = refused(status, &body);
            assert!(matches!(held, ProviderError::NotMergeable { .. }), "{body}");
        }
        assert_eq!(
            refused(409, &says("head out of date")),
            ProviderError::HeadMoved
        );
        let base = refused(409, &says("merge push out of date"));
        assert!(matches!(base, ProviderError::Conflict { .. }));
        assert_eq!(refused(404, &says("not found")), ProviderError::NotFound);
        let down = refused(500, "");
        assert!(matches!(down, ProviderError::Unavailable { .. }));
    }
}
