//! A branch moved: whatever is to be merged into it may conflict now.

use ampel_domain::ids::PullRequestNumber;
use ampel_store::{Cause, OpenPullRequest};
use jiff::{SignedDuration, Timestamp};

use ampel_wire::queue::SyncJob;

use super::Recompute;
use crate::{error::AppError, race::until_won, working::Scope};

/// Providers work mergeability out when asked, and take a few seconds to.
const RECHECK_AFTER: SignedDuration = SignedDuration::from_secs(3);

/// From this many pull requests on one page of 50 costs less than asking one by one.
const ONE_BY_ONE: usize = 5;

impl Recompute {
    /// Marks mergeability of every pull request into the branch as computing, keeping the old
    /// value for display, and queues rechecks: one by one for a few, one full read for many. A
    /// recheck is queued before its mark is committed, so a crash in between loses none.
    pub(super) async fn base_moved(
        &self,
        scope: Scope,
        cause: Cause,
        branch: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let into = self
            .store
            .open_pull_requests_into(scope.organization, scope.repository, branch)
            .await?;
        let mut recheck = Recheck::of(into.len());
        for open in &into {
            until_won(&self.moments, async || {
                self.mark_base_moved(scope, cause.clone(), open, at, &mut recheck)
                    .await
            })
            .await?;
        }
        Ok(())
    }

    async fn mark_base_moved(
        &self,
        scope: Scope,
        cause: Cause,
        open: &OpenPullRequest,
        at: Timestamp,
        recheck: &mut Recheck,
    ) -> Result<(), AppError> {
        let Some(mut working) = scope.read(&self.store, open.id).await? else {
            return Ok(());
        };
        if !working.pull.is_open() || !working.pull.base_moved(at) {
            return Ok(());
        }
        if let Some(job) = recheck.job_for(open.number) {
            self.refreshes.send(scope, job, RECHECK_AFTER).await?;
        }
        let evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        let now = self.moments.now();
        working.pull.outdate_fingerprint();
        working.refresh_queued(now + RECHECK_AFTER);
        let pulls = vec![working.into_write(&evidence.now)];
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }
}

/// How pull requests whose base moved are read again.
enum Recheck {
    OneByOne,
    AllAtOnce { queued: bool },
}

impl Recheck {
    fn of(pull_requests: usize) -> Self {
        if pull_requests > ONE_BY_ONE {
            Self::AllAtOnce { queued: false }
        } else {
            Self::OneByOne
        }
    }

    /// What to queue for this pull request; nothing where a queued full read covers it.
    fn job_for(&mut self, number: PullRequestNumber) -> Option<SyncJob> {
        match self {
            Self::OneByOne => Some(SyncJob::PullRequest { number, attempt: 0 }),
            Self::AllAtOnce { queued: true } => None,
            Self::AllAtOnce { queued } => {
                *queued = true;
                Some(SyncJob::EVERYTHING)
            }
        }
    }
}
