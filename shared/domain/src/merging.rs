//! Merging: what a provider demands before, what is asked of it and what it answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::{CommitSha, Fact};

/// How commits come into the base branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A merge commit.
    Merge,
    /// One commit that holds all of them.
    Squash,
    /// Each of them again, on top of the base.
    Rebase,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Merge, Self::Squash, Self::Rebase];

    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

/// A merge as it is asked for: pinned to the commit that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The head that was judged. Where the provider can be told, it refuses any other.
    pub head: CommitSha,
    /// How.
    pub strategy: Strategy,
    /// The first line of the commit's message; the provider's own where there is none.
    pub title: Option<String>,
    /// The rest of the commit's message; the provider's own where there is none.
    pub message: Option<String>,
    /// Whether the provider deletes the head's branch afterwards, where it offers that.
    pub delete_branch: bool,
}

/// What became of a merge so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merging {
    /// It was merged.
    Merged {
        /// The commit it became, where the provider tells.
        commit: Option<CommitSha>,
    },
    /// The provider works on it; how it ends is asked for with this.
    Accepted {
        /// The provider's id of the work.
        task: String,
    },
}

/// What a provider demands of a pull request into a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchRules {
    /// The names of the checks and statuses that must pass.
    pub required_checks: Fact<BTreeSet<String>>,
    /// How many approvals it takes.
    pub required_approvals: Fact<u32>,
    /// How it may be merged; never empty where it is known.
    pub strategies: Fact<BTreeSet<Strategy>>,
    /// Whether the head must contain the base.
    pub must_be_up_to_date: Fact<bool>,
    /// Whether pull requests go through a queue or train of the provider.
    pub has_queue: Fact<bool>,
}

/// How two commits or branches of a repository relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Commits that only the head has.
    pub ahead_by: u32,
    /// Commits that only the base has.
    pub behind_by: u32,
}
