//! One snapshot of a pull request into the table.

use ampel_domain::{
    facts::CommitSha,
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
    /// The provider is still computing something, or events and snapshot contradict each other.
    NotYet,
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
            Some(mut working) => {
                working.pull.absorb(snapshot.clone(), date);
                working
            }
            None => Working::new(PullRequest::from_snapshot(id, snapshot.clone(), date)),
        };
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
        let settled = if working.pull.needs_refresh(&evidence.now) {
            Settled::NotYet
        } else {
            Settled::Yes
        };
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
}
