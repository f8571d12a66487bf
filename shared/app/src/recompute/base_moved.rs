//! A branch moved: whatever is to be merged into it may conflict now.

use ampel_domain::ids::PullRequestNumber;
use ampel_store::{Cause, OpenPullRequest};
use ampel_wire::queue::SyncJob;
use jiff::{SignedDuration, Timestamp};

use super::Recompute;
use crate::{error::AppError, race::until_won, working::Scope};

/// Providers work mergeability out when asked, and take a few seconds to.
const RECHECK_AFTER: SignedDuration = SignedDuration::from_secs(3);

/// How far the provider's clock may be ahead of ours. Less than [`RECHECK_AFTER`], so that a recheck
/// is later than a move that was dated so late.
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_secs(2);

/// When a branch moved. Where the provider does not say, it was by the time we heard of it, which
/// marks too much rather than too little: whatever is marked is read again. A time that has not
/// come yet would mark it for as long as that takes.
pub(super) fn moved_at(said: Option<Timestamp>, heard_at: Timestamp) -> Timestamp {
    let latest = heard_at.checked_add(CLOCKS_DIFFER_BY).unwrap_or(heard_at);
    said.map_or(latest, |said| said.min(latest))
}

/// Marks that are committed this long after the recheck was queued may come too late to be found by
/// it, given that the index lags.
const MARKS_MAY_TAKE: SignedDuration = SignedDuration::from_secs(1);

/// Up to this many pull requests are read one by one; of more, one light reconcile finds those
/// that are marked.
const ONE_BY_ONE: usize = 5;

impl Recompute {
    /// Marks mergeability of every pull request into the branch as computing, keeping the old
    /// value for display, and queues rechecks: one by one for a few, one light reconcile for many,
    /// which finds them by their outdated fingerprints. A recheck is queued before its mark is
    /// committed, so a crash in between loses none; where one is on its way already, none is.
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
        if recheck.may_be_too_early(self.moments.now()) {
            self.refreshes
                .send(scope, SyncJob::Light, RECHECK_AFTER)
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
        let now = self.moments.now();
        if !working.awaits_refresh(now) {
            if let Some(job) = recheck.job_for(open.number, now) {
                self.refreshes.send(scope, job, RECHECK_AFTER).await?;
            }
            working.refresh_queued(now + RECHECK_AFTER);
        }
        let evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        working.pull.outdate_fingerprint();
        let pulls = vec![working.into_write(&evidence.now)];
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }
}

/// How pull requests whose base moved are read again.
enum Recheck {
    OneByOne,
    AllAtOnce { queued_at: Option<Timestamp> },
}

impl Recheck {
    fn of(pull_requests: usize) -> Self {
        if pull_requests > ONE_BY_ONE {
            Self::AllAtOnce { queued_at: None }
        } else {
            Self::OneByOne
        }
    }

    /// What to queue for this pull request; nothing where a queued reconcile finds it.
    fn job_for(&mut self, number: PullRequestNumber, now: Timestamp) -> Option<SyncJob> {
        match self {
            Self::OneByOne => Some(SyncJob::pull_request(number)),
            Self::AllAtOnce { queued_at: Some(_) } => None,
            Self::AllAtOnce { queued_at } => {
                *queued_at = Some(now);
                Some(SyncJob::Light)
            }
        }
    }

    /// Whether the queued reconcile may begin before all marks can be seen.
    fn may_be_too_early(&self, now: Timestamp) -> bool {
        match self {
            Self::AllAtOnce {
                queued_at: Some(queued_at),
            } => now.duration_since(*queued_at) > MARKS_MAY_TAKE,
            Self::OneByOne | Self::AllAtOnce { queued_at: None } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_moved_no_later_than_we_heard_of_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let late = at(100) + CLOCKS_DIFFER_BY;
        assert_eq!(moved_at(None, at(100)), late);
        assert_eq!(moved_at(Some(at(40)), at(100)), at(40));
        assert_eq!(moved_at(Some(at(4_000_000)), at(100)), late);
        assert_eq!(moved_at(None, Timestamp::MAX), Timestamp::MAX);
        assert!(CLOCKS_DIFFER_BY < RECHECK_AFTER);
    }
}
