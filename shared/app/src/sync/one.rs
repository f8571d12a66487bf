//! One pull request.

use ampel_domain::ids::PullRequestNumber;
use ampel_wire::queue::{SyncJob, SyncMessage};
use jiff::{SignedDuration, Timestamp};

use super::{Snapshots, Sync, apply::Settled, reader::Reader};
use crate::{error::AppError, working::Scope};

/// When to ask again while the provider is still computing: GitHub works mergeability out in the
/// background, once somebody asks.
const ASK_AGAIN_AFTER: [SignedDuration; 3] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(10),
    SignedDuration::from_secs(15),
];

impl Sync {
    /// Reads one pull request, and asks again a few times while the provider is computing. What a
    /// reconcile asks for is left alone where it was read since.
    pub(super) async fn one(
        &self,
        reader: &Reader,
        message: &SyncMessage,
        number: PullRequestNumber,
        attempt: u32,
        unread_since: Option<Timestamp>,
    ) -> Result<(), AppError> {
        let snapshots = &self.snapshots;
        if let Some(since) = unread_since
            && snapshots.is_read_since(reader.scope, number, since).await?
        {
            return Ok(());
        }
        let (settled, read_at) = snapshots.read_one(reader, number).await?;
        match settled {
            Settled::Yes => return Ok(()),
            Settled::NotYet => {}
        }
        let again = usize::try_from(attempt)
            .ok()
            .and_then(|n| ASK_AGAIN_AFTER.get(n));
        let Some(delay) = again else { return Ok(()) };
        let job = SyncJob::PullRequest {
            number,
            attempt: attempt + 1,
            unread_since: unread_since.map(|_asked| read_at),
        };
        self.follow_with(message, job, *delay).await
    }
}

impl Snapshots {
    async fn is_read_since(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        since: Timestamp,
    ) -> Result<bool, AppError> {
        let id = scope.repository.pull_request(number);
        let stored = scope.read(&self.store, id).await?;
        let read_at = stored.and_then(|working| working.pull.snapshot_at);
        Ok(read_at.is_some_and(|read_at| read_at > since))
    }

    /// Reads one pull request from its provider and stores what it shows; answers the provider's
    /// time, too.
    pub(super) async fn read_one(
        &self,
        reader: &Reader,
        number: PullRequestNumber,
    ) -> Result<(Settled, Timestamp), AppError> {
        let snapshot = reader
            .client
            .pull_request(&reader.repository.facts, number)
            .await?;
        let settled = match snapshot.of {
            Some(shown) => self.apply(reader.scope, &shown, snapshot.date).await?,
            None => {
                self.apply_vanished(reader.scope, number, snapshot.date)
                    .await?;
                Settled::Yes
            }
        };
        Ok((settled, snapshot.date))
    }
}
