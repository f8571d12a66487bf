//! The evidence on a commit: its checks and statuses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    facts::{Check, CheckKey, CheckReport, CommitSha, Completeness, Unavailable},
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
        }
    }

    /// Hears what an event says of a check; answers whether anything changed.
    ///
    /// What a complete snapshot that began later did not contain is gone and stays gone, however
    /// often an old delivery is replayed.
    pub fn hear(&mut self, report: CheckReport) -> bool {
        let complete = self.completeness.last_complete();
        let gone = complete.is_some_and(|date| report.said_at() < date);
        if gone && !self.checks.contains_key(&report.key) {
            return false;
        }
        self.join(Check::from_event(report))
    }

    /// Takes a snapshot over; answers whether anything changed. One that is older than the last
    /// changes nothing.
    pub fn absorb(&mut self, snapshot: EvidenceSnapshot, date: Timestamp) -> bool {
        if self.completeness.date().is_some_and(|last| date < last) {
            return false;
        }
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
            changed |= self.forget_missing(&snapshot.checks, date);
        }
        for report in snapshot.checks {
            changed |= self.join(Check::from_snapshot(report, date));
        }
        let joined = self.completeness.clone().join(completeness);
        changed |= joined != self.completeness;
        self.completeness = joined;
        changed
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

    fn forget_missing(&mut self, shown: &[CheckReport], date: Timestamp) -> bool {
        let shown: BTreeSet<&CheckKey> = shown.iter().map(|report| &report.key).collect();
        let before = self.checks.len();
        self.checks
            .retain(|key, check| shown.contains(key) || check.said_at >= date);
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
