//! The evidence on a commit: its checks and statuses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    facts::{Check, CheckKey, CheckReport, CheckScope, CommitSha, Completeness, Fact, Unavailable},
    ids::PullRequestNumber,
};

/// All checks and statuses of one commit, or why they could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSnapshot {
    /// The commit.
    pub sha: CommitSha,
    /// Its checks, to the last page. Where they could not all be read: those that could.
    pub checks: Vec<CheckReport>,
    /// Why they could not all be read.
    pub unavailable: Option<Unavailable>,
    /// Where the provider has checks that speak for one branch or pull request only: whose it
    /// shows. It tells nothing of the others.
    pub scopes: BTreeSet<CheckScope>,
}

/// The evidence on a commit, and the pull requests that have or had it as their head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadEvidence {
    /// The commit.
    pub sha: CommitSha,
    /// Pull requests that claimed it as their head. A claim outlives a move of the head until it
    /// is released, so whoever follows one compares the pull request's head.
    pub claims: BTreeSet<PullRequestNumber>,
    /// Its checks and statuses.
    pub checks: BTreeMap<CheckKey, Check>,
    /// Whether that is all of them.
    pub completeness: Completeness,
    /// Whether that is all that speaks for a branch or a pull request. Where the provider has no
    /// such checks there are none.
    pub scopes: BTreeMap<CheckScope, Completeness>,
}

impl HeadEvidence {
    /// A commit nothing is known of.
    #[must_use]
    pub fn unknown(sha: CommitSha) -> Self {
        Self {
            sha,
            claims: BTreeSet::new(),
            checks: BTreeMap::new(),
            completeness: Completeness::Computing,
            scopes: BTreeMap::new(),
        }
    }

    /// Hears what an event says of a check; answers whether anything changed.
    ///
    /// What a complete snapshot that began later did not contain is gone and stays gone, however
    /// often an old delivery is replayed.
    pub fn hear(&mut self, report: CheckReport) -> bool {
        let seen = self.seen(report.key.scope());
        let complete = seen.and_then(Completeness::last_complete);
        let gone = complete.is_some_and(|date| report.said_at() < date);
        if gone && !self.checks.contains_key(&report.key) {
            return false;
        }
        self.join(Check::from_event(report))
    }

    /// Takes a snapshot over; answers whether anything changed. Where it is older than the last
    /// that showed the same, it changes nothing.
    pub fn absorb(&mut self, snapshot: EvidenceSnapshot, date: Timestamp) -> bool {
        let shown = snapshot.scopes.into_iter().map(Some);
        let newest: BTreeSet<Option<CheckScope>> = std::iter::once(None)
            .chain(shown)
            .filter(|scope| {
                let last = self.seen(scope.as_ref()).and_then(Completeness::date);
                last.is_none_or(|last| last <= date)
            })
            .collect();
        let is_told = |key: &CheckKey| newest.contains(&key.scope().cloned());
        let completeness = match snapshot.unavailable {
            Some(reason) => Completeness::Unavailable {
                date,
                reason,
                complete: None,
            },
            None => Completeness::AsOf { date },
        };
        let mut changed = false;
        if completeness.complete_as_of().is_some() {
            changed |= self.forget_missing(&snapshot.checks, date, is_told);
        }
        for report in snapshot.checks {
            if is_told(&report.key) {
                changed |= self.join(Check::from_snapshot(report, date));
            }
        }
        for scope in newest {
            changed |= self.look(scope, completeness.clone());
        }
        changed
    }

    /// Whether all is known that speaks for these; where the provider has such checks, what was
    /// read for another branch or pull request is not enough.
    #[must_use]
    pub fn complete_for(&self, scopes: &BTreeSet<CheckScope>) -> Fact<()> {
        if self.scopes.is_empty() {
            return self.completeness.fact();
        }
        let mut all = Fact::Known(());
        for scope in scopes {
            let seen = self.scopes.get(scope);
            match seen.map_or(Fact::Computing, Completeness::fact) {
                Fact::Known(()) => {}
                Fact::Computing => return Fact::Computing,
                Fact::Unavailable(why) => all = Fact::Unavailable(why),
            }
        }
        all
    }

    /// When all that speaks for these was last looked at, whether or not it could be read.
    #[must_use]
    pub fn seen_for(&self, scopes: &BTreeSet<CheckScope>) -> Option<Timestamp> {
        if self.scopes.is_empty() {
            return self.completeness.date();
        }
        let seen = |scope| self.scopes.get(scope).and_then(Completeness::date);
        scopes.iter().map(seen).min().flatten()
    }

    /// Only part of it could be read: it is not known to be all.
    pub fn doubt(&mut self) {
        self.completeness = Completeness::Computing;
        self.scopes.clear();
    }

    /// A pull request has it as its head, or no longer needs it; answers whether anything changed.
    pub fn set_claim(&mut self, number: PullRequestNumber, claimed: bool) -> bool {
        if claimed {
            self.claims.insert(number)
        } else {
            self.claims.remove(&number)
        }
    }

    /// Whether anything about it waits for the provider or contradicts itself.
    #[must_use]
    pub fn needs_refresh(&self) -> bool {
        self.completeness == Completeness::Computing
            || self.checks.values().any(|check| check.contested)
    }

    /// Whether a check is still going to change.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.checks
            .values()
            .any(|check| check.state.conclusion().is_none())
    }

    /// When what speaks for a branch or pull request was last looked at; without one, what speaks
    /// for whatever has the commit.
    fn seen(&self, scope: Option<&CheckScope>) -> Option<&Completeness> {
        match scope {
            Some(scope) => self.scopes.get(scope),
            None => Some(&self.completeness),
        }
    }

    fn look(&mut self, scope: Option<CheckScope>, completeness: Completeness) -> bool {
        let seen = match scope {
            Some(scope) => self.scopes.entry(scope).or_default(),
            None => &mut self.completeness,
        };
        let joined = seen.clone().join(completeness);
        let changed = joined != *seen;
        *seen = joined;
        changed
    }

    /// Forgets those of the checks `told` of that were not shown.
    fn forget_missing(
        &mut self,
        shown: &[CheckReport],
        date: Timestamp,
        told: impl Fn(&CheckKey) -> bool,
    ) -> bool {
        let shown: BTreeSet<&CheckKey> = shown.iter().map(|report| &report.key).collect();
        let before = self.checks.len();
        self.checks
            .retain(|key, check| !told(key) || shown.contains(key) || check.said_at >= date);
        self.checks.len() != before
    }

    fn join(&mut self, check: Check) -> bool {
        let Some(stored) = self.checks.get_mut(&check.key) else {
            self.checks.insert(check.key.clone(), check);
            return true;
        };
        let joined = stored.clone().join(check);
        let changed = joined != *stored;
        *stored = joined;
        changed
    }
}
