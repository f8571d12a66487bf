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
    /// The reviews of a pull request changed in a way that the delivery does not tell.
    ReviewsHinted {
        /// The pull request, as it is; they changed when it did.
        report: Box<PullRequestReport>,
    },
    /// Something about a pull request changed that the delivery does not tell.
    PullRequestHinted {
        /// Which one.
        number: PullRequestNumber,
        /// The provider's time of it.
        at: Timestamp,
    },
    /// The comments of a pull request were counted.
    CommentsSeen {
        /// Which one.
        number: PullRequestNumber,
        /// How many there are.
        comments: u32,
        /// The provider's time of it.
        at: Timestamp,
    },
    /// A check or status of a commit was shown.
    CheckSeen {
        /// The commit.
        sha: CommitSha,
        /// The pull request it ran for, where the delivery names one: the commit may be a trial
        /// merge that is nobody's head.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pull_request: Option<PullRequestNumber>,
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
        /// The provider's time of it; `None` where it says none. The time of a commit is none: it
        /// may be anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The repository was renamed, transferred, archived, deleted or shown to others: it is asked
    /// for by its id.
    RepositoryChanged,
}

impl ProviderEvent {
    /// Its word in the table of expected events, in log lines and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PullRequestSeen { .. } => "pull_request_seen",
            Self::ReviewSeen { .. } => "review_seen",
            Self::ReviewsHinted { .. } => "reviews_hinted",
            Self::PullRequestHinted { .. } => "pull_request_hinted",
            Self::CommentsSeen { .. } => "comments_seen",
            Self::CheckSeen { .. } => "check_seen",
            Self::ChecksHinted { .. } => "checks_hinted",
            Self::BranchMoved { .. } => "branch_moved",
            Self::RepositoryChanged => "repository_changed",
        }
    }

    /// The pull request it names, where it names one.
    #[must_use]
    pub fn pull_request(&self) -> Option<PullRequestNumber> {
        match self {
            Self::PullRequestSeen { report, .. }
            | Self::ReviewSeen { report, .. }
            | Self::ReviewsHinted { report } => Some(report.number),
            Self::PullRequestHinted { number, .. } | Self::CommentsSeen { number, .. } => {
                Some(*number)
            }
            Self::CheckSeen { pull_request, .. } => *pull_request,
            Self::ChecksHinted { .. } | Self::BranchMoved { .. } | Self::RepositoryChanged => None,
        }
    }

    /// What must be handled one after the other, besides the repository: the pull request, else
    /// the commit, else the branch. Events of different topics run side by side.
    #[must_use]
    pub fn topic(&self) -> String {
        match self {
            Self::PullRequestSeen { report, .. }
            | Self::ReviewSeen { report, .. }
            | Self::ReviewsHinted { report } => format!("pr-{}", report.number),
            Self::PullRequestHinted { number, .. } | Self::CommentsSeen { number, .. } => {
                format!("pr-{number}")
            }
            Self::CheckSeen { sha, .. } | Self::ChecksHinted { sha, .. } => format!("sha-{sha}"),
            Self::BranchMoved { branch, .. } => format!("branch-{branch}"),
            Self::RepositoryChanged => "repository".to_owned(),
        }
    }
}
