//! Which actions go into which transaction.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CheckKey, CommitSha},
    repositories::OpenCounts,
};

use super::{
    Commit, EvidenceWrite, PullRequestWrite,
    actions::{Actions, changed_checks, delta, halfway},
};
use crate::{
    Store, StoreError,
    transaction::{Action, MOST_ACTIONS},
};

/// One action of every transaction is the repository's.
const ROOM: usize = MOST_ACTIONS - 1;

/// The transactions of a commit, in order.
pub(super) fn plan(store: &Store, commit: &Commit) -> Result<Vec<Vec<Action>>, StoreError> {
    let mut planner = Planner {
        make: Actions { store, commit },
        done: Vec::new(),
        open: Vec::new(),
        delta: OpenCounts::default(),
        placed: BTreeMap::new(),
        in_open: BTreeSet::new(),
    };
    for write in &commit.pulls {
        let head = write.after.head_sha();
        let evidence = commit.evidence.iter().find(|e| e.after.sha == *head);
        planner.pull(write, evidence)?;
    }
    for write in &commit.evidence {
        planner.lone_evidence(write)?;
    }
    planner.flush()?;
    Ok(planner.done)
}

/// How far the item of a commit is after the transactions planned so far.
#[derive(Debug, Clone, Copy)]
enum Placed {
    /// It has this version and says that it is not complete.
    Halfway(Option<u64>),
    /// It has this version and is as it shall be.
    Final(Option<u64>),
}

struct Planner<'a> {
    make: Actions<'a>,
    done: Vec<Vec<Action>>,
    open: Vec<Action>,
    delta: OpenCounts,
    placed: BTreeMap<CommitSha, Placed>,
    /// The commits that the open transaction writes or checks: it can not name them twice.
    in_open: BTreeSet<CommitSha>,
}

impl Planner<'_> {
    /// A pull request with the evidence on its head, in one transaction.
    fn pull(
        &mut self,
        write: &PullRequestWrite,
        evidence: Option<&EvidenceWrite>,
    ) -> Result<(), StoreError> {
        let reviews = self.make.reviews(write)?;
        let checks = evidence.map_or_else(Vec::new, |evidence| self.pending_checks(evidence));
        // The pull request's own item and the commit's.
        let needed = reviews.len() + checks.len() + 2;
        if needed > ROOM {
            self.flush()?;
            self.reviews_ahead(write, reviews)?;
            if let Some(evidence) = evidence {
                self.checks_ahead(evidence, &checks)?;
            }
            self.open.push(self.make.pull(write)?);
            self.delta += delta(write);
            return evidence.map_or(Ok(()), |evidence| self.head(evidence, &[]));
        }
        self.make_room(needed)?;
        self.open.push(self.make.pull(write)?);
        self.delta += delta(write);
        self.open.extend(reviews);
        evidence.map_or(Ok(()), |evidence| self.head(evidence, &checks))
    }

    /// Evidence that no pull request of this commit has as its head.
    fn lone_evidence(&mut self, write: &EvidenceWrite) -> Result<(), StoreError> {
        if self.placed.contains_key(&write.after.sha) {
            return Ok(());
        }
        let checks = self.pending_checks(write);
        if checks.len() + 1 > ROOM {
            self.flush()?;
            self.checks_ahead(write, &checks)?;
            return self.head(write, &[]);
        }
        self.make_room(checks.len() + 1)?;
        self.head(write, &checks)
    }

    /// The checks that are still to be written.
    fn pending_checks(&self, write: &EvidenceWrite) -> Vec<CheckKey> {
        if self.placed.contains_key(&write.after.sha) {
            Vec::new()
        } else {
            changed_checks(write)
        }
    }

    /// The commit's own item, with the checks that fit beside it.
    fn head(&mut self, write: &EvidenceWrite, checks: &[CheckKey]) -> Result<(), StoreError> {
        let sha = &write.after.sha;
        if !self.in_open.insert(sha.clone()) {
            return Ok(());
        }
        let (seen, to_write) = match self.placed.get(sha) {
            None => (write.before.version, write.before.evidence != write.after),
            Some(Placed::Halfway(version)) => (*version, true),
            Some(Placed::Final(version)) => (*version, false),
        };
        let version = if to_write {
            self.open.push(self.make.sha(&write.after, seen)?);
            for key in checks {
                self.open.push(self.make.check(&write.after, key)?);
            }
            Some(next(seen))
        } else {
            self.open.push(self.make.sha_unchanged(&write.after, seen)?);
            seen
        };
        self.placed.insert(sha.clone(), Placed::Final(version));
        Ok(())
    }

    /// Reviews that do not fit beside their pull request: they hold only over the version that was
    /// read, and until it is written it does not match them.
    fn reviews_ahead(
        &mut self,
        write: &PullRequestWrite,
        reviews: Vec<Action>,
    ) -> Result<(), StoreError> {
        for action in reviews {
            if self.open.len() >= ROOM {
                self.flush()?;
            }
            if self.open.is_empty() {
                self.open.push(self.make.pull_unchanged(write)?);
            }
            self.open.push(action);
        }
        self.flush()
    }

    /// Checks that do not fit beside their commit: it says that it is not complete meanwhile.
    fn checks_ahead(
        &mut self,
        write: &EvidenceWrite,
        checks: &[CheckKey],
    ) -> Result<(), StoreError> {
        let mut written = BTreeSet::new();
        let mut version = write.before.version;
        for chunk in checks.chunks(ROOM - 1) {
            written.extend(chunk);
            let halfway = halfway(write, &written);
            self.open.push(self.make.sha(&halfway, version)?);
            for key in chunk {
                self.open.push(self.make.check(&write.after, key)?);
            }
            version = Some(next(version));
            self.flush()?;
        }
        if !checks.is_empty() {
            self.placed
                .insert(write.after.sha.clone(), Placed::Halfway(version));
        }
        Ok(())
    }

    fn make_room(&mut self, needed: usize) -> Result<(), StoreError> {
        if self.open.len() + needed > ROOM {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Ends the open transaction with the repository's action.
    fn flush(&mut self) -> Result<(), StoreError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let delta = std::mem::take(&mut self.delta);
        self.open.push(self.make.repository(delta)?);
        self.done.push(std::mem::take(&mut self.open));
        self.in_open.clear();
        Ok(())
    }
}

fn next(version: Option<u64>) -> u64 {
    version.unwrap_or(0) + 1
}
