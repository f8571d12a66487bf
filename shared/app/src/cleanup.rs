//! Removing what an untracked repository left behind.

use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_domain::ids::{HookId, OrganizationId, RepositoryId};
use ampel_store::{Remaining, Store};
use ampel_wire::queue::{CleanupMessage, encode};
use jiff::Timestamp;

use crate::{error::AppError, moment::Moments};

/// How many messages a clean-up may take. Each removes what fits into the life of one call,
/// thousands of items, so only a mistake gets here.
const MOST_HOPS: u32 = 100;

/// Removes what an untracked repository left behind.
#[derive(Debug, Clone)]
pub struct Cleanup {
    /// The table.
    pub store: Store,
    /// How messages are sent.
    pub queues: Queues,
    /// Where a clean-up goes on that did not come to its end.
    pub queue: StandardQueue,
    /// The clock.
    pub moments: Moments,
}

impl Cleanup {
    /// Removes until nothing is left, or until `deadline`: then another message goes on. May be
    /// repeated and interrupted anywhere.
    ///
    /// # Errors
    /// What the table or the queue says; the message is then to come again.
    pub async fn run(&self, message: CleanupMessage, deadline: Timestamp) -> Result<(), AppError> {
        let CleanupMessage::Repository {
            organization_id,
            repository_id,
            hook_id,
            hops,
        } = message;
        loop {
            let remaining = self.step(organization_id, repository_id, hook_id).await?;
            match remaining {
                Remaining::Nothing => return Ok(()),
                Remaining::Tracked => {
                    tracing::warn!(repository.id = %repository_id, "a tracked repository is kept");
                    return Ok(());
                }
                Remaining::Some if self.moments.now() >= deadline => break,
                Remaining::Some => {}
            }
        }
        if hops >= MOST_HOPS {
            tracing::error!(repository.id = %repository_id, "a clean-up does not come to its end");
            return Ok(());
        }
        let next = CleanupMessage::Repository {
            organization_id,
            repository_id,
            hook_id,
            hops: hops + 1,
        };
        self.queues.send(&self.queue, encode(&next)?).await?;
        Ok(())
    }

    async fn step(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        hook: HookId,
    ) -> Result<Remaining, AppError> {
        let step = self
            .store
            .remove_repository_step(organization, repository, hook);
        Ok(step.await?)
    }
}
