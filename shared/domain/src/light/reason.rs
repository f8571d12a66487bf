//! Why a light is what it is.

use serde::{Deserialize, Serialize};

use super::Light;

/// What a reason does to a light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Makes it red.
    Blocks,
    /// Keeps it from being green.
    Waits,
    /// Says why it is green.
    Supports,
}

impl Effect {
    /// The light of a pull request about which nothing worse is to be said.
    #[must_use]
    pub fn light(self) -> Light {
        match self {
            Self::Blocks => Light::Red,
            Self::Waits => Light::Yellow,
            Self::Supports => Light::Green,
        }
    }
}

/// The stable name of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// Head and base conflict.
    Conflicts,
    /// A check or status failed.
    CheckFailed,
    /// A reviewer asks for changes.
    ChangesRequested,
    /// It is a draft.
    Draft,
    /// A check or status has not finished.
    CheckPending,
    /// Somebody cancelled a check.
    CheckCancelled,
    /// A check ended in a way we do not know.
    CheckUnrecognised,
    /// Not all checks of this head are known yet.
    ChecksComputing,
    /// The checks can not be read.
    ChecksUnavailable,
    /// Nobody approved it.
    ReviewRequired,
    /// Not all reviews are known yet.
    ReviewsComputing,
    /// The reviews can not be read.
    ReviewsUnavailable,
    /// Whether it merges is not known yet.
    MergeabilityComputing,
    /// Whether it merges can not be read.
    MergeabilityUnavailable,
    /// Two things were said at the same time; it is being read again.
    Contradiction,
    /// A policy, a lock or a rule of the provider forbids merging it.
    PolicyViolated,
    /// It has no commits, or its branch is gone.
    NothingToMerge,
    /// Its branch must be updated with its base.
    Behind,
    /// The provider wants more approvals.
    ApprovalsMissing,
    /// Conversations on it are not resolved.
    ConversationsOpen,
    /// The provider waits for checks to pass.
    ChecksRequired,
    /// The provider does not let it merge for now.
    MergeHeld,
    /// Somebody approved it.
    Approved,
    /// All checks passed.
    ChecksPassed,
    /// It has no checks.
    NoChecks,
    /// Head and base merge.
    Mergeable,
}

impl ReasonCode {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::Conflicts,
        Self::CheckFailed,
        Self::ChangesRequested,
        Self::Draft,
        Self::CheckPending,
        Self::CheckCancelled,
        Self::CheckUnrecognised,
        Self::ChecksComputing,
        Self::ChecksUnavailable,
        Self::ReviewRequired,
        Self::ReviewsComputing,
        Self::ReviewsUnavailable,
        Self::MergeabilityComputing,
        Self::MergeabilityUnavailable,
        Self::Contradiction,
        Self::PolicyViolated,
        Self::NothingToMerge,
        Self::Behind,
        Self::ApprovalsMissing,
        Self::ConversationsOpen,
        Self::ChecksRequired,
        Self::MergeHeld,
        Self::Approved,
        Self::ChecksPassed,
        Self::NoChecks,
        Self::Mergeable,
    ];

    /// The word in items and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflicts => "conflicts",
            Self::CheckFailed => "check_failed",
            Self::ChangesRequested => "changes_requested",
            Self::Draft => "draft",
            Self::CheckPending => "check_pending",
            Self::CheckCancelled => "check_cancelled",
            Self::CheckUnrecognised => "check_unrecognised",
            Self::ChecksComputing => "checks_computing",
            Self::ChecksUnavailable => "checks_unavailable",
            Self::ReviewRequired => "review_required",
            Self::ReviewsComputing => "reviews_computing",
            Self::ReviewsUnavailable => "reviews_unavailable",
            Self::MergeabilityComputing => "mergeability_computing",
            Self::MergeabilityUnavailable => "mergeability_unavailable",
            Self::Contradiction => "contradiction",
            Self::PolicyViolated => "policy_violated",
            Self::NothingToMerge => "nothing_to_merge",
            Self::Behind => "behind",
            Self::ApprovalsMissing => "approvals_missing",
            Self::ConversationsOpen => "conversations_open",
            Self::ChecksRequired => "checks_required",
            Self::MergeHeld => "merge_held",
            Self::Approved => "approved",
            Self::ChecksPassed => "checks_passed",
            Self::NoChecks => "no_checks",
            Self::Mergeable => "mergeable",
        }
    }

    /// What it does to the light.
    #[must_use]
    pub fn effect(self) -> Effect {
        match self {
            Self::Conflicts
            | Self::CheckFailed
            | Self::ChangesRequested
            | Self::PolicyViolated
            | Self::NothingToMerge => Effect::Blocks,
            Self::Draft
            | Self::CheckPending
            | Self::CheckCancelled
            | Self::CheckUnrecognised
            | Self::ChecksComputing
            | Self::ChecksUnavailable
            | Self::ReviewRequired
            | Self::ReviewsComputing
            | Self::ReviewsUnavailable
            | Self::MergeabilityComputing
            | Self::MergeabilityUnavailable
            | Self::Contradiction
            | Self::Behind
            | Self::ApprovalsMissing
            | Self::ConversationsOpen
            | Self::ChecksRequired
            | Self::MergeHeld => Effect::Waits,
            Self::Approved | Self::ChecksPassed | Self::NoChecks | Self::Mergeable => {
                Effect::Supports
            }
        }
    }
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// Its stable name.
    pub code: ReasonCode,
    /// A sentence for people.
    pub text: String,
    /// Where to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Reason {
    /// A reason without a link.
    pub(super) fn new(code: ReasonCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            url: None,
        }
    }

    /// The same with a link.
    pub(super) fn linked(self, url: Option<String>) -> Self {
        Self { url, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_in_items() {
        for code in ReasonCode::ALL {
            let stored = serde_json::to_value(code).unwrap();
            assert_eq!(stored.as_str(), Some(code.as_str()));
        }
    }
}
