//! What a provider demands before something is merged into a branch, and how branches compare.

use std::collections::BTreeSet;

use crate::{facts::Fact, merging::Strategy};

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
