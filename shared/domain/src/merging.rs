//! Merging: what is asked of a provider and what it answers.

use serde::{Deserialize, Serialize};

use crate::facts::CommitSha;

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
