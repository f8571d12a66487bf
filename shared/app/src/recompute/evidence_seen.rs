//! A check or status of a commit was shown or hinted at.

use ampel_domain::facts::{CheckReport, CommitSha};
use ampel_store::Cause;
use jiff::Timestamp;

use super::Recompute;
use crate::{error::AppError, working::Scope};

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
        let heard = evidence.now.hear(check.clone());
        let now = self.moments.now();
        let mut pulls = Vec::new();
        for mut working in scope.claimants(&self.store, &evidence).await? {
            // Nothing new, and yet a light that does not follow from it: another write brought the
            // evidence and did not come to this pull request.
            if !heard && !working.is_changed(&evidence.now) {
                continue;
            }
            working.pull.outdate_fingerprint();
            self.refreshes
                .queue_if_wanted(scope, &mut working, &evidence.now, now)
                .await?;
            pulls.push(working.into_write(&evidence.now));
        }
        if !heard && pulls.is_empty() {
            return Ok(());
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
        for mut working in scope.claimants(&self.store, &evidence).await? {
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
}
