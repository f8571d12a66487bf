//! Check runs, check suites and commit statuses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a check run or suite is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a runner.
    Queued,
    /// Runs.
    InProgress,
    /// Ended.
    Completed,
}

impl RunStatus {
    /// GitHub's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Passed.
    Success,
    /// Failed.
    Failure,
    /// Neither.
    Neutral,
    /// Stopped by somebody.
    Cancelled,
    /// Not run.
    Skipped,
    /// Took too long.
    TimedOut,
    /// Waits for a person.
    ActionRequired,
    /// GitHub gave up on it.
    Stale,
    /// Could not start.
    StartupFailure,
}

impl Conclusion {
    /// GitHub's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::TimedOut => "timed_out",
            Self::ActionRequired => "action_required",
            Self::Stale => "stale",
            Self::StartupFailure => "startup_failure",
        }
    }

    /// Whether GitHub's rollup counts it as passed.
    pub fn passes(self) -> bool {
        match self {
            Self::Success | Self::Neutral | Self::Skipped => true,
            Self::Failure
            | Self::Cancelled
            | Self::TimedOut
            | Self::ActionRequired
            | Self::Stale
            | Self::StartupFailure => false,
        }
    }
}

/// The workflow run behind a suite of GitHub Actions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// Numeric id of the run.
    pub id: u64,
    /// Name of the workflow.
    pub name: String,
}

/// The checks of one app at one commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckSuite {
    /// Numeric id.
    pub id: u64,
    /// Slug of the app.
    pub app: String,
    /// The commit.
    pub head_sha: String,
    /// The branch it was pushed to; unknown (`null`) for a fork.
    pub head_branch: Option<String>,
    /// How far it is.
    pub status: RunStatus,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
    /// Only for GitHub Actions.
    pub workflow: Option<WorkflowRun>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// One run of one check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckRun {
    /// Numeric id; a rerun gets a new one.
    pub id: u64,
    /// Its suite.
    pub suite_id: u64,
    /// Name of the check.
    pub name: String,
    /// Slug of the app.
    pub app: String,
    /// The commit.
    pub head_sha: String,
    /// How far it is.
    pub status: RunStatus,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// State of a commit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// Not done yet.
    Pending,
    /// Good.
    Success,
    /// Bad.
    Failure,
    /// The service itself failed.
    Error,
}

impl StatusState {
    /// GitHub's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
        }
    }
}

/// One status some service set at a commit; a later one of the same context replaces it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// Numeric id.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// Names the check, such as `ci/circleci`.
    pub context: String,
    /// What it says.
    pub state: StatusState,
    /// One line.
    pub description: Option<String>,
    /// Where to read more.
    pub target_url: Option<String>,
    /// Who set it.
    pub creator: String,
    /// When.
    pub created_at: Timestamp,
}
