//! Merging, and what GitHub says where it does not.

use ampel_domain::{
    facts::CommitSha,
    ids::PullRequestNumber,
    merging::{Merge, Merging, Strategy},
    repositories::RepositoryFacts,
};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::{
    api::{Api, json, to_json},
    refusals::{message, refusal},
};
use crate::{ProviderError, http_client::Answer};

const NEEDS: &str = "the scope `repo` (fine-grained: Contents and Pull requests, read and write) and \
    the right to push to the branch";
/// Words of a 405 by which it is this way of merging that is forbidden.
const FORBIDDEN_WAYS: [&str; 6] = [
    "not allowed on this repository",
    "not allowed on this branch",
    "must not contain merge commits",
    "can't be rebased",
    "merge queue",
    "archived",
];

#[derive(Serialize)]
struct Wanted<'a> {
    sha: &'a str,
    merge_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_message: Option<&'a str>,
}

#[derive(Deserialize)]
struct Done {
    sha: Option<String>,
    merged: bool,
    #[serde(default)]
    message: String,
}

#[derive(Serialize)]
struct Update<'a> {
    expected_head_sha: &'a str,
}

#[derive(Deserialize)]
struct PullRequest {
    merged: Option<bool>,
    merge_commit_sha: Option<String>,
}

/// Merges at once. GitHub deletes a head's branch only where the repository is set to, so
/// `delete_branch` is left to [`super::branches::delete`]. A rebase makes no commit that could
/// have a message.
pub(super) async fn merge(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let has_message = merge.strategy != Strategy::Rebase;
    let body = to_json(&Wanted {
        sha: merge.head.as_str(),
        merge_method: method(merge.strategy),
        commit_title: merge.title.as_deref().filter(|_| has_message),
        commit_message: merge.message.as_deref().filter(|_| has_message),
    })?;
    let url = api.of(repo, &["pulls", &number.to_string(), "merge"])?;
    let answer = api.tell(Method::PUT, &url, Some(body)).await?;
    if let Some(refused) = merge_refusal(&answer) {
        return Err(refused);
    }
    let done: Done = json(&answer)?;
    if !done.merged {
        return Err(ProviderError::NotMergeable { why: done.message });
    }
    Ok(merged(done.sha.as_deref()))
}

/// What became of a merge: GitHub goes on with none by itself, so the pull request tells.
pub(super) async fn progress(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Merging, ProviderError> {
    let url = api.of(repo, &["pulls", &number.to_string()])?;
    let shown: PullRequest = api.get_json(&url, NEEDS).await?;
    if shown.merged == Some(true) {
        return Ok(merged(shown.merge_commit_sha.as_deref()));
    }
    Err(ProviderError::NotMergeable {
        why: "It was not merged.".to_owned(),
    })
}

/// Merges the base into the head. GitHub answers before it is done.
pub(super) async fn update_branch(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    head: &CommitSha,
) -> Result<(), ProviderError> {
    let body = to_json(&Update {
        expected_head_sha: head.as_str(),
    })?;
    let url = api.of(repo, &["pulls", &number.to_string(), "update-branch"])?;
    let answer = api.tell(Method::PUT, &url, Some(body)).await?;
    if answer.status != StatusCode::UNPROCESSABLE_ENTITY {
        return refusal(&answer, NEEDS).map_or(Ok(()), Err);
    }
    let why = message(&answer);
    let said = why.to_ascii_lowercase();
    if said.contains("no new commits on the base") {
        Ok(())
    } else if said.contains("expected head sha") {
        Err(ProviderError::HeadMoved)
    } else {
        Err(ProviderError::Conflict { why })
    }
}

fn merged(commit: Option<&str>) -> Merging {
    Merging::Merged {
        commit: commit.and_then(|sha| CommitSha::whole(sha).ok()),
    }
}

fn method(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Merge => "merge",
        Strategy::Squash => "squash",
        Strategy::Rebase => "rebase",
    }
}

/// Why it was not merged. GitHub has one status for many reasons, so its words decide.
fn merge_refusal(answer: &Answer) -> Option<ProviderError> {
    let why = message(answer);
    let said = why.to_ascii_lowercase();
    let has = |words: &str| said.contains(words);
    match answer.status {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::CONFLICT => {
            Some(if has("base branch was modified") {
                ProviderError::Conflict { why }
            } else if has("head branch was modified") {
                ProviderError::HeadMoved
            } else if FORBIDDEN_WAYS.iter().any(|words| has(words)) {
                ProviderError::MethodNotAllowed { why }
            } else if answer.status == StatusCode::CONFLICT {
                ProviderError::Conflict { why }
            } else {
                ProviderError::NotMergeable { why }
            })
        }
        StatusCode::FORBIDDEN if has("archived") => Some(ProviderError::MethodNotAllowed { why }),
        _other => refusal(answer, NEEDS),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn refused(status: u16, message: &str) -> String {
        let body = serde_json::json!({ "message": message }).to_string();
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer::of(status, HeaderMap::new(), body.as_bytes());
        let name = format!("{:?}", merge_refusal(&answer).unwrap());
        name.split([' ', '{']).next().unwrap().to_owned()
    }

    #[test]
    fn every_refusal_is_told_apart_by_its_words() {
        for (status, message, expected) in [
            (405, "Pull Request is not mergeable", "NotMergeable"),
            (405, "Pull Request is still a draft", "NotMergeable"),
            (
                405,
                "2 of 3 required status checks have not succeeded: 1 failing.",
                "NotMergeable",
            ),
            (
                405,
                "Repository rule violations found\n\nAt least 1 approving review is required",
                "NotMergeable",
            ),
            (
                405,
                "Base branch was modified. Review and try the merge again.",
                "Conflict",
            ),
            (
                405,
                "Head branch was modified. Review and try the merge again.",
                "HeadMoved",
            ),
            (
                409,
                "Head branch was modified. Review and try the merge again.",
                "HeadMoved",
            ),
            (409, "Merge already in progress", "Conflict"),
            (
                405,
                "Merge commits are not allowed on this repository.",
                "MethodNotAllowed",
            ),
            (
                405,
                "Squash merges are not allowed on this repository.",
                "MethodNotAllowed",
            ),
            (
                405,
                "Rebase merges are not allowed on this repository.",
                "MethodNotAllowed",
            ),
            (
                405,
                "This branch must not contain merge commits.",
                "MethodNotAllowed",
            ),
            (405, "This branch can't be rebased", "MethodNotAllowed"),
            (
                405,
                "Changes must be made through the merge queue",
                "MethodNotAllowed",
            ),
            (
                403,
                "Repository was archived so is read-only.",
                "MethodNotAllowed",
            ),
            (
                403,
                "Resource not accessible by personal access token",
                "Permission",
            ),
            (
                403,
                "You have exceeded a secondary rate limit.",
                "RateLimited",
            ),
            (404, "Not Found", "NotFound"),
            (422, "Validation Failed", "Conflict"),
            (502, "Bad Gateway", "Unavailable"),
        ] {
            assert_eq!(refused(status, message), expected, "{status} {message}");
        }
    }
}
