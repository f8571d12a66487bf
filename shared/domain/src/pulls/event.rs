//! Our own events: what a delivery is turned into at the edge.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PullRequestReport, ReviewReport};
use crate::{
    facts::{CheckReport, CommitSha},
    ids::PullRequestNumber,
};

/// Why a pull request was spoken of. It names the cause of a change; the facts decide, not it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestAction {
    /// It was opened.
    Opened,
    /// Title, description or base were edited.
    Edited,
    /// Its head moved.
    HeadChanged,
    /// It became a draft.
    ConvertedToDraft,
    /// It stopped being a draft.
    ReadyForReview,
    /// Its labels changed.
    LabelsChanged,
    /// Who is asked for a review changed.
    ReviewersChanged,
    /// It was closed or merged.
    Closed,
    /// It was reopened.
    Reopened,
    /// Something else about it changed.
    Other,
}

/// What happened at a provider, with the facts the delivery carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ProviderEvent {
    /// A pull request was shown.
    PullRequestSeen {
        /// Why.
        action: PullRequestAction,
        /// As it is.
        report: Box<PullRequestReport>,
    },
    /// A review was shown, with its pull request.
    ReviewSeen {
        /// The pull request, as it is.
        report: Box<PullRequestReport>,
        /// The review.
        review: Box<ReviewReport>,
    },
    /// A check or status of a commit was shown.
    CheckSeen {
        /// The commit.
        sha: CommitSha,
        /// The check.
        check: Box<CheckReport>,
    },
    /// Something about a commit's checks changed that the delivery does not tell.
    ChecksHinted {
        /// The commit.
        sha: CommitSha,
        /// The provider's time of it.
        at: Timestamp,
    },
    /// A branch moved: pull requests into it may merge differently now.
    BranchMoved {
        /// The branch.
        branch: String,
        /// Where it points now; `None` when it was deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<CommitSha>,
        /// The provider's time of it.
        at: Timestamp,
    },
}

impl ProviderEvent {
    /// Its word in the table of expected events, in log lines and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PullRequestSeen { .. } => "pull_request_seen",
            Self::ReviewSeen { .. } => "review_seen",
            Self::CheckSeen { .. } => "check_seen",
            Self::ChecksHinted { .. } => "checks_hinted",
            Self::BranchMoved { .. } => "branch_moved",
        }
    }

    /// The pull request it names, where it names one.
    #[must_use]
    pub fn pull_request(&self) -> Option<PullRequestNumber> {
        match self {
            Self::PullRequestSeen { report, .. } | Self::ReviewSeen { report, .. } => {
                Some(report.number)
            }
            Self::CheckSeen { .. } | Self::ChecksHinted { .. } | Self::BranchMoved { .. } => None,
        }
    }

    /// What must be handled one after the other, besides the repository: the pull request, else
    /// the commit, else the branch. Events of different topics run side by side.
    #[must_use]
    pub fn topic(&self) -> String {
        match self {
            Self::PullRequestSeen { report, .. } | Self::ReviewSeen { report, .. } => {
                format!("pr-{}", report.number)
            }
            Self::CheckSeen { sha, .. } | Self::ChecksHinted { sha, .. } => format!("sha-{sha}"),
            Self::BranchMoved { branch, .. } => format!("branch-{branch}"),
        }
    }
}
