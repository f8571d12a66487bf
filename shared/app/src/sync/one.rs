//! One pull request.

use ampel_domain::ids::PullRequestNumber;
use ampel_wire::queue::{SyncJob, SyncMessage};
use jiff::SignedDuration;

use super::{Snapshots, Sync, apply::Settled, reader::Reader};
use crate::error::AppError;

/// When to ask again while the provider is still computing: GitHub works mergeability out in the
/// background, once somebody asks.
const ASK_AGAIN_AFTER: [SignedDuration; 3] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(10),
    SignedDuration::from_secs(15),
];

impl Sync {
    /// Reads one pull request, and asks again a few times while the provider is computing.
    pub(super) async fn one(
        &self,
        reader: &Reader,
        message: &SyncMessage,
        number: PullRequestNumber,
        attempt: u32,
    ) -> Result<(), AppError> {
        if self.snapshots.read_one(reader, number).await? == Settled::Yes {
            return Ok(());
        }
        let again = usize::try_from(attempt)
            .ok()
            .and_then(|n| ASK_AGAIN_AFTER.get(n));
        let Some(delay) = again else { return Ok(()) };
        let job = SyncJob::PullRequest {
            number,
            attempt: attempt + 1,
        };
        self.follow_with(message, job, *delay).await
    }
}

impl Snapshots {
    /// Reads one pull request from its provider and stores what it shows.
    pub(super) async fn read_one(
        &self,
        reader: &Reader,
        number: PullRequestNumber,
    ) -> Result<Settled, AppError> {
        let snapshot = reader
            .client
            .pull_request(&reader.repository.facts, number)
            .await?;
        match snapshot.of {
            Some(shown) => self.apply(reader.scope, &shown, snapshot.date).await,
            None => {
                self.apply_vanished(reader.scope, number, snapshot.date)
                    .await?;
                Ok(Settled::Yes)
            }
        }
    }
}
