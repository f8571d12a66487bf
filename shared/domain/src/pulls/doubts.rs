//! What a delivery said has changed without saying how.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When something was last said to have changed, for which nothing newer was read yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doubt(Option<Timestamp>);

impl Doubt {
    /// Whether it has to be read again.
    #[must_use]
    pub fn is_raised(self) -> bool {
        self.0.is_some()
    }

    /// It changed at `at`, and was last read at `read`; answers whether anything changed. What was
    /// read within the same second may not have seen it.
    pub(super) fn raise(&mut self, at: Timestamp, read: Option<Timestamp>) -> bool {
        let seen = read.is_some_and(|read| is_over(at, read));
        let raised = if seen { self.0 } else { self.0.max(Some(at)) };
        let changed = raised != self.0;
        self.0 = raised;
        changed
    }

    /// It was read at the provider's `date`; answers whether anything changed.
    fn settle(&mut self, date: Timestamp) -> bool {
        let left = self.0.filter(|at| !is_over(*at, date));
        let changed = left != self.0;
        self.0 = left;
        changed
    }
}

/// What has to be read again before it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubts {
    /// Its reviews.
    #[serde(default)]
    pub reviews: Doubt,
    /// The checks of its head.
    #[serde(default)]
    pub checks: Doubt,
}

impl Doubts {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A snapshot of all of it began at the provider's `date`; answers whether anything changed.
    pub(super) fn settle(&mut self, date: Timestamp) -> bool {
        let reviews = self.reviews.settle(date);
        let checks = self.checks.settle(date);
        reviews || checks
    }
}

/// Whether the second that `at` lies in was over when something was read at `date`.
fn is_over(at: Timestamp, date: Timestamp) -> bool {
    date.as_second() > at.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_hint_and_a_reading_settle_alike_in_either_order() {
        let mut hinted_first = Doubt::default();
        assert!(hinted_first.raise(at(5), Some(at(3))) && hinted_first.is_raised());
        assert!(
            !hinted_first.settle(at(5)),
            "the same second proves nothing"
        );
        assert!(hinted_first.settle(at(6)));
        let mut read_first = Doubt::default();
        assert!(!read_first.raise(at(5), Some(at(6))));
        assert_eq!(hinted_first, read_first);
        assert!(
            !read_first.raise(at(4), Some(at(6))),
            "an old hint changes nothing"
        );
    }
}
