//! A value of which the last writer wins.

use serde::{Deserialize, Serialize};

use super::{Fact, Stamp};

/// A value of which the last writer wins, by the provider's time.
///
/// Two different values with equal stamps leave it contested: it is not known until something
/// newer is said. Which of the two is kept for display does not depend on their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell<T> {
    stamp: Stamp,
    value: T,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    contested: bool,
}

impl<T: Ord + Clone> Cell<T> {
    /// What was said first.
    pub fn new(stamp: Stamp, value: T) -> Self {
        Self {
            stamp,
            value,
            contested: false,
        }
    }

    /// Hears `value`, said at `stamp`; answers whether anything changed.
    pub fn hear(&mut self, stamp: Stamp, value: T) -> bool {
        let heard = self.clone().join(Self::new(stamp, value));
        let changed = heard != *self;
        *self = heard;
        changed
    }

    /// The join of two cells.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self.stamp > other.stamp {
            return self;
        }
        if self.stamp < other.stamp {
            return other;
        }
        let contested = self.contested || other.contested || self.value != other.value;
        Self {
            stamp: self.stamp,
            value: self.value.max(other.value),
            contested,
        }
    }

    /// The value as it is shown, known or not.
    pub fn shown(&self) -> &T {
        &self.value
    }

    /// When it was said.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Whether two different values were said at the same time.
    pub fn is_contested(&self) -> bool {
        self.contested
    }

    /// The value as a fact.
    pub fn fact(&self) -> Fact<T> {
        if self.contested {
            Fact::Computing
        } else {
            Fact::Known(self.value.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn stamp() -> impl Strategy<Value = Stamp> {
        (0i64..4, proptest::option::of(0i64..4)).prop_map(|(at, date)| {
            let at = Timestamp::from_second(at).unwrap();
            match date {
                None => Stamp::event(at),
                Some(date) => Stamp::snapshot(at, Timestamp::from_second(date).unwrap()),
            }
        })
    }

    fn cell() -> impl Strategy<Value = Cell<u8>> {
        (stamp(), 0u8..3).prop_map(|(stamp, value)| Cell::new(stamp, value))
    }

    proptest! {
        #[test]
        fn joining_is_commutative_associative_and_idempotent(
            a in cell(), b in cell(), c in cell()
        ) {
            let ab = a.clone().join(b.clone());
            prop_assert_eq!(&ab, &b.clone().join(a.clone()));
            prop_assert_eq!(
                ab.clone().join(c.clone()), a.clone().join(b.clone().join(c))
            );
            prop_assert_eq!(&a.clone().join(a.clone()), &a);
            prop_assert_eq!(&ab.clone().join(a), &ab);
        }
    }

    #[test]
    fn equal_times_and_different_values_are_never_guessed() {
        let at = Timestamp::from_second(7).unwrap();
        let mut cell = Cell::new(Stamp::event(at), "main");
        assert!(cell.hear(Stamp::event(at), "next"));
        assert_eq!(cell.fact(), Fact::Computing);
        let settled = Stamp::snapshot(at, Timestamp::from_second(8).unwrap());
        assert!(cell.hear(settled, "main"));
        assert_eq!(cell.fact(), Fact::Known("main"));
        assert!(!cell.hear(Stamp::event(at), "next"));
    }
}
