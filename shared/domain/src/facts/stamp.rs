//! When a provider said something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a provider said something, in the provider's own time (whole seconds).
///
/// Later `at` wins. Within the same second a snapshot that began after that second was over has
/// seen all of it, so it outranks what an event said inside it, and a later snapshot an earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The provider's `updatedAt` of the thing.
    pub at: Timestamp,
    /// The provider's `Date` at the start of a snapshot, where it lies after `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
}

impl Stamp {
    /// The stamp of what an event says.
    #[must_use]
    pub fn event(at: Timestamp) -> Self {
        Self { at, settled: None }
    }

    /// The stamp of what a snapshot says that began at the provider's `date`.
    #[must_use]
    pub fn snapshot(at: Timestamp, date: Timestamp) -> Self {
        Self {
            at,
            settled: settled(at, date),
        }
    }
}

/// `date`, where a snapshot begun then has seen all of the second that `at` lies in.
pub(super) fn settled(at: Timestamp, date: Timestamp) -> Option<Timestamp> {
    (whole_second(date) > whole_second(at)).then_some(date)
}

fn whole_second(time: Timestamp) -> i64 {
    // A `Date` header has no fraction; some providers' times have one.
    time.as_second()
}

/// Why something can not be had from a provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unavailable {
    /// What is missing and what would help, for the person who reads the light.
    pub why: String,
}

/// Whether a set is all there is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Completeness {
    /// No snapshot yet.
    #[default]
    Computing,
    /// A snapshot was complete.
    AsOf {
        /// The provider's `Date` at its start.
        date: Timestamp,
    },
    /// The provider did not let us read it.
    Unavailable {
        /// The provider's `Date` at the start of the try.
        date: Timestamp,
        /// Why, and what would help.
        reason: Unavailable,
        /// The start of the last snapshot that was complete.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        complete: Option<Timestamp>,
    },
}

impl Completeness {
    /// The later of the two; of the same second, the one that claims less.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let complete = self.last_complete().max(other.last_complete());
        let joined = match (self.date(), other.date()) {
            (mine, theirs) if mine == theirs => self.max(other),
            (mine, theirs) if mine > theirs => self,
            _later => other,
        };
        match joined {
            Self::Unavailable { date, reason, .. } => Self::Unavailable {
                date,
                reason,
                complete,
            },
            Self::Computing | Self::AsOf { .. } => joined,
        }
    }

    /// The start of the last complete snapshot, also where a later one failed: what it did not
    /// contain is gone.
    #[must_use]
    pub fn last_complete(&self) -> Option<Timestamp> {
        match self {
            Self::Computing => None,
            Self::AsOf { date } => Some(*date),
            Self::Unavailable { complete, .. } => *complete,
        }
    }

    /// When it was last looked at.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        match self {
            Self::Computing => None,
            Self::AsOf { date } | Self::Unavailable { date, .. } => Some(*date),
        }
    }

    /// The start of the last complete snapshot, where nothing failed since.
    #[must_use]
    pub fn complete_as_of(&self) -> Option<Timestamp> {
        match self {
            Self::AsOf { date } => Some(*date),
            Self::Computing | Self::Unavailable { .. } => None,
        }
    }

    /// As a fact.
    #[must_use]
    pub fn fact(&self) -> super::Fact<()> {
        match self {
            Self::Computing => super::Fact::Computing,
            Self::AsOf { .. } => super::Fact::Known(()),
            Self::Unavailable { reason, .. } => super::Fact::Unavailable(reason.why.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_snapshot_outranks_events_of_a_second_it_has_seen_all_of() {
        let at = t("2026-01-01T10:00:00Z");
        let same_second = Stamp::snapshot(at, t("2026-01-01T10:00:00Z"));
        let later = Stamp::snapshot(at, t("2026-01-01T10:00:01Z"));
        assert_eq!(same_second, Stamp::event(at));
        assert!(later > Stamp::event(at));
        assert!(Stamp::event(t("2026-01-01T10:00:01Z")) > later);
    }

    #[test]
    fn completeness_follows_the_later_look_and_claims_less_in_doubt() {
        let date = t("2026-01-01T10:00:00Z");
        let reason = Unavailable {
            why: "no permission".into(),
        };
        let unavailable = Completeness::Unavailable {
            date,
            reason,
            complete: None,
        };
        let complete = Completeness::AsOf { date };
        let reason = Unavailable {
            why: "no permission".into(),
        };
        let both = Completeness::Unavailable {
            date,
            reason,
            complete: Some(date),
        };
        assert_eq!(complete.clone().join(unavailable.clone()), both);
        assert_eq!(unavailable.clone().join(complete.clone()), both);
        let later = Completeness::AsOf {
            date: t("2026-01-01T10:00:01Z"),
        };
        assert_eq!(unavailable.join(later.clone()), later);
        assert_eq!(Completeness::Computing.join(complete.clone()), complete);
    }
}
