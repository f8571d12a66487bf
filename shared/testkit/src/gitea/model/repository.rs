//! Repositories with their branches, labels and rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hook, Power, Pull, StatusUpdate};

/// A label of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Label {
    /// Numeric id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Six hex digits.
    pub color: String,
}

/// What a branch asks of a merge.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Protection {
    /// Contexts that must succeed, `*` standing for any part; only if `status_check` is on.
    pub status_check_contexts: Vec<String>,
    /// Statuses must succeed: the named ones, or all there are if none is named.
    pub status_check: bool,
    /// Official approvals needed; 0 asks for none.
    pub required_approvals: u32,
    /// An official "changes requested" forbids the merge.
    pub block_on_rejected_reviews: bool,
    /// An official reviewer who was asked must answer first.
    pub block_on_official_review_requests: bool,
    /// The head must contain the base branch.
    pub block_on_outdated_branch: bool,
    /// A push takes approvals away.
    pub dismiss_stale_approvals: bool,
    /// A push makes approvals count for nothing, without taking them away.
    pub ignore_stale_approvals: bool,
}

/// The ways of merging a repository allows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MergeStyles {
    /// `merge`.
    pub merge: bool,
    /// `rebase`.
    pub rebase: bool,
    /// `rebase-merge`.
    pub rebase_merge: bool,
    /// `squash`.
    pub squash: bool,
    /// `fast-forward-only`.
    pub fast_forward_only: bool,
}

/// A repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repo {
    /// Numeric id; survives renames and transfers.
    pub id: u64,
    /// Login of the owner.
    pub owner: String,
    /// Name without the owner.
    pub name: String,
    /// Only collaborators see it.
    pub private: bool,
    /// Read only since then.
    pub archived_at: Option<Timestamp>,
    /// The repository it was forked from.
    pub fork_of: Option<u64>,
    /// Branch that pull requests aim at unless they say otherwise.
    pub default_branch: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Branch name to head SHA.
    pub branches: BTreeMap<String, String>,
    /// By number.
    pub pulls: BTreeMap<u64, Pull>,
    /// The number the next pull request gets.
    pub next_number: u64,
    /// By name.
    pub labels: BTreeMap<String, Label>,
    /// Rules by branch name.
    pub protections: BTreeMap<String, Protection>,
    /// What collaborators may do, by login.
    pub collaborators: BTreeMap<String, Power>,
    /// In the order they were set.
    pub statuses: Vec<StatusUpdate>,
    /// By id.
    pub hooks: BTreeMap<u64, Hook>,
    /// What merging may be done by.
    pub merge_styles: MergeStyles,
    /// Deletes the head branch after a merge that does not say otherwise.
    pub delete_branch_after_merge: bool,
}

impl Repo {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Whether it is read only.
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }

    /// The rules of a branch, if it has any.
    pub fn protection(&self, branch: &str) -> Option<&Protection> {
        self.protections.get(branch)
    }

    /// Head SHA of a branch.
    pub fn head_of(&self, branch: &str) -> Option<&str> {
        self.branches.get(branch).map(String::as_str)
    }

    /// What somebody may do here; `None` is who sends no token.
    pub fn power_of(&self, login: Option<&str>) -> Power {
        let everybody = if self.private {
            Power::None
        } else {
            Power::Read
        };
        let Some(login) = login else { return everybody };
        if self.owner.eq_ignore_ascii_case(login) {
            return Power::Admin;
        }
        let own = self.collaborators.get(login).copied();
        own.unwrap_or(Power::None).max(everybody)
    }

    /// How many pull requests are open.
    pub fn open_pulls(&self) -> usize {
        self.pulls.values().filter(|pull| pull.is_open()).count()
    }

    /// The newest status of each context at a commit.
    pub fn latest_statuses(&self, sha: &str) -> Vec<&StatusUpdate> {
        let mut latest: BTreeMap<&str, &StatusUpdate> = BTreeMap::new();
        for status in self.statuses.iter().filter(|status| status.sha == sha) {
            latest.insert(&status.context, status);
        }
        let mut statuses: Vec<_> = latest.into_values().collect();
        statuses.sort_by_key(|status| status.id);
        statuses
    }
}
