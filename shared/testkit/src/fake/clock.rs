//! The clock of the fake world: it stands still until somebody moves it, or follows the wall.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a fixed clock starts: a Monday morning, 2026-01-05T09:00:00Z.
const EPOCH_SECONDS: i64 = 1_767_603_600;

/// Tells the time the fake provider writes into bodies and headers, in whole seconds .
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Clock {
    /// Moves only by `step` with each change, and when a story advances it.
    Fixed {
        /// The present.
        now: Timestamp,
        /// How far each change moves the present, in seconds; 0 makes equal times.
        step: i64,
    },
    /// The real time, for the living demo.
    Wall,
}

impl Default for Clock {
    fn default() -> Self {
        let now = Timestamp::from_second(EPOCH_SECONDS).unwrap_or_default();
        Self::Fixed { now, step: 1 }
    }
}

impl Clock {
    /// The present, in whole seconds.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Fixed { now, .. } => *now,
            Self::Wall => whole_seconds(Timestamp::now()),
        }
    }

    /// Moves a fixed clock by its step. Every change of the world calls this once.
    pub fn tick(&mut self) {
        if let Self::Fixed { now, step } = self {
            *now = later(*now, *step);
        }
    }

    /// Moves a fixed clock forward by whole seconds.
    pub fn advance(&mut self, seconds: i64) {
        if let Self::Fixed { now, .. } = self {
            *now = later(*now, seconds);
        }
    }

    /// Sets by how many seconds each change moves a fixed clock.
    pub fn set_step(&mut self, seconds: i64) {
        if let Self::Fixed { step, .. } = self {
            *step = seconds;
        }
    }
}

/// `time` moved by `seconds`, which may be negative; stays where it is at the end of time.
pub(crate) fn later(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(time)
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The form of the `Date` header.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
