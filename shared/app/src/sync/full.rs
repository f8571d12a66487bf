//! The first sync and the full reconcile: everything is read again.

use std::collections::BTreeSet;

use ampel_domain::{
    ids::PullRequestNumber, pulls::PullRequestSnapshot, repositories::RepositoryStatus,
};
use ampel_providers::ProviderError;
use ampel_wire::queue::{SyncJob, SyncMessage};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{Sync, progress::Reconciled, reader::Reader};
use crate::error::AppError;

/// Pull requests of one page that are written side by side. They share the repository item, so
/// more would only lose races.
const SIDE_BY_SIDE: usize = 4;

/// What must be left of the function's time to begin another page.
const TIME_FOR_A_PAGE: SignedDuration = SignedDuration::from_secs(40);

/// How far a full read has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The page to go on with.
    pub(super) cursor: Option<String>,
    /// The provider's time when the first page was asked for.
    pub(super) began_at: Option<Timestamp>,
}

impl Place {
    fn is_beginning(&self) -> bool {
        self.cursor.is_none() && self.began_at.is_none()
    }

    fn is_past_all_pages(&self) -> bool {
        self.cursor.is_none() && self.began_at.is_some()
    }

    fn job(self) -> SyncJob {
        SyncJob::Full {
            cursor: self.cursor,
            began_at: self.began_at,
        }
    }
}

/// Why a full read ended.
enum Ended {
    AllIsRead,
    TimeIsOver,
}

impl Sync {
    /// Reads all open pull requests page by page, then, one by one, those that are no longer
    /// among them: merged, closed or gone, never assumed. Where time is over or the provider does
    /// not answer, another message goes on where this one stopped.
    pub(super) async fn full(
        &self,
        reader: &mut Reader,
        message: &SyncMessage,
        from: Place,
        deadline: Timestamp,
    ) -> Result<(), AppError> {
        if from.is_beginning() && !self.follow_names(reader).await? {
            return Ok(());
        }
        let mut place = from.clone();
        match self.read_on(reader, &mut place, deadline).await {
            Ok(Ended::AllIsRead) => self.all_is_read(reader).await,
            Ok(Ended::TimeIsOver) => {
                self.follow_with(message, place.job(), SignedDuration::ZERO)
                    .await
            }
            Err(AppError::Provider(error)) => {
                let failures = if place == from { message.failures } else { 0 };
                let here = SyncMessage {
                    job: place.job(),
                    failures,
                    ..message.clone()
                };
                self.provider_refused(reader, &here, error).await
            }
            Err(other) => Err(other),
        }
    }

    async fn read_on(
        &self,
        reader: &Reader,
        place: &mut Place,
        deadline: Timestamp,
    ) -> Result<Ended, AppError> {
        let mut shown = BTreeSet::new();
        while !place.is_past_all_pages() {
            let page = reader
                .client
                .open_pull_requests(&reader.repository.facts, place.cursor.as_deref())
                .await?;
            let pulls = &page.of.pull_requests;
            self.apply_page(reader, pulls, page.date).await?;
            self.snapshots.went_on(reader.scope, pulls.len()).await?;
            shown.extend(pulls.iter().map(|shown| shown.report.number));
            if place.is_beginning() {
                self.look_after_webhook(reader).await?;
            }
            place.began_at = place.began_at.or(Some(page.date));
            place.cursor = page.of.next;
            let left = deadline.duration_since(self.snapshots.moments.now());
            if place.cursor.is_some() && left < TIME_FOR_A_PAGE {
                return Ok(Ended::TimeIsOver);
            }
        }
        let began_at = place.began_at.unwrap_or(deadline);
        self.read_those_no_longer_open(reader, &shown, began_at)
            .await?;
        Ok(Ended::AllIsRead)
    }

    /// While a first sync ran, its webhook may have been registered: what happened before that
    /// and after its page was read is found by comparing once.
    async fn all_is_read(&self, reader: &Reader) -> Result<(), AppError> {
        let is_first = self.snapshots.is_first_sync(reader.scope).await?;
        self.snapshots
            .succeeded(reader.scope, Reconciled::Full)
            .await?;
        if is_first && self.webhooks.public_url.is_known() {
            self.send_now(reader, SyncJob::Light).await?;
        }
        Ok(())
    }

    /// Names follow renames and transfers; identity is the provider's id. Answers whether the
    /// provider still has the repository; what is read after this is read under the new name.
    async fn follow_names(&self, reader: &mut Reader) -> Result<bool, AppError> {
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
            reader.repository.facts = shown;
            reader.repository.status = RepositoryStatus::Active;
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
            .try_for_each(|(number, settled)| {
                self.snapshots.ask_again_unless(settled, scope, number)
            })
            .await
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
