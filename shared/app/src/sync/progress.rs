//! What is told of a repository's syncs: how far, when, and what went wrong.

use ampel_store::{FirstSync, StoreError, SyncState};
use jiff::Timestamp;

use super::Snapshots;
use crate::{error::AppError, working::Scope};

/// Which reconcile succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reconciled {
    Full,
    Light,
}

impl Snapshots {
    /// A reconcile has read and written everything it had to.
    pub(super) async fn succeeded(&self, scope: Scope, what: Reconciled) -> Result<(), AppError> {
        let now = self.moments.now();
        self.note(scope, |state| {
            state.last_error = None;
            state.last_error_at = None;
            match what {
                Reconciled::Light => state.last_light_at = Some(now),
                Reconciled::Full => {
                    state.last_full_at = Some(now);
                    if !matches!(state.first_sync, FirstSync::Done { .. }) {
                        state.first_sync = FirstSync::Done { at: now };
                    }
                }
            }
        })
        .await?;
        unless_closed(
            self.store
                .polled(scope.organization, scope.repository, now)
                .await,
        )
    }

    /// Whether the first sync is still to come or on its way.
    pub(super) async fn is_first_sync(&self, scope: Scope) -> Result<bool, AppError> {
        let state = self.store.sync_state(scope.repository).await?;
        Ok(match state.first_sync {
            FirstSync::Waiting | FirstSync::Running { .. } => true,
            FirstSync::Done { .. } => false,
        })
    }

    /// The checks of all heads were asked for at `now`.
    pub(super) async fn read_all_heads(
        &self,
        scope: Scope,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.note(scope, |state| state.last_evidence_at = Some(now))
            .await
    }

    /// The provider did not answer as needed; `why` is for people.
    pub(super) async fn failed(
        &self,
        scope: Scope,
        now: Timestamp,
        why: String,
    ) -> Result<(), AppError> {
        self.note(scope, |state| {
            state.last_error = Some(why);
            state.last_error_at = Some(now);
        })
        .await
    }

    /// The first sync has stored `more` further pull requests.
    pub(super) async fn went_on(&self, scope: Scope, more: usize) -> Result<(), AppError> {
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        self.note(scope, |state| match &mut state.first_sync {
            FirstSync::Waiting => {
                state.first_sync = FirstSync::Running {
                    pull_requests: more,
                }
            }
            FirstSync::Running { pull_requests } => {
                *pull_requests = pull_requests.saturating_add(more);
            }
            FirstSync::Done { .. } => {}
        })
        .await
    }

    /// Progress is told, not relied upon: of two writers the last one wins.
    async fn note(
        &self,
        scope: Scope,
        change: impl FnOnce(&mut SyncState),
    ) -> Result<(), AppError> {
        let before = self.store.sync_state(scope.repository).await?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let (organization, repository) = (scope.organization, scope.repository);
        unless_closed(
            self.store
                .put_sync_state(organization, repository, &after)
                .await,
        )
    }
}

/// A repository that is not tracked any more has no progress to tell.
fn unless_closed(result: Result<(), StoreError>) -> Result<(), AppError> {
    match result {
        Ok(()) | Err(StoreError::RepositoryClosed) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
