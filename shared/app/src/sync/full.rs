//! The first sync and the full reconcile: everything is read again.

use std::collections::BTreeSet;

use ampel_domain::{
    ids::PullRequestNumber, pulls::PullRequestSnapshot, repositories::RepositoryStatus,
};
use ampel_providers::ProviderError;
use ampel_wire::queue::{SyncJob, SyncMessage};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{Sync, apply::Settled, progress::Reconciled, reader::Reader};
use crate::error::AppError;

/// Pull requests of one page that are written side by side. They share the repository item, so
/// more would only lose races.
const SIDE_BY_SIDE: usize = 4;

/// What must be left of the function's time to begin another page.
const TIME_FOR_A_PAGE: SignedDuration = SignedDuration::from_secs(40);

/// When what the provider is still computing is asked for again.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(5);

impl Sync {
    /// Reads all open pull requests page by page, then, one by one, those that are no longer
    /// among them: merged, closed or gone, never assumed.
    pub(super) async fn full(
        &self,
        reader: &Reader,
        message: &SyncMessage,
        cursor: Option<&str>,
        began_at: Option<Timestamp>,
        deadline: Timestamp,
    ) -> Result<(), AppError> {
        if cursor.is_none() && !self.follow_names(reader).await? {
            return Ok(());
        }
        let (mut cursor, mut began_at) = (cursor.map(str::to_owned), began_at);
        let mut shown = BTreeSet::new();
        loop {
            let page = reader
                .client
                .open_pull_requests(&reader.repository.facts, cursor.as_deref())
                .await?;
            began_at = began_at.or(Some(page.date));
            self.apply_page(reader, &page.of.pull_requests, page.date)
                .await?;
            self.snapshots
                .went_on(reader.scope, page.of.pull_requests.len())
                .await?;
            shown.extend(
                page.of
                    .pull_requests
                    .iter()
                    .map(|shown| shown.report.number),
            );
            cursor = page.of.next;
            if cursor.is_none() {
                break;
            }
            if deadline.duration_since(self.snapshots.moments.now()) < TIME_FOR_A_PAGE {
                let job = SyncJob::Full { cursor, began_at };
                return self.follow_with(message, job, SignedDuration::ZERO).await;
            }
        }
        self.read_those_no_longer_open(reader, &shown, began_at.unwrap_or(deadline))
            .await?;
        self.webhooks
            .put_right(&*reader.client, &reader.repository)
            .await?;
        self.snapshots
            .succeeded(reader.scope, Reconciled::Full)
            .await
    }

    /// Names follow renames and transfers; identity is the provider's id. Answers whether the
    /// provider still has the repository.
    async fn follow_names(&self, reader: &Reader) -> Result<bool, AppError> {
        let known = &reader.repository;
        let shown = match reader
            .client
            .repository_by_id(&known.facts.provider_id)
            .await
        {
            Ok(shown) => shown,
            Err(ProviderError::NotFound) => {
                self.snapshots.lose_repository(reader.scope).await?;
                return Ok(false);
            }
            Err(other) => return Err(other.into()),
        };
        if shown != known.facts || known.status == RepositoryStatus::Gone {
            let scope = reader.scope;
            let now = self.snapshots.moments.now();
            self.snapshots
                .store
                .update_repository_facts(scope.organization, scope.repository, &shown, now)
                .await?;
        }
        Ok(true)
    }

    async fn apply_page(
        &self,
        reader: &Reader,
        page: &[PullRequestSnapshot],
        date: Timestamp,
    ) -> Result<(), AppError> {
        let scope = reader.scope;
        stream::iter(page)
            .map(|snapshot| async move {
                let settled = self.snapshots.apply(scope, snapshot, date).await?;
                Ok::<_, AppError>((snapshot.report.number, settled))
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_for_each(|(number, settled)| self.ask_again_unless(settled, reader, number))
            .await
    }

    async fn ask_again_unless(
        &self,
        settled: Settled,
        reader: &Reader,
        number: PullRequestNumber,
    ) -> Result<(), AppError> {
        match settled {
            Settled::Yes => Ok(()),
            Settled::NotYet => {
                self.snapshots
                    .refreshes
                    .queue(reader.scope, number, ASK_AGAIN_AFTER)
                    .await
            }
        }
    }

    /// Those that are stored as open and were not shown. The index lags and an earlier message
    /// may have read some, so the pull request itself says when it was last read.
    async fn read_those_no_longer_open(
        &self,
        reader: &Reader,
        shown: &BTreeSet<PullRequestNumber>,
        began_at: Timestamp,
    ) -> Result<(), AppError> {
        let scope = reader.scope;
        let listed = self
            .snapshots
            .store
            .open_pull_requests(scope.organization, scope.repository)
            .await?;
        for open in listed
            .into_iter()
            .filter(|open| !shown.contains(&open.number))
        {
            let Some(stored) = scope.read(&self.snapshots.store, open.id).await? else {
                continue;
            };
            let unread = stored.pull.snapshot_at.is_none_or(|read| read < began_at);
            if unread && stored.pull.is_open() {
                self.snapshots.read_one(reader, open.number).await?;
            }
        }
        Ok(())
    }
}
