//! Whether a head fits its base.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cell, CommitSha, Fact, Stamp, Unavailable};

/// What a provider found when it tried head and base together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They merge.
    Clean,
    /// They conflict.
    Conflicting,
    /// No conflict is known, and the provider still does not let them merge.
    Held(Hold),
}

/// Why a provider does not let a pull request merge for now, in words that providers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The head lacks commits of its base that the provider wants in it.
    Behind,
    /// More approvals are needed, whoever gave how many.
    ApprovalsMissing,
    /// A reviewer's request for changes blocks it.
    ChangesRequested,
    /// Conversations are not resolved.
    ConversationsOpen,
    /// Checks have to pass first; which ones, the checks tell.
    ChecksMustPass,
    /// It is a draft.
    Draft,
    /// Another pull request has to be merged before.
    WaitsForAnother,
    /// Its time has not come.
    WaitsForItsTime,
    /// A security or approval policy forbids it.
    PolicyViolated,
    /// Somebody locked what it changes.
    Locked,
    /// Its title, branch or commits do not keep a rule, such as naming an issue.
    RuleBroken,
    /// It has no commits, or its branch is gone.
    NothingToMerge,
    /// The provider does not say why, or in a word we do not know.
    Unclear,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Behind,
        Self::ApprovalsMissing,
        Self::ChangesRequested,
        Self::ConversationsOpen,
        Self::ChecksMustPass,
        Self::Draft,
        Self::WaitsForAnother,
        Self::WaitsForItsTime,
        Self::PolicyViolated,
        Self::Locked,
        Self::RuleBroken,
        Self::NothingToMerge,
        Self::Unclear,
    ];
}

/// A trial: which head on which base branch, and what came of it. Neither a verdict nor a reason
/// why there is none: still computing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Trial {
    head: CommitSha,
    base: String,
    verdict: Option<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unavailable: Option<Unavailable>,
}

impl Trial {
    fn new(head: &CommitSha, base: &str, said: Fact<Verdict>) -> Self {
        let (verdict, unavailable) = match said {
            Fact::Known(verdict) => (Some(verdict), None),
            Fact::Computing => (None, None),
            Fact::Unavailable(why) => (None, Some(Unavailable { why })),
        };
        Self {
            head: head.clone(),
            base: base.to_owned(),
            verdict,
            unavailable,
        }
    }

    fn said(&self) -> Fact<Verdict> {
        match &self.unavailable {
            Some(reason) => Fact::Unavailable(reason.why.clone()),
            None => self.verdict.into(),
        }
    }
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
    /// When the pull request was last seen on each base: pushes to a base it is not on are not
    /// followed, so a verdict ends when it is seen elsewhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    seen_on: BTreeMap<String, Timestamp>,
}

/// How many bases are remembered, the ones seen last.
const MOST_BASES: usize = 4;

impl Mergeability {
    /// Hears what a provider said at `at` of `head` on `base`; answers whether anything changed.
    pub fn hear(
        &mut self,
        at: Timestamp,
        head: &CommitSha,
        base: &str,
        said: Fact<Verdict>,
    ) -> bool {
        let said = Cell::new(Stamp::event(at), Trial::new(head, base, said));
        self.change(|this| {
            this.trial = Some(match this.trial.take() {
                Some(cell) => cell.join(said),
                None => said,
            });
        })
    }

    /// The base moved at `at`; answers whether anything changed.
    pub fn base_moved(&mut self, at: Timestamp) -> bool {
        self.change(|this| this.base_moved_at = this.base_moved_at.max(Some(at)))
    }

    /// The pull request was seen on `base` at `at`; answers whether anything changed.
    pub fn seen_on(&mut self, base: &str, at: Timestamp) -> bool {
        self.change(|this| {
            let last = this.seen_on.entry(base.to_owned()).or_insert(at);
            *last = at.max(*last);
        })
    }

    /// Changes it and forgets what no longer matters, so that old news changes nothing; answers
    /// whether anything changed.
    fn change(&mut self, change: impl FnOnce(&mut Self)) -> bool {
        let before = self.clone();
        change(self);
        if let Some(tried_at) = self.trial.as_ref().map(|cell| cell.stamp().at) {
            self.base_moved_at = self.base_moved_at.filter(|moved| *moved >= tried_at);
            self.seen_on.retain(|_, at| *at >= tried_at);
        }
        while self.seen_on.len() > MOST_BASES {
            let oldest = self
                .seen_on
                .iter()
                .min_by_key(|(base, at)| (**at, (*base).clone()));
            let Some(oldest) = oldest.map(|(base, _)| base.clone()) else {
                break;
            };
            self.seen_on.remove(&oldest);
        }
        *self != before
    }

    /// When the provider was last heard on whether it merges.
    #[must_use]
    pub fn tried_at(&self) -> Option<Timestamp> {
        self.trial.as_ref().map(|cell| cell.stamp().at)
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
        let tried_at = cell.stamp().at;
        let moved = self.base_moved_at.is_some_and(|moved| tried_at <= moved);
        let elsewhere = |(other, at): (&String, &Timestamp)| other != base && tried_at <= *at;
        let stale = moved || self.seen_on.iter().any(elsewhere);
        if !stale && trial.head == *head && trial.base == base {
            trial.said()
        } else {
            Fact::Computing
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
        mergeability.hear(at(10), &head, "main", Fact::Known(Verdict::Clean));
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
        mergeability.seen_on("next", at(10));
        mergeability.hear(at(11), &head, "main", Fact::Known(Verdict::Conflicting));
        assert_eq!(
            mergeability.fact(&head, "main"),
            Fact::Known(Verdict::Conflicting)
        );
    }

    #[test]
    fn what_can_not_be_read_says_why_until_its_base_moves() {
        let head: CommitSha = "a".repeat(40).parse().unwrap();
        let mut mergeability = Mergeability::default();
        let unreadable: Fact<Verdict> = Fact::Unavailable("no permission".to_owned());
        mergeability.hear(at(10), &head, "main", Fact::Known(Verdict::Clean));
        mergeability.hear(at(11), &head, "main", unreadable.clone());
        assert_eq!(mergeability.fact(&head, "main"), unreadable);
        let stored = serde_json::to_value(&mergeability).unwrap();
        assert_eq!(
            serde_json::from_value::<Mergeability>(stored).unwrap(),
            mergeability
        );
        mergeability.base_moved(at(12));
        assert_eq!(mergeability.fact(&head, "main"), Fact::Computing);
        mergeability.hear(at(13), &head, "main", Fact::Known(Verdict::Clean));
        assert_eq!(
            mergeability.fact(&head, "main"),
            Fact::Known(Verdict::Clean)
        );
    }

    #[test]
    fn a_verdict_ends_when_the_pull_request_is_seen_on_another_base() {
        let head: CommitSha = "a".repeat(40).parse().unwrap();
        let mut mergeability = Mergeability::default();
        mergeability.hear(at(10), &head, "main", Fact::Known(Verdict::Clean));
        mergeability.seen_on("next", at(12));
        mergeability.seen_on("main", at(14));
        assert_eq!(mergeability.fact(&head, "main"), Fact::Computing);
        mergeability.hear(at(15), &head, "main", Fact::Known(Verdict::Clean));
        assert!(
            !mergeability.seen_on("next", at(12)),
            "a replay changes nothing"
        );
        assert_eq!(
            mergeability.fact(&head, "main"),
            Fact::Known(Verdict::Clean)
        );
    }
}
