//! Repositories with their branches, permissions and restrictions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hook, Pull, Status};

/// How far somebody's access to a repository reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// May read.
    Read,
    /// May push and merge.
    Write,
    /// May see and change settings: webhooks, branch restrictions.
    Admin,
}

impl Permission {
    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// A way to merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MergeStrategy {
    /// A merge commit.
    MergeCommit,
    /// One commit on top of the destination.
    Squash,
    /// Moves the destination, only without commits of its own.
    FastForward,
    /// One commit, only without commits of its own.
    SquashFastForward,
    /// Rebases, then moves the destination.
    RebaseFastForward,
    /// Rebases, then a merge commit.
    RebaseMerge,
}

impl MergeStrategy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::MergeCommit,
        Self::Squash,
        Self::FastForward,
        Self::SquashFastForward,
        Self::RebaseFastForward,
        Self::RebaseMerge,
    ];

    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MergeCommit => "merge_commit",
            Self::Squash => "squash",
            Self::FastForward => "fast_forward",
            Self::SquashFastForward => "squash_fast_forward",
            Self::RebaseFastForward => "rebase_fast_forward",
            Self::RebaseMerge => "rebase_merge",
        }
    }

    /// The strategy of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == word)
    }
}

/// What a branch restriction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestrictionKind {
    /// So many approvals.
    RequireApprovals,
    /// So many approvals of default reviewers.
    RequireDefaultReviewers,
    /// So many builds that pass, and none that fails or runs.
    RequirePassingBuilds,
    /// Nobody asks for changes.
    RequireNoChangesRequested,
    /// No task is open.
    RequireTasksCompleted,
    /// A push takes approvals back.
    ResetApprovalsOnChange,
    /// The rules above refuse a merge. Without this one Bitbucket only warns.
    EnforceMergeChecks,
    /// Only some may merge; here: nobody.
    RestrictMerges,
    /// Only some may delete the branch; here: nobody.
    Delete,
}

impl RestrictionKind {
    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequireApprovals => "require_approvals_to_merge",
            Self::RequireDefaultReviewers => "require_default_reviewer_approvals_to_merge",
            Self::RequirePassingBuilds => "require_passing_builds_to_merge",
            Self::RequireNoChangesRequested => "require_no_changes_requested",
            Self::RequireTasksCompleted => "require_tasks_to_be_completed",
            Self::ResetApprovalsOnChange => "reset_pullrequest_approvals_on_change",
            Self::EnforceMergeChecks => "enforce_merge_checks",
            Self::RestrictMerges => "restrict_merges",
            Self::Delete => "delete",
        }
    }
}

/// One rule about the branches that match a pattern.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Restriction {
    /// Numeric id.
    pub id: u64,
    /// What it asks.
    pub kind: RestrictionKind,
    /// A branch name; `*` stands for anything.
    pub pattern: String,
    /// How many, where the kind counts.
    pub value: Option<u32>,
}

impl Restriction {
    /// Whether it holds for a branch.
    pub fn covers(&self, branch: &str) -> bool {
        match self.pattern.split_once('*') {
            None => self.pattern == branch,
            Some((start, end)) => {
                branch.len() >= start.len() + end.len()
                    && branch.starts_with(start)
                    && branch.ends_with(end)
            }
        }
    }
}

/// A repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repo {
    /// Our own number of it.
    pub id: u64,
    /// In braces; survives renames and transfers.
    pub uuid: String,
    /// Slug of the workspace.
    pub workspace: String,
    /// Its name in links; follows the name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Only members see it.
    pub private: bool,
    /// The repository it was forked from.
    pub fork_of: Option<u64>,
    /// Branch that pull requests aim at unless they say otherwise.
    pub main_branch: String,
    /// One line about it.
    pub description: String,
    /// Main language.
    pub language: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change or push.
    pub updated_at: Timestamp,
    /// Branch name to head SHA.
    pub branches: BTreeMap<String, String>,
    /// By number.
    pub pulls: BTreeMap<u64, Pull>,
    /// The number the next pull request gets.
    pub next_number: u64,
    /// By login.
    pub permissions: BTreeMap<String, Permission>,
    /// In the order they were made.
    pub restrictions: Vec<Restriction>,
    /// The ways of merging it allows, the default first.
    pub merge_strategies: Vec<MergeStrategy>,
    /// Branches with a merge queue.
    #[serde(default)]
    pub merge_queues: BTreeSet<String>,
    /// One for each key and commit.
    pub statuses: Vec<Status>,
    /// By our number.
    pub hooks: BTreeMap<u64, Hook>,
}

impl Repo {
    /// `workspace/slug`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.workspace, self.slug)
    }

    /// Head SHA of a branch.
    pub fn head_of(&self, branch: &str) -> Option<&str> {
        self.branches.get(branch).map(String::as_str)
    }

    /// The present head of the branch a pull request aims at; where it ended once it is closed.
    pub fn destination_of<'a>(&'a self, pull: &'a Pull) -> &'a str {
        let present = self.head_of(&pull.destination).filter(|_| pull.is_open());
        present.unwrap_or(&pull.destination_sha)
    }

    /// The rule of this kind for a branch, if there is one.
    pub fn restriction(&self, kind: RestrictionKind, branch: &str) -> Option<&Restriction> {
        self.restrictions
            .iter()
            .find(|rule| rule.kind == kind && rule.covers(branch))
    }

    /// The statuses of a commit, the one reported last at the end.
    pub fn statuses_of(&self, sha: &str) -> Vec<&Status> {
        let mut found: Vec<_> = self.statuses.iter().filter(|own| own.sha == sha).collect();
        found.sort_by_key(|status| status.created_at);
        found
    }

    /// What somebody may do here; the owner everything.
    pub fn permission_of(&self, login: &str) -> Option<Permission> {
        if self.workspace.eq_ignore_ascii_case(login) {
            return Some(Permission::Admin);
        }
        self.permissions.get(login).copied()
    }
}
