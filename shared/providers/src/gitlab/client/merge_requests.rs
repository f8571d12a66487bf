//! Merge requests in REST: what makes GitLab check one, what merging needs to know.

use ampel_domain::{
    facts::{CommitSha, Verdict},
    ids::PullRequestNumber,
    repositories::RepositoryFacts,
};
use serde::Deserialize;

use super::api::{Api, READING, json};
use crate::{ProviderError, gitlab::words};

/// A merge request, as far as merging needs it.
#[derive(Deserialize)]
pub(super) struct MergeRequest {
    pub(super) state: String,
    pub(super) title: Option<String>,
    pub(super) sha: Option<String>,
    detailed_merge_status: Option<String>,
    has_conflicts: Option<bool>,
    merge_commit_sha: Option<String>,
    squash_commit_sha: Option<String>,
    pub(super) merge_error: Option<String>,
}

impl MergeRequest {
    /// Whether GitLab lets it merge; `None` while it is computing it.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        if self.has_conflicts == Some(true) {
            return Some(Verdict::Conflicting);
        }
        words::verdict(self.detailed_merge_status.as_deref()?)
    }

    /// The commit it became: of a merge, of a squash, else its own last one.
    pub(super) fn merged_commit(&self) -> Option<CommitSha> {
        [&self.merge_commit_sha, &self.squash_commit_sha, &self.sha]
            .into_iter()
            .flatten()
            .find_map(|sha| CommitSha::whole(sha).ok())
    }
}

/// One merge request. Asking for one makes GitLab try head and base together.
pub(super) async fn read(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<MergeRequest, ProviderError> {
    let url = api.of_project(repo, &["merge_requests", &number.to_string()])?;
    json(&api.get(&url, READING).await?)
}

/// Has GitLab try head and base of these, so that whoever reads them next is told. One that can
/// not be asked now is asked for by itself later.
pub(super) async fn have_checked(api: &Api, repo: &RepositoryFacts, numbers: &[String]) {
    let Ok(mut url) = api.of_project(repo, &["merge_requests"]) else {
        return;
    };
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("with_merge_status_recheck", "true")
            .append_pair("per_page", "100");
        for number in numbers {
            query.append_pair("iids[]", number);
        }
    }
    if let Err(error) = api.get(&url, READING).await {
        tracing::debug!(%error, "merge requests were not checked");
    }
}
