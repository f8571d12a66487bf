//! Facts: what providers say about pull requests, and how two statements about the same thing
//! become one.
//!
//! Every rule here is a join: applying statements in any order, any number of times, gives the
//! same result. Only times of the provider decide; our own clock never does.

mod cell;
mod check;
mod mergeability;
mod review;
mod sha;
mod stamp;

pub use cell::Cell;
pub use check::{Check, CheckKey, CheckReport, CheckScope, CheckStamp, CheckState, Conclusion};
pub use mergeability::{Hold, Mergeability, Verdict};
pub use review::{Opinion, Review, ReviewId, latest_opinions, reviews_in_force};
pub use sha::{CommitSha, InvalidSha};
pub use stamp::{Completeness, Stamp, Unavailable};

use crate::provider::Login;

/// Something a provider said: known, still being worked out, or not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// The provider said so, for the current head.
    Known(T),
    /// Not yet known: the provider is working on it, or two statements contradict each other.
    Computing,
    /// The provider does not say; the text tells why and what would help.
    Unavailable(String),
}

/// Where there is nothing yet, the provider is working on it.
impl<T> From<Option<T>> for Fact<T> {
    fn from(said: Option<T>) -> Self {
        said.map_or(Self::Computing, Self::Known)
    }
}

/// Where in its life a pull request is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Lifecycle {
    /// It can be merged one day.
    Open,
    /// It was closed unmerged, and can be reopened.
    Closed {
        /// When.
        at: Option<jiff::Timestamp>,
    },
    /// It was merged: the end.
    Merged {
        /// When.
        at: Option<jiff::Timestamp>,
    },
}

impl Lifecycle {
    /// `open`, `closed` or `merged`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed { .. } => "closed",
            Self::Merged { .. } => "merged",
        }
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether it was merged.
    #[must_use]
    pub fn is_merged(self) -> bool {
        matches!(self, Self::Merged { .. })
    }
}

/// All that a light is computed from, for one pull request and its current head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestFacts {
    /// Where in its life it is.
    pub lifecycle: Fact<Lifecycle>,
    /// Whether its author says it is not ready.
    pub draft: Fact<bool>,
    /// The commit that would be merged.
    pub head: Fact<CommitSha>,
    /// Whether head and base fit together.
    pub mergeability: Fact<Verdict>,
    /// The checks and statuses seen on the head.
    pub checks: Vec<Check>,
    /// Whether `checks` is all there is.
    pub checks_complete: Fact<()>,
    /// Each reviewer's latest opinion, of two with the same name both; without one who has none or
    /// took it back.
    pub opinions: Vec<(Login, Opinion)>,
    /// Whether `opinions` is all there is.
    pub reviews_complete: Fact<()>,
}
