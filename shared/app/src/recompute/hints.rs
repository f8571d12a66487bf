//! Deliveries that tell that something changed, and not all of it.

use ampel_domain::{
    facts::CommitSha, ids::PullRequestNumber, pulls::PullRequest, pulls::PullRequestReport,
};
use ampel_store::Cause;
use ampel_wire::queue::SyncJob;
use jiff::Timestamp;

use super::Recompute;
use crate::{
    error::AppError,
    refreshes::DEBOUNCE,
    working::{Scope, Working, WorkingEvidence},
};

impl Recompute {
    /// The reviews changed, and the pull request is shown as it is: they are not known until they
    /// were read.
    pub(super) async fn reviews_hinted(
        &self,
        scope: Scope,
        cause: Cause,
        report: &PullRequestReport,
    ) -> Result<(), AppError> {
        let id = scope.repository.pull_request(report.number);
        let mut working = match scope.read(&self.store, id).await? {
            Some(mut working) => {
                working.pull.hear(report.clone());
                working
            }
            None => Working::new(PullRequest::from_event(id, report.clone())),
        };
        working.pull.doubt_reviews(report.updated_at);
        let mut evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        evidence
            .now
            .set_claim(working.pull.number(), working.pull.is_open());
        self.write_if_changed(scope, cause, working, evidence).await
    }

    /// Something about a pull request changed that may hold it back or let it go: it is read
    /// again, unless it was since. What is known stays known until then.
    pub(super) async fn pull_request_hinted(
        &self,
        scope: Scope,
        cause: Cause,
        number: PullRequestNumber,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let Some((mut working, evidence)) = self.known(scope, number).await? else {
            return self.refreshes.queue(scope, number, DEBOUNCE).await;
        };
        let seen_since = working.pull.snapshot_at.is_some_and(|read| read > at);
        let now = self.moments.now();
        if seen_since || !working.pull.is_open() || !working.queue_hinted_refresh(now) {
            return Ok(());
        }
        self.refreshes.queue(scope, number, DEBOUNCE).await?;
        self.write_if_changed(scope, cause, working, evidence).await
    }

    /// The comments of a pull request were counted.
    pub(super) async fn comments_seen(
        &self,
        scope: Scope,
        cause: Cause,
        number: PullRequestNumber,
        comments: u32,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let Some((mut working, evidence)) = self.known(scope, number).await? else {
            return Ok(());
        };
        working.pull.hear_comments(at, comments);
        self.write_if_changed(scope, cause, working, evidence).await
    }

    /// A check ran for a pull request on a commit. Where that is not its head, as with a trial
    /// merge, nobody but the provider can tell what it means for the head.
    pub(super) async fn checked_elsewhere(
        &self,
        scope: Scope,
        cause: Cause,
        number: PullRequestNumber,
        sha: &CommitSha,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let Some((mut working, evidence)) = self.known(scope, number).await? else {
            return Ok(());
        };
        let is_former = working.pull.former_heads.contains(sha);
        if working.pull.head_sha() == sha || is_former || !working.pull.is_open() {
            return Ok(());
        }
        working.pull.doubt_checks(at, &evidence.now);
        self.write_if_changed(scope, cause, working, evidence).await
    }

    /// The repository is asked for by its id, and with it all it has: after a transfer everything
    /// may be different.
    pub(super) async fn repository_changed(&self, scope: Scope) -> Result<(), AppError> {
        self.refreshes
            .send(scope, SyncJob::EVERYTHING, DEBOUNCE)
            .await
    }

    async fn known(
        &self,
        scope: Scope,
        number: PullRequestNumber,
    ) -> Result<Option<(Working, WorkingEvidence)>, AppError> {
        let id = scope.repository.pull_request(number);
        let Some(working) = scope.read(&self.store, id).await? else {
            return Ok(None);
        };
        let head = working.pull.head_sha();
        let evidence = scope.read_evidence(&self.store, head).await?;
        Ok(Some((working, evidence)))
    }

    async fn write_if_changed(
        &self,
        scope: Scope,
        cause: Cause,
        mut working: Working,
        evidence: WorkingEvidence,
    ) -> Result<(), AppError> {
        if !working.is_changed(&evidence.now) && !evidence.is_changed() {
            return Ok(());
        }
        let now = self.moments.now();
        self.refreshes
            .queue_if_wanted(scope, &mut working, &evidence.now, now)
            .await?;
        let pulls = vec![working.into_write(&evidence.now)];
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }
}
