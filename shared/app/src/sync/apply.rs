//! One snapshot of a pull request into the table.

use ampel_domain::{
    facts::{CommitSha, Unavailable},
    ids::PullRequestNumber,
    pulls::{PullRequest, PullRequestSnapshot},
};
use ampel_store::{Cause, EvidenceWrite, PullRequestWrite};
use jiff::Timestamp;

use super::Snapshots;
use crate::{
    error::AppError,
    race::until_done,
    working::{Scope, Working, WorkingEvidence},
};

/// What is left to do after a snapshot was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Everything about it is known.
    Yes,
    /// The provider is still computing something, or may be: it has just begun not to let it merge
    /// without a reason. Or events and snapshot contradict each other.
    NotYet,
    /// The provider does not let it merge without a reason, as before. It was asked often enough
    /// when it began to; `is_shown_anew` where something else about it moved since.
    Held { is_shown_anew: bool },
}

/// What was known of a pull request before a snapshot.
struct Before {
    was_held: bool,
    fingerprint: Option<String>,
}

impl Before {
    fn of(working: &Working, snapshot: &PullRequestSnapshot) -> Self {
        let report = &snapshot.report;
        let known = (!working.is_new()).then_some(&working.pull);
        Self {
            was_held: known
                .is_some_and(|pull| pull.was_held_unclearly(&report.head.sha, &report.base)),
            fingerprint: known.and_then(|pull| pull.fingerprint.clone()),
        }
    }

    fn settled(&self, after: &Working, evidence: &WorkingEvidence) -> Settled {
        let pull = &after.pull;
        if pull.needs_refresh(&evidence.now) {
            return Settled::NotYet;
        }
        match (pull.may_still_be_tried(&evidence.now), self.was_held) {
            (false, _) => Settled::Yes,
            (true, false) => Settled::NotYet,
            (true, true) => Settled::Held {
                is_shown_anew: pull.fingerprint != self.fingerprint,
            },
        }
    }
}

impl Snapshots {
    /// Takes a snapshot over: the pull request, its reviews, the evidence on its head; releases
    /// the heads it no longer has.
    pub(super) async fn apply(
        &self,
        scope: Scope,
        snapshot: &PullRequestSnapshot,
        date: Timestamp,
    ) -> Result<Settled, AppError> {
        let apply = || self.apply_once(scope, snapshot, date);
        let settled = until_done(&self.moments, apply).await?;
        Ok(settled.unwrap_or(Settled::Yes))
    }

    async fn apply_once(
        &self,
        scope: Scope,
        snapshot: &PullRequestSnapshot,
        date: Timestamp,
    ) -> Result<Settled, AppError> {
        let id = scope.repository.pull_request(snapshot.report.number);
        let mut working = match scope.read(&self.store, id).await? {
            Some(working) => working,
            None => Working::new(PullRequest::from_snapshot(id, snapshot.clone(), date)),
        };
        let before = Before::of(&working, snapshot);
        if !working.is_new() {
            working.pull.absorb(snapshot.clone(), date);
        }
        let released = self.release_former_heads(scope, &mut working).await?;
        let mut evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        if snapshot.evidence.sha == evidence.now.sha {
            evidence.now.absorb(snapshot.evidence.clone(), date);
        }
        evidence
            .now
            .set_claim(working.pull.number(), working.pull.is_open());
        let settled = before.settled(&working, &evidence);
        if !working.is_changed(&evidence.now) && !evidence.is_changed() {
            return Ok(settled);
        }
        let mut pulls = self.others_on_this_head(scope, &working, &evidence).await?;
        pulls.push(working.into_write(&evidence.now));
        let mut all_evidence = released;
        all_evidence.push(evidence.into_write());
        let commit = scope.commit(self.moments.now(), Cause::Sync, pulls, all_evidence);
        self.store.commit(commit).await?;
        Ok(settled)
    }

    /// Where the snapshot changes evidence that other pull requests stand on, too, they are judged
    /// and written with it.
    async fn others_on_this_head(
        &self,
        scope: Scope,
        working: &Working,
        evidence: &WorkingEvidence,
    ) -> Result<Vec<PullRequestWrite>, AppError> {
        let alone = evidence
            .now
            .claims
            .iter()
            .all(|number| *number == working.pull.number());
        if alone || !evidence.is_changed() {
            return Ok(Vec::new());
        }
        let claimants = scope.claimants(&self.store, evidence).await?;
        Ok(claimants
            .into_iter()
            .filter(|other| other.pull.id != working.pull.id)
            .map(|other| other.into_write(&evidence.now))
            .collect())
    }

    /// The evidence of heads that the pull request no longer has, without its claim.
    async fn release_former_heads(
        &self,
        scope: Scope,
        working: &mut Working,
    ) -> Result<Vec<EvidenceWrite>, AppError> {
        let former: Vec<CommitSha> = working.pull.former_heads.iter().cloned().collect();
        let mut released = Vec::new();
        for sha in &former {
            let mut evidence = scope.read_evidence(&self.store, sha).await?;
            if evidence.now.set_claim(working.pull.number(), false) {
                released.push(evidence.into_write());
            }
        }
        working.pull.release_former_heads();
        Ok(released)
    }

    /// The provider has no pull request of this number, asked at `date`.
    pub(super) async fn apply_vanished(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        date: Timestamp,
    ) -> Result<(), AppError> {
        let apply = || self.apply_vanished_once(scope, number, date);
        until_done(&self.moments, apply).await.map(|_done| ())
    }

    async fn apply_vanished_once(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        date: Timestamp,
    ) -> Result<(), AppError> {
        let id = scope.repository.pull_request(number);
        let Some(mut working) = scope.read(&self.store, id).await? else {
            return Ok(());
        };
        if !working.pull.vanish(date) {
            return Ok(());
        }
        let mut evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        evidence.now.set_claim(number, false);
        let pulls = vec![working.into_write(&evidence.now)];
        let evidence = vec![evidence.into_write()];
        let commit = scope.commit(self.moments.now(), Cause::Sync, pulls, evidence);
        Ok(self.store.commit(commit).await?)
    }

    /// The provider shows a pull request in a way that can not be read. What was known of it stays
    /// for display, its light is not green until it was read, and it is read again at the next
    /// reconcile.
    pub(super) async fn apply_unreadable(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        why: &str,
    ) -> Result<Settled, AppError> {
        let apply = || self.apply_unreadable_once(scope, number, why);
        let settled = until_done(&self.moments, apply).await?;
        Ok(settled.unwrap_or(Settled::Yes))
    }

    async fn apply_unreadable_once(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        why: &str,
    ) -> Result<Settled, AppError> {
        let id = scope.repository.pull_request(number);
        let Some(mut working) = scope.read(&self.store, id).await? else {
            return Ok(Settled::Yes);
        };
        let why = format!("the provider shows it in a way that Ampel can not read: {why}.");
        if !working.pull.lose(Unavailable { why }) {
            return Ok(Settled::Yes);
        }
        working.pull.outdate_fingerprint();
        let evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        let pulls = vec![working.into_write(&evidence.now)];
        let evidence = vec![evidence.into_write()];
        let commit = scope.commit(self.moments.now(), Cause::Sync, pulls, evidence);
        self.store.commit(commit).await?;
        // It may be the answer alone that was odd.
        Ok(Settled::NotYet)
    }
}
