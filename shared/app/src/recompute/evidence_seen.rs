//! A check or status of a commit was shown or hinted at.

use ampel_domain::facts::{CheckReport, CommitSha};
use ampel_store::Cause;
use jiff::Timestamp;

use super::Recompute;
use crate::{
    error::AppError,
    working::{Scope, Working, WorkingEvidence},
};

impl Recompute {
    /// Reads the evidence, then the pull requests that claim it; writes them together. Every one
    /// of them is written, also where its light stays: the version condition on it is what makes
    /// a review that comes at the same time judge again.
    pub(super) async fn check_seen(
        &self,
        scope: Scope,
        cause: Cause,
        sha: &CommitSha,
        check: &CheckReport,
    ) -> Result<(), AppError> {
        let mut evidence = scope.read_evidence(&self.store, sha).await?;
        if !evidence.now.hear(check.clone()) {
            return Ok(());
        }
        let now = self.moments.now();
        let mut pulls = Vec::new();
        for mut working in self.claimants(scope, &evidence).await? {
            self.refreshes
                .queue_if_wanted(scope, &mut working, &evidence.now, now)
                .await?;
            pulls.push(working.into_write(&evidence.now));
        }
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }

    /// Something about the checks changed that we were not told. It is read again only where what
    /// we know is older than the hint and may still change.
    pub(super) async fn checks_hinted(
        &self,
        scope: Scope,
        cause: Cause,
        sha: &CommitSha,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let evidence = scope.read_evidence(&self.store, sha).await?;
        let seen_since = evidence
            .now
            .completeness
            .date()
            .is_some_and(|date| date > at);
        if seen_since || !(evidence.now.is_pending() || evidence.now.needs_refresh()) {
            return Ok(());
        }
        let now = self.moments.now();
        let mut pulls = Vec::new();
        for mut working in self.claimants(scope, &evidence).await? {
            if working.queue_hinted_refresh(now) {
                let number = working.pull.number();
                self.refreshes
                    .queue(scope, number, crate::refreshes::DEBOUNCE)
                    .await?;
                pulls.push(working.into_write(&evidence.now));
            }
        }
        if pulls.is_empty() {
            return Ok(());
        }
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }

    /// The open pull requests whose head this commit really is.
    async fn claimants(
        &self,
        scope: Scope,
        evidence: &WorkingEvidence,
    ) -> Result<Vec<Working>, AppError> {
        let mut claimants = Vec::new();
        for number in &evidence.now.claims {
            let id = scope.repository.pull_request(*number);
            if let Some(working) = scope.read(&self.store, id).await?
                && *working.pull.head_sha() == evidence.now.sha
                && working.pull.is_open()
            {
                claimants.push(working);
            }
        }
        Ok(claimants)
    }
}
