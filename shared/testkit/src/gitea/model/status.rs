//! Commit statuses, Gitea's only form of checks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// State of a status, in the order in which the worse one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// Did not have to run.
    Skipped,
    /// Passed.
    Success,
    /// Waits or runs.
    Pending,
    /// Passed with complaints.
    Warning,
    /// Failed.
    Failure,
    /// Could not be done.
    Error,
}

impl StatusState {
    /// Gitea's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Warning => "warning",
            Self::Failure => "failure",
            Self::Error => "error",
        }
    }

    /// Whether a rule that asks for it is content.
    pub fn passes(self) -> bool {
        match self {
            Self::Skipped | Self::Success => true,
            Self::Pending | Self::Warning | Self::Failure | Self::Error => false,
        }
    }
}

/// One status somebody set. Older ones of the same context stay in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// Numeric id.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// What names the check.
    pub context: String,
    /// How it stands.
    pub state: StatusState,
    /// One line about it.
    pub description: String,
    /// Who set it.
    pub creator: String,
    /// When it was set.
    pub created_at: Timestamp,
}
