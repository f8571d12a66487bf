//! Merging, bringing a branch up to date, deleting it, comparing two.

use ampel_domain::{
    facts::CommitSha,
    ids::PullRequestNumber,
    merging::{Comparison, Merge, Merging, Strategy},
    repositories::RepositoryFacts,
};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    api::{Api, READING, json, to_json},
    merge_requests::{self, MergeRequest},
    projects::project,
    refusals::{refusal, words},
    rules::strategies,
};
use crate::{ProviderError, http_client::Answer};

const MERGING: &str = "the scope `api` and a role that may merge into this branch";
const PUSHING: &str = "the scope `api` and a role that may push to its branch";

#[derive(Serialize)]
struct Order<'a> {
    sha: &'a str,
    squash: bool,
    should_remove_source_branch: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_commit_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    squash_commit_message: Option<&'a str>,
}

/// A place in a merge train, which merges in its own time and with messages of its own.
#[derive(Serialize)]
struct Boarding<'a> {
    sha: &'a str,
    squash: bool,
}

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    commits: Vec<IgnoredAny>,
    compare_timeout: Option<bool>,
}

/// Merges as the project merges. GitLab has one method for a project, and squashing beside it.
/// Where the project has merge trains it joins one: merging at once would have all of the train
/// begin anew.
pub(super) async fn merge(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let project = project(api, repo).await?;
    let allowed = strategies(
        project.merge_method.as_deref(),
        project.squash_option.as_deref(),
    );
    if !allowed.contains(&merge.strategy) {
        let allowed: Vec<&str> = allowed.iter().map(|one| one.as_str()).collect();
        return Err(ProviderError::MethodNotAllowed {
            why: format!("the project allows {} only.", allowed.join(" or ")),
        });
    }
    if project.merge_trains_enabled == Some(true) {
        return board(api, repo, number, merge).await;
    }
    let message = message(api, repo, number, merge).await?;
    let squash = merge.strategy == Strategy::Squash;
    let body = to_json(&Order {
        sha: merge.head.as_str(),
        squash,
        should_remove_source_branch: merge.delete_branch,
        merge_commit_message: message.as_deref().filter(|_| !squash),
        squash_commit_message: message.as_deref().filter(|_| squash),
    })?;
    let url = api.of_project(repo, &["merge_requests", &number.to_string(), "merge"])?;
    let answer = api.try_to_change(Method::PUT, &url, Some(body)).await?;
    match refused(&answer) {
        Some(error) => Err(error),
        None => progress(&json(&answer)?),
    }
}

/// <https://docs.gitlab.com/api/merge_trains/#add-a-merge-request-to-a-merge-train>
async fn board(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let iid = number.to_string();
    let url = api.of_project(repo, &["merge_trains", "merge_requests", &iid])?;
    let body = to_json(&Boarding {
        sha: merge.head.as_str(),
        squash: merge.strategy == Strategy::Squash,
    })?;
    let answer = api.try_to_change(Method::POST, &url, Some(body)).await?;
    match answer.status {
        StatusCode::CONFLICT => Err(ProviderError::HeadMoved),
        StatusCode::BAD_REQUEST => Err(ProviderError::NotMergeable {
            why: words(&answer),
        }),
        _other => match refusal(&answer, MERGING) {
            Some(error) => Err(error),
            None => Ok(Merging::Accepted {
                task: "merge train".to_owned(),
            }),
        },
    }
}

/// The message of the commit; `None` for GitLab's own. A text without a first line gets the title,
/// since GitLab takes the whole message or none.
async fn message(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Option<String>, ProviderError> {
    let title = match (&merge.title, &merge.message) {
        (None, None) => return Ok(None),
        (Some(title), _) => title.clone(),
        (None, Some(_)) => {
            let read = merge_requests::read(api, repo, number).await?;
            read.title.unwrap_or_default()
        }
    };
    Ok(Some(match &merge.message {
        Some(text) => format!("{title}\n\n{text}"),
        None => title,
    }))
}

/// What a refusal to merge means. The project was read with this token a moment ago, so 401 is
/// about the right to merge. <https://docs.gitlab.com/api/merge_requests/#merge-a-merge-request>
fn refused(answer: &Answer) -> Option<ProviderError> {
    match answer.status {
        StatusCode::UNAUTHORIZED => Some(ProviderError::Permission {
            needs: MERGING.to_owned(),
        }),
        StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_ACCEPTABLE
        | StatusCode::UNPROCESSABLE_ENTITY => {
            Some(ProviderError::NotMergeable { why: words(answer) })
        }
        StatusCode::CONFLICT if words(answer).contains("SHA does not match") => {
            Some(ProviderError::HeadMoved)
        }
        _other => refusal(answer, MERGING),
    }
}

/// What became of it: merged, on its way (a merge train), or given up.
fn progress(read: &MergeRequest) -> Result<Merging, ProviderError> {
    match (read.state.as_str(), &read.merge_error) {
        ("merged", _) => Ok(Merging::Merged {
            commit: read.merged_commit(),
        }),
        ("opened" | "locked", None) => Ok(Merging::Accepted {
            task: "merge".to_owned(),
        }),
        (_, Some(error)) => Err(ProviderError::NotMergeable {
            why: error.chars().take(300).collect(),
        }),
        (_, None) => Err(ProviderError::NotMergeable {
            why: "it is closed.".to_owned(),
        }),
    }
}

pub(super) async fn merge_progress(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Merging, ProviderError> {
    progress(&merge_requests::read(api, repo, number).await?)
}

/// Rebases, which is what GitLab offers. It can not be told the head, so that is compared before.
pub(super) async fn update_branch(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    head: &CommitSha,
) -> Result<(), ProviderError> {
    let read = merge_requests::read(api, repo, number).await?;
    if read.sha.as_deref() != Some(head.as_str()) {
        return Err(ProviderError::HeadMoved);
    }
    let url = api.of_project(repo, &["merge_requests", &number.to_string(), "rebase"])?;
    api.change(Method::PUT, &url, None, PUSHING).await.map(drop)
}

/// One that is gone already is fine.
pub(super) async fn delete_branch(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<(), ProviderError> {
    let url = api.of_project(repo, &["repository", "branches", branch])?;
    match api.change(Method::DELETE, &url, None, PUSHING).await {
        Ok(_) | Err(ProviderError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// GitLab tells what one side has and the other has not, so it is asked twice.
pub(super) async fn compare(
    api: &Api,
    repo: &RepositoryFacts,
    base: &str,
    head: &str,
) -> Result<Comparison, ProviderError> {
    Ok(Comparison {
        ahead_by: commits_beyond(api, repo, base, head).await?,
        behind_by: commits_beyond(api, repo, head, base).await?,
    })
}

async fn commits_beyond(
    api: &Api,
    repo: &RepositoryFacts,
    from: &str,
    to: &str,
) -> Result<u32, ProviderError> {
    let mut url = api.of_project(repo, &["repository", "compare"])?;
    url.query_pairs_mut()
        .append_pair("from", from)
        .append_pair("to", to)
        .append_pair("straight", "false");
    let compared: Compared = api.get_json(&url, READING).await?;
    if compared.compare_timeout == Some(true) && compared.commits.is_empty() {
        return Err(ProviderError::Unavailable {
            why: "GitLab took too long to compare".to_owned(),
        });
    }
    Ok(u32::try_from(compared.commits.len()).unwrap_or(u32::MAX))
}
