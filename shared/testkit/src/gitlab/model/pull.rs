//! Merge requests, their reviewers and approvals.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DetailedStatus;

/// Names a merge request: project id and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PullRef {
    /// Numeric id of the project it aims at.
    pub repo: u64,
    /// Its number there: GitLab's `iid`.
    pub number: u64,
}

/// Where the commits of a merge request come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// The project; another one than the target for a fork. It may be deleted meanwhile.
    pub repo: u64,
    /// Branch name.
    pub branch: String,
    /// Its newest commit.
    pub sha: String,
}

/// State of a merge request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullState {
    /// Open.
    Opened,
    /// Closed without a merge.
    Closed,
    /// Merged.
    Merged,
    /// Being merged.
    Locked,
}

impl PullState {
    /// GitLab's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Merged => "merged",
            Self::Locked => "locked",
        }
    }

    /// GitLab's number in webhooks.
    pub fn id(self) -> u64 {
        match self {
            Self::Opened => 1,
            Self::Closed => 2,
            Self::Merged => 3,
            Self::Locked => 4,
        }
    }
}

/// GitLab checks for conflicts later, when somebody asks through REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MergeCheck {
    /// Nobody has asked since the last change.
    Unchecked,
    /// Somebody asked; so many questions are still answered by "checking".
    Checking {
        /// Questions left.
        asks_left: u32,
    },
    /// Known; the value itself is derived from the commits.
    Known,
}

/// A merge that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Merge {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The commit the target branch got.
    pub sha: String,
    /// The merge commit; none after a fast-forward.
    pub merge_commit: Option<String>,
    /// The squashed commit.
    pub squash_commit: Option<String>,
}

/// A merge that waits for the pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AutoMerge {
    /// Who set it.
    pub by: String,
    /// The head it was set for.
    pub sha: String,
    /// Whether it is going to squash.
    pub squash: bool,
    /// Whether the source branch goes with it.
    pub remove_source_branch: bool,
}

/// How far a reviewer is.
/// Words from <https://docs.gitlab.com/user/project/integrations/webhook_events/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewerState {
    /// Asked.
    Unreviewed,
    /// Has commented.
    Reviewed,
    /// Wants changes.
    RequestedChanges,
    /// Approved.
    Approved,
    /// Took the approval back, or lost it.
    Unapproved,
}

impl ReviewerState {
    /// GitLab's word in REST and webhooks; GraphQL writes it in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreviewed => "unreviewed",
            Self::Reviewed => "reviewed",
            Self::RequestedChanges => "requested_changes",
            Self::Approved => "approved",
            Self::Unapproved => "unapproved",
        }
    }
}

/// One approval.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A merge request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pull {
    /// Numeric id, unlike its number unique over all projects.
    pub id: u64,
    /// Number in its project: GitLab's `iid`.
    pub number: u64,
    /// Title; `Draft: ` at its start is what makes a draft.
    pub title: String,
    /// Description.
    pub body: Option<String>,
    /// Who opened it.
    pub author: String,
    /// Its state.
    pub state: PullState,
    /// The merge, once there was one.
    pub merged: Option<Merge>,
    /// Where its commits come from.
    pub head: Head,
    /// The branch it aims at.
    pub base_branch: String,
    /// Head of that branch when the merge request was last moved.
    pub base_sha: String,
    /// Names of its labels.
    pub labels: BTreeSet<String>,
    /// Reviewers and how far they are.
    pub reviewers: BTreeMap<String, ReviewerState>,
    /// In the order they were given.
    pub approvals: Vec<Approval>,
    /// Comments of people.
    pub notes: u64,
    /// Threads nobody resolved.
    pub open_discussions: u32,
    /// When it was opened.
    pub created_at: Timestamp,
    /// GitLab moves this with edits, pushes, labels and notes, not with pipelines.
    pub updated_at: Timestamp,
    /// Last edit of title or description.
    pub last_edited_at: Option<Timestamp>,
    /// Who changed it last.
    pub updated_by: Option<String>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// Whether conflicts are known.
    pub check: MergeCheck,
    /// So many questions are still answered by `approvals_syncing`.
    pub approvals_syncing: u32,
    /// A hindrance that comes from a feature this fake does not have.
    pub held: Option<DetailedStatus>,
    /// A merge that waits for the pipeline.
    pub auto_merge: Option<AutoMerge>,
    /// So many questions are still answered by `rebase_in_progress`.
    pub rebasing: Option<u32>,
    /// Why the last merge or rebase failed.
    pub merge_error: Option<String>,
}

impl Pull {
    /// Neither closed nor merged.
    pub fn is_open(&self) -> bool {
        self.state == PullState::Opened
    }

    /// A draft, by its title.
    pub fn is_draft(&self) -> bool {
        is_draft_title(&self.title)
    }

    /// Whether this login has approved.
    pub fn is_approved_by(&self, login: &str) -> bool {
        self.approvals.iter().any(|approval| approval.by == login)
    }
}

/// Titles that make a draft, see <https://docs.gitlab.com/user/project/merge_requests/drafts/>.
pub(in crate::gitlab) fn is_draft_title(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["draft:", "[draft]", "(draft)"]
        .iter()
        .any(|mark| lower.starts_with(mark))
}
