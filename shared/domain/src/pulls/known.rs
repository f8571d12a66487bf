//! What is known of a pull request, and what has to be read again before it is.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{HeadEvidence, PullRequest};
use crate::facts::{
    Cell, Check, CheckKey, CheckScope, CommitSha, Fact, Hold, PullRequestFacts, Verdict,
    latest_opinions,
};

impl PullRequest {
    /// All that its light is computed from. `evidence` is of its head; evidence of any other
    /// commit counts for nothing.
    #[must_use]
    pub fn facts(&self, evidence: &HeadEvidence) -> PullRequestFacts {
        let on_head = evidence.sha == *self.head_sha();
        PullRequestFacts {
            lifecycle: self.lifecycle.fact(),
            draft: self.draft.fact(),
            head: match self.head.fact() {
                Fact::Known(head) => Fact::Known(head.sha),
                Fact::Computing => Fact::Computing,
                Fact::Unavailable(why) => Fact::Unavailable(why),
            },
            mergeability: self.mergeability_fact(evidence),
            checks: if on_head {
                self.checks(evidence).cloned().collect()
            } else {
                Vec::new()
            },
            checks_complete: if on_head && !self.doubts.checks.is_raised() {
                evidence.complete_for(&self.check_scopes())
            } else {
                Fact::Computing
            },
            opinions: latest_opinions(self.reviews.by_id.values()),
            reviews_complete: self.reviews_fact(),
        }
    }

    /// The checks that speak for it: not those of another branch or pull request that has the same
    /// commit.
    pub fn checks<'e>(&self, evidence: &'e HeadEvidence) -> impl Iterator<Item = &'e Check> {
        let scopes = self.check_scopes();
        let is_own = move |key: &CheckKey| key.scope().is_none_or(|of| scopes.contains(of));
        let checks = evidence.checks.iter();
        checks
            .filter(move |(key, _)| is_own(key))
            .map(|(_, check)| check)
    }

    pub(super) fn check_scopes(&self) -> BTreeSet<CheckScope> {
        self.head.shown().check_scopes(self.number())
    }

    /// A hold stands only for what was known when it was said: once a check or an opinion moved
    /// since, the provider may let it merge. A draft is held until it is none.
    fn mergeability_fact(&self, evidence: &HeadEvidence) -> Fact<Verdict> {
        if self.base.is_contested() {
            return Fact::Computing;
        }
        let fact = self.mergeability.fact(self.head_sha(), self.base.shown());
        if fact == Fact::Known(Verdict::Held(Hold::Draft)) {
            let is_ready = self.draft.fact() == Fact::Known(false);
            return if is_ready { Fact::Computing } else { fact };
        }
        let is_hold = matches!(fact, Fact::Known(Verdict::Held(_)));
        let tried_at = self.mergeability.tried_at();
        let later = |at: Timestamp| tried_at.is_some_and(|tried| at > tried);
        let moved = self.reviews.by_id.values().any(|r| later(r.said.at))
            || self.checks(evidence).any(|check| later(check.said_at));
        if is_hold && moved {
            Fact::Computing
        } else {
            fact
        }
    }

    fn reviews_fact(&self) -> Fact<()> {
        let contested = self.reviews.by_id.values().any(|review| review.contested);
        if contested || self.doubts.reviews.is_raised() {
            Fact::Computing
        } else {
            self.reviews.completeness.fact()
        }
    }

    /// Whether something about it waits for the provider or contradicts itself, so that it should
    /// be read again.
    #[must_use]
    pub fn needs_refresh(&self, evidence: &HeadEvidence) -> bool {
        if self.is_contested() || !self.former_heads.is_empty() {
            return true;
        }
        self.is_open()
            && (self.reviews_fact() == Fact::Computing
                || self.doubts.checks.is_raised()
                || self.mergeability_fact(evidence) == Fact::Computing
                || evidence.sha != *self.head_sha()
                || evidence.complete_for(&self.check_scopes()) == Fact::Computing
                || self.checks(evidence).any(|check| check.contested))
    }

    /// Whether the provider holds it and does not say why, as it also does while it is still trying
    /// head and base together.
    #[must_use]
    pub fn may_still_be_tried(&self, evidence: &HeadEvidence) -> bool {
        self.is_open()
            && self.mergeability_fact(evidence) == Fact::Known(Verdict::Held(Hold::Unclear))
    }

    /// Whether that is also what it last said of this head on this base.
    #[must_use]
    pub fn was_held_unclearly(&self, head: &CommitSha, base: &str) -> bool {
        self.mergeability.fact(head, base) == Fact::Known(Verdict::Held(Hold::Unclear))
    }

    fn is_contested(&self) -> bool {
        self.lifecycle.is_contested()
            || self.draft.is_contested()
            || self.head.is_contested()
            || self.base.is_contested()
            || self.title.is_contested()
            || self.description.is_contested()
            || self.labels.is_contested()
            || self.requested_reviewers.is_contested()
            || self.url.is_contested()
            || self.size.as_ref().is_some_and(Cell::is_contested)
            || self.comments.as_ref().is_some_and(Cell::is_contested)
    }
}
