//! Build statuses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a build says. Bitbucket has no word for a queued or a skipped one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuildState {
    /// Runs, or waits.
    InProgress,
    /// Passed.
    Successful,
    /// Failed.
    Failed,
    /// Cancelled.
    Stopped,
}

impl BuildState {
    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "INPROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// The status of one build at one commit; the next report of the same key replaces it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Names the build at its commit.
    pub key: String,
    /// For people.
    pub name: String,
    /// The commit, all 40 characters.
    pub sha: String,
    /// What it says.
    pub state: BuildState,
    /// One line about it.
    pub description: String,
    /// The branch it was built for.
    pub refname: Option<String>,
    /// When it was first reported.
    pub created_at: Timestamp,
    /// When it was last reported.
    pub updated_at: Timestamp,
}
