//! One pull request.

use ampel_domain::ids::PullRequestNumber;
use ampel_providers::ProviderError;
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
/// The attempt after which nothing is asked again.
const LAST: u32 = 3;

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
        match (settled, attempt) {
            (Settled::Yes, _) | (Settled::Held { .. }, 0) => return Ok(()),
            (Settled::NotYet | Settled::Held { .. }, _) => {}
        }
        let again = usize::try_from(attempt)
            .ok()
            .and_then(|n| ASK_AGAIN_AFTER.get(n));
        let Some(delay) = again else { return Ok(()) };
        let job = SyncJob::PullRequest {
            number,
            attempt: attempt + 1,
            unread_since: unread_since.map(|asked| read_at.unwrap_or(asked)),
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
    /// time, too, unless it can not be read.
    pub(super) async fn read_one(
        &self,
        reader: &Reader,
        number: PullRequestNumber,
    ) -> Result<(Settled, Option<Timestamp>), AppError> {
        let snapshot = match reader
            .client
            .pull_request(&reader.repository.facts, number)
            .await
        {
            Ok(snapshot) => snapshot,
            // One odd pull request takes nothing away from the others.
            Err(ProviderError::InvalidAnswer { why }) => {
                tracing::warn!(pull.number = %number, %why, "a pull request can not be read");
                let settled = self.apply_unreadable(reader.scope, number, &why).await?;
                return Ok((settled, None));
            }
            Err(other) => return Err(other.into()),
        };
        let settled = match snapshot.of {
            Some(shown) => self.apply(reader.scope, &shown, snapshot.date).await?,
            None => {
                self.apply_vanished(reader.scope, number, snapshot.date)
                    .await?;
                Settled::Yes
            }
        };
        Ok((settled, Some(snapshot.date)))
    }

    /// Has a pull request that was just read asked for again, where that may tell more.
    pub(super) async fn ask_again_unless(
        &self,
        settled: Settled,
        scope: Scope,
        number: PullRequestNumber,
    ) -> Result<(), AppError> {
        let attempt = match settled {
            Settled::Yes
            | Settled::Held {
                is_shown_anew: false,
            } => return Ok(()),
            // Reading it by its number may have it tried again, which a list does not.
            Settled::Held {
                is_shown_anew: true,
            } => LAST,
            Settled::NotYet => 1,
        };
        let [delay, ..] = ASK_AGAIN_AFTER;
        let job = SyncJob::PullRequest {
            number,
            attempt,
            unread_since: None,
        };
        self.refreshes.send(scope, job, delay).await
    }
}
