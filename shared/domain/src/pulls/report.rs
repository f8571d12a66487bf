//! What a provider says of a pull request, in one statement.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::EvidenceSnapshot;
use crate::{
    facts::{CheckScope, CommitSha, Fact, Lifecycle, Opinion, ReviewId, Unavailable, Verdict},
    ids::PullRequestNumber,
    provider::Login,
};

/// The commit that would be merged, and where it lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// The commit.
    pub sha: CommitSha,
    /// The branch.
    pub branch: String,
    /// The repository of the branch as `owner/name`; `None` when a fork was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Whether that is another repository than the one the pull request is in.
    pub is_fork: bool,
}

impl Head {
    /// Whose checks speak for the pull request of this number: its own, and those of its branch,
    /// which a branch of a fork shares only its name with.
    #[must_use]
    pub fn check_scopes(&self, number: PullRequestNumber) -> BTreeSet<CheckScope> {
        let branch = (!self.is_fork).then(|| CheckScope::Branch {
            name: self.branch.clone(),
        });
        let own = CheckScope::PullRequest { number };
        branch.into_iter().chain([own]).collect()
    }
}

/// How much a pull request changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Size {
    /// Lines added.
    pub additions: u32,
    /// Lines removed.
    pub deletions: u32,
    /// Files touched.
    pub changed_files: u32,
    /// Commits.
    pub commits: u32,
}

/// What one payload or answer says of a pull request. `None` where it does not speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestReport {
    /// Its number in its repository.
    pub number: PullRequestNumber,
    /// The provider's own id.
    pub provider_id: String,
    /// Who opened it.
    pub author: Login,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_avatar_url: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The provider's `updatedAt`: it orders statements.
    pub updated_at: Timestamp,
    /// Where people look at it.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its description, cut at 16 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where in its life it is.
    pub lifecycle: Lifecycle,
    /// Whether its author says it is not ready.
    pub draft: bool,
    /// What would be merged.
    pub head: Head,
    /// The branch it would be merged into.
    pub base: String,
    /// Its labels.
    pub labels: BTreeSet<String>,
    /// Who was asked for a review and has not answered: people, and teams as `team:slug`.
    pub requested_reviewers: BTreeSet<String>,
    /// How much it changes, where the statement says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// How many comments the provider counts, where the statement says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<u32>,
    /// Whether it merges, where the statement says. An event that says "still computing" says
    /// nothing; a snapshot's says so in [`PullRequestSnapshot::verdict`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What a provider says of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewReport {
    /// What identifies it.
    pub id: ReviewId,
    /// Who wrote it.
    pub reviewer: Login,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_avatar_url: Option<String>,
    /// What it says.
    pub opinion: Opinion,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When this was said: the review's own `updatedAt`, where the provider has one.
    pub updated_at: Timestamp,
    /// The commit it was written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// Its text, cut at 4 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// One pull request as the provider shows it now, with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestSnapshot {
    /// The pull request itself.
    pub report: PullRequestReport,
    /// Whether head and base fit together, or why that can not be read.
    pub verdict: Fact<Verdict>,
    /// All its reviews, or why they could not be read.
    pub reviews: Result<Vec<ReviewReport>, Unavailable>,
    /// All checks and statuses of its head, or why they could not be read.
    pub evidence: EvidenceSnapshot,
    /// What a light reconcile compares: changes with everything that can change a light.
    pub fingerprint: String,
}

/// Something a provider showed, and its own time at the start of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<T> {
    /// The provider's `Date`, at or before the start of the first request it took.
    pub date: Timestamp,
    /// What it showed.
    pub of: T,
}

/// What a light reconcile compares, of all open pull requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// By number.
    pub of: Vec<(PullRequestNumber, String)>,
    /// Whether they change with checks, too. Where they do not, checks are asked for by head.
    pub tell_checks: bool,
}
