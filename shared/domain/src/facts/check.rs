//! Checks and commit statuses: the evidence on a commit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stamp::settled;
use crate::ids::PullRequestNumber;

/// What a check speaks for, where that is not whatever has its commit: one commit may be the head
/// of several branches and pull requests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum CheckScope {
    /// A branch of the repository itself, never one of a fork.
    Branch {
        /// Its name.
        name: String,
    },
    /// A pull request.
    PullRequest {
        /// Its number.
        number: PullRequestNumber,
    },
}

/// What identifies a check on a commit: reruns share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckKey {
    /// A check run of an app, by its name.
    Run {
        /// The app that reports it.
        app: String,
        /// The check's name.
        name: String,
    },
    /// A check run that speaks for one branch or one pull request only.
    ScopedRun {
        /// The app that reports it.
        app: String,
        /// The check's name.
        name: String,
        /// What it speaks for.
        scope: CheckScope,
    },
    /// A commit status, by its context.
    Status {
        /// The context.
        context: String,
    },
}

impl CheckKey {
    /// The name people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Run { name, .. } | Self::ScopedRun { name, .. } => name,
            Self::Status { context } => context,
        }
    }

    /// What it speaks for; `None` where that is whatever has the commit.
    #[must_use]
    pub fn scope(&self) -> Option<&CheckScope> {
        match self {
            Self::ScopedRun { scope, .. } => Some(scope),
            Self::Run { .. } | Self::Status { .. } => None,
        }
    }
}

/// Where a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "status", content = "conclusion", rename_all = "snake_case")]
pub enum CheckState {
    /// Not begun; also what is expected and was never seen.
    Queued,
    /// Running.
    InProgress,
    /// Over.
    Completed(Conclusion),
}

impl CheckState {
    /// `queued`, `in_progress` or `completed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed(_) => "completed",
        }
    }

    /// How a completed check ended.
    #[must_use]
    pub fn conclusion(self) -> Option<Conclusion> {
        match self {
            Self::Completed(conclusion) => Some(conclusion),
            Self::Queued | Self::InProgress => None,
        }
    }

    fn progress(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::InProgress => 1,
            Self::Completed(_) => 2,
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Passed.
    Success,
    /// Neither passed nor failed; passes.
    Neutral,
    /// Not needed this time; passes.
    Skipped,
    /// Somebody stopped it; waits.
    Cancelled,
    /// Failed; a status in `error` is one, too.
    Failure,
    /// Took too long.
    TimedOut,
    /// Somebody has to act at the provider.
    ActionRequired,
    /// Never got going.
    StartupFailure,
    /// The provider gave up on it.
    Stale,
    /// A word we do not know. Unknown is never green.
    Unrecognised,
}

impl Conclusion {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Neutral,
        Self::Skipped,
        Self::Cancelled,
        Self::Failure,
        Self::TimedOut,
        Self::ActionRequired,
        Self::StartupFailure,
        Self::Stale,
        Self::Unrecognised,
    ];

    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Neutral => "neutral",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Failure => "failure",
            Self::TimedOut => "timed_out",
            Self::ActionRequired => "action_required",
            Self::StartupFailure => "startup_failure",
            Self::Stale => "stale",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// Which of two statements about a check is the newer one: newest run and attempt, then the one
/// that knows later (a snapshot knows as of its `Date`, an event as of the time it speaks of), then
/// the newer time, then further progress (a run that began and ended in one second), then the id
/// of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CheckStamp {
    run: u64,
    attempt: u32,
    known_as_of: Timestamp,
    at: Timestamp,
    progress: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_id: Option<u64>,
}

/// What a provider says of a check on a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Which check.
    pub key: CheckKey,
    /// Where it is.
    pub state: CheckState,
    /// The id of the run, growing with reruns; 0 for statuses.
    pub run: u64,
    /// The attempt of the run, from 1 where the provider counts them, else 0.
    pub attempt: u32,
    /// The time of this state, as whoever runs the check has it.
    pub at: Timestamp,
    /// When the provider itself last moved what it belongs to. The time of a state may be made up
    /// by an app; this one tells whether a snapshot could have seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<Timestamp>,
    /// The id of a status, growing; `None` for runs and where the provider does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_id: Option<u64>,
    /// Where people look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

impl CheckReport {
    /// The time of the provider at which an event says this.
    #[must_use]
    pub fn said_at(&self) -> Timestamp {
        self.moved_at.map_or(self.at, |moved| moved.max(self.at))
    }
}

/// A check as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub key: CheckKey,
    /// Where it is.
    pub state: CheckState,
    /// Which statement that is.
    pub stamp: CheckStamp,
    /// The latest time of the provider at which it was spoken of: a complete snapshot that began
    /// later and does not contain it says that it is gone.
    pub said_at: Timestamp,
    /// Two different states were said at the same time: not known until something newer is said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
    /// Where people look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

impl Check {
    /// What an event says of a check.
    #[must_use]
    pub fn from_event(report: CheckReport) -> Self {
        let said_at = report.said_at();
        let known_as_of = report.at;
        Self::new(report, known_as_of, said_at)
    }

    /// What a snapshot that began at the provider's `date` says of a check.
    #[must_use]
    pub fn from_snapshot(report: CheckReport, date: Timestamp) -> Self {
        let known_as_of = settled(report.at, date).unwrap_or(report.at);
        Self::new(report, known_as_of, date)
    }

    fn new(report: CheckReport, known_as_of: Timestamp, said_at: Timestamp) -> Self {
        let stamp = CheckStamp {
            run: report.run,
            attempt: report.attempt,
            known_as_of,
            at: report.at,
            progress: match report.key {
                CheckKey::Run { .. } | CheckKey::ScopedRun { .. } => report.state.progress(),
                // A status has no life of its own: pending may follow success.
                CheckKey::Status { .. } => 0,
            },
            status_id: report.status_id,
        };
        Self {
            key: report.key,
            state: report.state,
            stamp,
            said_at,
            contested: false,
            url: report.url,
            started_at: report.started_at,
            completed_at: report.completed_at,
        }
    }

    /// The join of two statements about the same check.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let contested = self.stamp == other.stamp
            && (self.contested || other.contested || self.state != other.state);
        let said_at = self.said_at.max(other.said_at);
        let mut newer = if self.words() >= other.words() {
            self
        } else {
            other
        };
        newer.contested = newer.contested || contested;
        newer.said_at = said_at;
        newer
    }

    fn words(&self) -> impl Ord + '_ {
        (
            self.stamp,
            self.state,
            &self.url,
            self.started_at,
            self.completed_at,
        )
    }
}

#[cfg(test)]
mod tests;
