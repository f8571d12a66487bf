//! Whether a head fits its base.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cell, CommitSha, Fact, Stamp};

/// What a provider found when it tried head and base together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They merge.
    Clean,
    /// They conflict.
    Conflicting,
}

/// A trial: which head on which base branch, and what came of it (`None`: still computing).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Trial {
    head: CommitSha,
    base: String,
    verdict: Option<Verdict>,
}

/// What is known of a pull request's mergeability.
///
/// `updatedAt` does not move when mergeability does, so a snapshot's word is stamped with its
/// `Date`. A push to the base makes every older word stale without forgetting it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Mergeability {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trial: Option<Cell<Trial>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_moved_at: Option<Timestamp>,
}

impl Mergeability {
    /// Hears what a provider said at `at` of `head` on `base`; answers whether anything changed.
    pub fn hear(
        &mut self,
        at: Timestamp,
        head: &CommitSha,
        base: &str,
        verdict: Option<Verdict>,
    ) -> bool {
        let trial = Trial {
            head: head.clone(),
            base: base.to_owned(),
            verdict,
        };
        let stamp = Stamp::event(at);
        match &mut self.trial {
            Some(cell) => cell.hear(stamp, trial),
            None => {
                self.trial = Some(Cell::new(stamp, trial));
                true
            }
        }
    }

    /// The base moved at `at`; answers whether anything changed.
    pub fn base_moved(&mut self, at: Timestamp) -> bool {
        let moved = self.base_moved_at.max(Some(at));
        let changed = moved != self.base_moved_at;
        self.base_moved_at = moved;
        changed
    }

    /// What is known for `head` on `base`.
    #[must_use]
    pub fn fact(&self, head: &CommitSha, base: &str) -> Fact<Verdict> {
        let Some(cell) = &self.trial else {
            return Fact::Computing;
        };
        let Fact::Known(trial) = cell.fact() else {
            return Fact::Computing;
        };
        let stale = self
            .base_moved_at
            .is_some_and(|moved| cell.stamp().at <= moved);
        match trial.verdict {
            Some(verdict) if !stale && trial.head == *head && trial.base == base => {
                Fact::Known(verdict)
            }
            Some(_) | None => Fact::Computing,
        }
    }

    /// The last verdict said of whatever head, for display while the fact is computing.
    #[must_use]
    pub fn last(&self) -> Option<Verdict> {
        self.trial.as_ref().and_then(|cell| cell.shown().verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_verdict_holds_for_its_head_and_base_until_the_base_moves() {
        let head: CommitSha = "a".repeat(40).parse().unwrap();
        let other: CommitSha = "b".repeat(40).parse().unwrap();
        let mut mergeability = Mergeability::default();
        assert_eq!(mergeability.fact(&head, "main"), Fact::Computing);
        mergeability.hear(at(10), &head, "main", Some(Verdict::Clean));
        assert_eq!(
            mergeability.fact(&head, "main"),
            Fact::Known(Verdict::Clean)
        );
        assert_eq!(mergeability.fact(&other, "main"), Fact::Computing);
        assert_eq!(mergeability.fact(&head, "next"), Fact::Computing);
        assert!(mergeability.base_moved(at(10)));
        assert!(!mergeability.base_moved(at(9)));
        assert_eq!(mergeability.fact(&head, "main"), Fact::Computing);
        assert_eq!(mergeability.last(), Some(Verdict::Clean));
        mergeability.hear(at(11), &head, "main", Some(Verdict::Conflicting));
        assert_eq!(
            mergeability.fact(&head, "main"),
            Fact::Known(Verdict::Conflicting)
        );
    }
}
