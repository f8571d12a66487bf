//! The single actions of a commit.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CheckKey, Review, ReviewId},
    light::{Judgement, Light},
    pulls::HeadEvidence,
    repositories::{OpenCounts, RepositoryStatus},
};

use super::{Commit, EvidenceWrite, PullRequestWrite};
use crate::{
    Store, StoreError,
    evidence::{CheckItem, Expiry, ShaItem},
    expression::{Changes, Condition, number, text},
    item::encode,
    keys,
    pulls::{PullRequestItem, ReviewItem},
    repositories::status_word,
    transaction::{Action, Meaning},
};

/// Makes the actions of one commit.
pub(super) struct Actions<'a> {
    pub(super) store: &'a Store,
    pub(super) commit: &'a Commit,
}

impl Actions<'_> {
    /// The pull request's own item.
    pub(super) fn pull(&self, write: &PullRequestWrite) -> Result<Action, StoreError> {
        let cause = self.commit.cause.clone();
        let item = PullRequestItem::after(self.commit.organization, write, cause)?;
        let item = encode(&keys::pull_request(write.after.id), &item)?;
        Action::put(self.store, item, Some(read_pull(write)), Meaning::LostRace)
    }

    /// Holds as long as the pull request is as it was read.
    pub(super) fn pull_unchanged(&self, write: &PullRequestWrite) -> Result<Action, StoreError> {
        let key = keys::pull_request(write.after.id);
        Action::check(self.store, &key, read_pull(write), Meaning::LostRace)
    }

    /// The items of all reviews that changed.
    pub(super) fn reviews(&self, write: &PullRequestWrite) -> Result<Vec<Action>, StoreError> {
        let none = BTreeMap::new();
        let before: &BTreeMap<ReviewId, Review> = write
            .before
            .as_ref()
            .map_or(&none, |stored| &stored.pull_request.reviews.by_id);
        let after = &write.after.reviews.by_id;
        let mut actions = Vec::new();
        for (id, review) in after {
            if before.get(id) != Some(review) {
                let review = review.clone();
                let item = encode(&keys::review(write.after.id, id), &ReviewItem { review })?;
                actions.push(Action::put(self.store, item, None, Meaning::LostRace)?);
            }
        }
        for id in before.keys().filter(|id| !after.contains_key(id)) {
            let key = keys::review(write.after.id, id);
            actions.push(Action::delete(self.store, &key, None, Meaning::LostRace)?);
        }
        Ok(actions)
    }

    /// The commit's own item, over the version `seen`.
    pub(super) fn sha(
        &self,
        evidence: &HeadEvidence,
        seen: Option<u64>,
    ) -> Result<Action, StoreError> {
        let expiry = Expiry::of(evidence, self.commit.now);
        let item = ShaItem::of(evidence, seen.unwrap_or(0) + 1, expiry)?;
        let key = keys::evidence(self.commit.repository, &evidence.sha);
        let condition = Condition::version(seen);
        Action::put(
            self.store,
            encode(&key, &item)?,
            Some(condition),
            Meaning::LostRace,
        )
    }

    /// Holds as long as the commit has the version `seen`.
    pub(super) fn sha_unchanged(
        &self,
        evidence: &HeadEvidence,
        seen: Option<u64>,
    ) -> Result<Action, StoreError> {
        let key = keys::evidence(self.commit.repository, &evidence.sha);
        Action::check(
            self.store,
            &key,
            Condition::version(seen),
            Meaning::LostRace,
        )
    }

    /// One check, as `after` has it or does not.
    pub(super) fn check(&self, after: &HeadEvidence, key: &CheckKey) -> Result<Action, StoreError> {
        let item_key = keys::check(self.commit.repository, &after.sha, key);
        let Some(check) = after.checks.get(key) else {
            return Action::delete(self.store, &item_key, None, Meaning::LostRace);
        };
        let item = CheckItem {
            check: check.clone(),
            ttl: Expiry::of(after, self.commit.now).of_checks(),
        };
        let item = encode(&item_key, &item)?;
        Action::put(self.store, item, None, Meaning::LostRace)
    }

    /// Adds to the repository's counters, or only requires it to be tracked.
    pub(super) fn repository(&self, delta: OpenCounts) -> Result<Action, StoreError> {
        let key = keys::repository(self.commit.organization, self.commit.repository);
        let active = Condition::Equals("status", text(status_word(RepositoryStatus::Active)));
        let counters = [
            ("openGreen", delta.green),
            ("openYellow", delta.yellow),
            ("openRed", delta.red),
        ];
        let changed = counters.into_iter().filter(|(_, by)| *by != 0);
        let changes: Vec<_> = changed.collect();
        if changes.is_empty() {
            return Action::check(self.store, &key, active, Meaning::RepositoryClosed);
        }
        let changes = changes
            .into_iter()
            .fold(Changes::default(), |all, (name, by)| {
                all.add(name, number(by))
            });
        Action::update(self.store, &key, changes, active, Meaning::RepositoryClosed)
    }
}

fn read_pull(write: &PullRequestWrite) -> Condition {
    Condition::version(write.before.as_ref().map(|before| before.version))
}

/// The checks to be written. Where the commit is claimed for the first time or given up, all of
/// them: they expire with it.
pub(super) fn changed_checks(write: &EvidenceWrite) -> Vec<CheckKey> {
    let (before, after) = (&write.before.evidence, &write.after);
    let expiry_changes = before.claims.is_empty() != after.claims.is_empty();
    let written = after
        .checks
        .iter()
        .filter(|(key, check)| expiry_changes || before.checks.get(key) != Some(check));
    let removed = before
        .checks
        .keys()
        .filter(|key| !after.checks.contains_key(key));
    written
        .map(|(key, _)| key)
        .chain(removed)
        .cloned()
        .collect()
}

/// What the commit's own item says while only `written` of its checks are where `after` has them.
pub(super) fn halfway(write: &EvidenceWrite, written: &BTreeSet<&CheckKey>) -> HeadEvidence {
    let (before, after) = (&write.before.evidence, &write.after);
    let mut halfway = before.clone();
    halfway.doubt();
    halfway.claims.extend(after.claims.iter().copied());
    for key in written {
        match after.checks.get(*key) {
            Some(check) => halfway.checks.insert((*key).clone(), check.clone()),
            None => halfway.checks.remove(*key),
        };
    }
    halfway
}

/// How a write moves the counters.
pub(super) fn delta(write: &PullRequestWrite) -> OpenCounts {
    let before = write
        .before
        .as_ref()
        .and_then(|stored| stored.judgement.as_ref());
    counted(write.judgement.as_ref()) - counted(before)
}

fn counted(judgement: Option<&Judgement>) -> OpenCounts {
    let mut counts = OpenCounts::default();
    match judgement.map(|judgement| judgement.light) {
        Some(Light::Green) => counts.green = 1,
        Some(Light::Yellow) => counts.yellow = 1,
        Some(Light::Red) => counts.red = 1,
        None => {}
    }
    counts
}
