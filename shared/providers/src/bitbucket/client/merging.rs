//! Merging. Bitbucket can not be told which head was judged, so it is read again just before; what
//! is pushed in between is merged with it. What was merged is looked at afterwards.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Lifecycle},
    ids::PullRequestNumber,
    merging::{Merge, Merging, Strategy},
    repositories::RepositoryFacts,
};
use http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{
    api::{Api, invalid, json, lacking, to_json},
    reading,
    repositories::READING,
    rules,
};
use crate::{
    ProviderError,
    bitbucket::{pull_request::PullRequest, shape::Text},
    http_client::Answer,
};

const NEEDS: &str = "the scopes `write:repository:bitbucket` and `write:pullrequest:bitbucket` (an \
    access token: Repositories and Pull requests, write) and write access to the branch";

#[derive(Serialize)]
struct Order<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    merge_strategy: &'a str,
    close_source_branch: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Progress<'a> {
    #[serde(borrow)]
    task_status: Text<'a>,
}

/// What is asked for again: Bitbucket's id of the work, nothing where there is none, and the head
/// that was judged.
struct Task(String);

impl Task {
    fn named(id: &str, head: &CommitSha) -> Self {
        Self(format!("{id}/{head}"))
    }

    fn id(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    fn judged(&self) -> Option<CommitSha> {
        self.0.split_once('/')?.1.parse().ok()
    }

    fn goes_on(self) -> Merging {
        Merging::Accepted { task: self.0 }
    }
}

/// Bitbucket's words for a strategy, the one that is meant first. A squash that only fast-forwards
/// is one commit, too; a plain fast-forward leaves commits that stand on the base as they are.
/// `rebase_merge` is none of ours: it makes a merge commit of commits made again.
fn words(strategy: Strategy) -> [&'static str; 2] {
    match strategy {
        Strategy::Merge => ["merge_commit", "merge_commit"],
        Strategy::Squash => ["squash", "squash_fast_forward"],
        Strategy::Rebase => ["rebase_fast_forward", "fast_forward"],
    }
}

/// Bitbucket's word for a strategy, among those that the branch allows.
fn allowed(strategy: Strategy, branch: &[String]) -> Option<&'static str> {
    words(strategy)
        .into_iter()
        .find(|word| branch.iter().any(|allowed| allowed == word))
}

/// Merges in the background: a merge that Bitbucket does at once may take longer than it waits,
/// and then nobody knows what became of it.
pub(super) async fn merge(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let body = to_json(&order(api, repo, number, merge).await?)?;
    let mut url = reading::url_of(api, repo, number, &["merge"])?;
    url.query_pairs_mut().append_pair("async", "true");
    match api.change(Method::POST, &url, Some(body), NEEDS).await {
        Ok(answer) if answer.status == StatusCode::ACCEPTED => accepted(&answer, &merge.head),
        Ok(answer) => {
            let task = Task::named("", &merge.head);
            ended(&json(&answer)?, task)
        }
        Err(ProviderError::Conflict { why }) => {
            Err(refused(api, repo, number, &merge.head, why).await)
        }
        Err(error) => Err(error),
    }
}

/// What became of a merge in the background. One that failed is answered like one that was
/// refused.
pub(super) async fn progress(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    task: &str,
) -> Result<Merging, ProviderError> {
    let task = Task(task.to_owned());
    if !task.id().is_empty() {
        let url = reading::url_of(api, repo, number, &["merge", "task-status", task.id()])?;
        let answer = match api.get(&url, READING).await {
            Err(ProviderError::Conflict { why }) => {
                return Err(ProviderError::NotMergeable { why });
            }
            answer => answer?,
        };
        let shown: Progress<'_> = json(&answer)?;
        match shown.task_status.as_str() {
            "SUCCESS" => {}
            "PENDING" => return Ok(task.goes_on()),
            _unknown => return Err(invalid("a merge is neither pending nor over")),
        }
    }
    // A task is over, too, when it put the pull request into a merge queue: only the pull request
    // itself tells.
    ended(&json(&read(api, repo, number).await?)?, task)
}

async fn read(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Answer, ProviderError> {
    let url = reading::url_of(api, repo, number, &[])?;
    api.get(&url, READING).await
}

/// What to ask for, where the pull request is still the one that was judged. Its head is read
/// last: the less time passes until the merge, the better.
async fn order<'a>(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    merge: &Merge,
) -> Result<Order<'a>, ProviderError> {
    let base = {
        let answer = read(api, repo, number).await?;
        let shown: PullRequest<'_> = json(&answer)?;
        must_be_judged(&shown, merge)?;
        shown.base().map_err(lacking)?.to_owned()
    };
    let branch = rules::strategies_of(api, repo, &base).await?;
    let [meant, _] = words(merge.strategy);
    let word = match &branch {
        Some(branch) => allowed(merge.strategy, branch),
        None => Some(meant),
    };
    let merge_strategy = word.ok_or_else(|| ProviderError::MethodNotAllowed {
        why: format!(
            "The branch `{base}` does not allow `{}`.",
            merge.strategy.as_str()
        ),
    })?;
    let answer = read(api, repo, number).await?;
    must_be_judged(&json(&answer)?, merge)?;
    Ok(Order {
        kind: "pullrequest_merge_parameters",
        merge_strategy,
        close_source_branch: merge.delete_branch,
        message: message(merge),
    })
}

/// Refuses what is over, or has another head than the one that was judged.
fn must_be_judged(shown: &PullRequest<'_>, merge: &Merge) -> Result<(), ProviderError> {
    let not_open = |why: &str| ProviderError::NotMergeable {
        why: why.to_owned(),
    };
    match shown.lifecycle().map_err(lacking)? {
        Lifecycle::Open => {}
        Lifecycle::Merged { .. } => return Err(not_open("It was merged already.")),
        Lifecycle::Closed { .. } => return Err(not_open("It was declined.")),
    }
    if is_same(&shown.head_sha().map_err(lacking)?, &merge.head) {
        Ok(())
    } else {
        Err(ProviderError::HeadMoved)
    }
}

/// Title and message in one text, as Bitbucket takes them.
fn message(merge: &Merge) -> Option<String> {
    match (&merge.title, &merge.message) {
        (Some(title), Some(message)) => Some(format!("{title}\n\n{message}")),
        (Some(text), None) | (None, Some(text)) => Some(text.clone()),
        (None, None) => None,
    }
}

/// Heads are compared as far as Bitbucket shows them.
fn is_same(shown: &CommitSha, pinned: &CommitSha) -> bool {
    pinned.as_str().starts_with(shown.as_str())
}

fn accepted(answer: &Answer, head: &CommitSha) -> Result<Merging, ProviderError> {
    let location = answer.header(header::LOCATION.as_str()).unwrap_or_default();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    match path.trim_end_matches('/').rsplit_once("/task-status/") {
        Some((_, task)) if !task.is_empty() && !task.contains('/') => {
            Ok(Task::named(task, head).goes_on())
        }
        _other => Err(invalid("a merge was accepted without saying which task")),
    }
}

/// How it ended, if it did: what waits in a merge queue is still open.
fn ended(shown: &PullRequest<'_>, task: Task) -> Result<Merging, ProviderError> {
    match shown.lifecycle().map_err(lacking)? {
        Lifecycle::Open => Ok(task.goes_on()),
        Lifecycle::Closed { .. } => Err(ProviderError::NotMergeable {
            why: "It was declined.".to_owned(),
        }),
        Lifecycle::Merged { .. } => {
            if has_moved(shown, &task) {
                tracing::warn!(
                    metric = "merged_moved_head",
                    "a head moved while it was merged"
                );
            }
            Ok(Merging::Merged {
                commit: shown.merge_commit(),
            })
        }
    }
}

/// Whether another head was merged than the one that was judged.
fn has_moved(shown: &PullRequest<'_>, task: &Task) -> bool {
    match (task.judged(), shown.head_sha()) {
        (Some(judged), Ok(head)) if !shown.is_headless() => !is_same(&head, &judged),
        (None | Some(_), Ok(_) | Err(_)) => false,
    }
}

/// Why Bitbucket refused: the head may have moved since it was looked at.
async fn refused(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    pinned: &CommitSha,
    why: String,
) -> ProviderError {
    let answer = match read(api, repo, number).await {
        Ok(answer) => answer,
        Err(_) => return ProviderError::NotMergeable { why },
    };
    let head = json::<PullRequest<'_>>(&answer).and_then(|shown| shown.head_sha().map_err(lacking));
    match head {
        Ok(head) if !is_same(&head, pinned) => ProviderError::HeadMoved,
        Ok(_) | Err(_) => ProviderError::NotMergeable { why },
    }
}

/// The strategies of ours that a branch allows.
pub(super) fn strategies(branch: &[String]) -> BTreeSet<Strategy> {
    Strategy::ALL
        .into_iter()
        .filter(|strategy| allowed(*strategy, branch).is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(branch: &[&str], strategy: Strategy) -> Option<&'static str> {
        let branch: Vec<String> = branch.iter().map(|&word| word.to_owned()).collect();
        allowed(strategy, &branch)
    }

    #[test]
    fn no_strategy_takes_the_place_of_another() {
        let all = [
            "fast_forward",
            "rebase_fast_forward",
            "merge_commit",
            "squash",
        ];
        assert_eq!(on(&all, Strategy::Merge), Some("merge_commit"));
        assert_eq!(on(&all, Strategy::Squash), Some("squash"));
        assert_eq!(on(&all, Strategy::Rebase), Some("rebase_fast_forward"));
        let linear = ["squash_fast_forward", "fast_forward"];
        assert_eq!(on(&linear, Strategy::Merge), None);
        assert_eq!(on(&linear, Strategy::Squash), Some("squash_fast_forward"));
        assert_eq!(on(&linear, Strategy::Rebase), Some("fast_forward"));
        assert_eq!(on(&["rebase_merge"], Strategy::Rebase), None);
    }

    #[test]
    fn what_was_merged_is_compared_with_what_was_judged_however_late() {
        let head = |hash: &str, state: &str| {
            format!(
                r#"{{"id":7,"state":"{state}","source":{{"commit":{{"hash":"{hash}"}}}},
                    "destination":{{}}}}"#
            )
        };
        let (judged, pushed) = ("a6e5e7d797ed", "b6e5e7d797ed");
        let task = || Task::named("{task}", &judged.parse().unwrap());
        assert_eq!(task().id(), "{task}");
        for (hash, moved) in [(judged, false), (pushed, true)] {
            let shown = head(hash, "MERGED");
            let shown: PullRequest<'_> = serde_json::from_str(&shown).unwrap();
            assert_eq!(has_moved(&shown, &task()), moved);
            assert_eq!(ended(&shown, task()), Ok(Merging::Merged { commit: None }));
        }
        for state in ["OPEN", "QUEUED"] {
            let shown = head(judged, state);
            let shown: PullRequest<'_> = serde_json::from_str(&shown).unwrap();
            assert_eq!(ended(&shown, task()), Ok(task().goes_on()));
        }
        let declined = head(judged, "DECLINED");
        let declined: PullRequest<'_> = serde_json::from_str(&declined).unwrap();
        assert!(ended(&declined, task()).is_err());
    }

    #[test]
    fn heads_are_compared_as_far_as_they_are_shown() {
        let sha = |text: &str| text.parse::<CommitSha>().unwrap();
        let whole = sha("a6e5e7d797edf751cbd839d6bd4aef86c941eec9");
        assert!(is_same(&sha("a6e5e7d797ed"), &whole));
        assert!(!is_same(&sha("a6e5e7d797ee"), &whole));
    }
}
