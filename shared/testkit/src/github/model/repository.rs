//! Repositories with their branches, labels and rules.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CheckRun, CheckSuite, Hook, Pull, StatusUpdate};

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

/// A check that must succeed before a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredCheck {
    /// Name of the check run or context of the status.
    pub context: String,
    /// The app it must come from; `None` takes any.
    pub app: Option<String>,
}

/// Where a rule was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A classic branch protection rule.
    Protection,
    /// A repository ruleset.
    Ruleset,
}

/// What a branch asks of a merge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Protection {
    /// Checks that must succeed.
    pub required_checks: Vec<RequiredCheck>,
    /// The head must contain the base branch.
    pub strict: bool,
    /// Approvals needed; 0 asks for none.
    pub required_approvals: u32,
    /// A push takes approvals back.
    pub dismiss_stale: bool,
    /// Merge commits are kept out.
    #[serde(default)]
    pub linear: bool,
    /// Merging goes through the merge queue alone.
    #[serde(default)]
    pub merge_queue: bool,
    /// Classic rule or ruleset.
    pub source: Source,
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            required_checks: Vec::new(),
            strict: false,
            required_approvals: 0,
            dismiss_stale: false,
            linear: false,
            merge_queue: false,
            source: Source::Protection,
        }
    }
}

/// The ways of merging a repository allows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MergeMethods {
    /// Merge commits.
    pub merge: bool,
    /// Squashing.
    pub squash: bool,
    /// Rebasing.
    pub rebase: bool,
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
    /// Only members see it.
    pub private: bool,
    /// Read only.
    pub archived: bool,
    /// The repository it was forked from.
    pub fork_of: Option<u64>,
    /// Branch that pull requests aim at unless they say otherwise.
    pub default_branch: String,
    /// One line about it.
    pub description: Option<String>,
    /// Main language.
    pub language: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change of the repository's own data.
    pub updated_at: Timestamp,
    /// Last push.
    pub pushed_at: Timestamp,
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
    /// Logins that may write.
    pub writers: BTreeSet<String>,
    /// Logins that may only read (matters on private repositories).
    pub readers: BTreeSet<String>,
    /// By id.
    pub check_suites: BTreeMap<u64, CheckSuite>,
    /// By id, the older runs of a rerun check too.
    pub check_runs: BTreeMap<u64, CheckRun>,
    /// In the order they were set.
    pub statuses: Vec<StatusUpdate>,
    /// By id.
    pub hooks: BTreeMap<u64, Hook>,
    /// What merging may be done by.
    pub merge_methods: MergeMethods,
}

impl Repo {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The rules of a branch, if it has any.
    pub fn protection(&self, branch: &str) -> Option<&Protection> {
        self.protections.get(branch)
    }

    /// Head SHA of a branch.
    pub fn head_of(&self, branch: &str) -> Option<&str> {
        self.branches.get(branch).map(String::as_str)
    }

    /// How many pull requests are open.
    pub fn open_pulls(&self) -> usize {
        self.pulls.values().filter(|pull| pull.is_open()).count()
    }

    /// The newest run of each check at a commit: a rerun hides the run before it.
    pub fn latest_runs(&self, sha: &str) -> Vec<&CheckRun> {
        let mut latest: BTreeMap<(u64, &str), &CheckRun> = BTreeMap::new();
        for run in self.check_runs.values().filter(|run| run.head_sha == sha) {
            latest.insert((run.suite_id, &run.name), run);
        }
        let mut runs: Vec<_> = latest.into_values().collect();
        runs.sort_by_key(|run| run.id);
        runs
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
