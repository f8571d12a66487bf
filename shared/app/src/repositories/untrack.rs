//! Letting a repository go.

use ampel_domain::{hooks::Hook, ids::RepositoryId, repositories::Repository, tenancy::Caller};
use ampel_store::StoreError;
use ampel_wire::queue::{CleanupMessage, encode};
use jiff::SignedDuration;

use super::{NOT_FOUND, Repositories, may_manage};
use crate::refusal::Refusal;

/// Longer than any request lives, so that the mark is there by then or never will be.
const SAFETY_NET_AFTER: SignedDuration = SignedDuration::from_secs(60);

impl Repositories {
    /// Stops tracking a repository; who tracked it may, and admins. From then on nobody sees it
    /// and nothing is written to it; a worker removes what it left behind.
    ///
    /// The worker is asked for twice. The first message waits and goes out before anything is
    /// marked: a crash in between the steps leaves nothing behind for ever, and if the mark never
    /// comes the worker finds the repository tracked and keeps it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::Unavailable`].
    pub async fn untrack(&self, caller: Caller, id: RepositoryId) -> Result<(), Refusal> {
        let found = self.store.repository(caller.organization, id).await?;
        let repository = found.ok_or(NOT_FOUND)?;
        may_manage(caller, &repository)?;
        // Read before the worker removes it: it says what to remove at the provider.
        let hook = self.store.hook(repository.hook).await?;
        self.queue_cleanup(&repository, SAFETY_NET_AFTER).await?;
        match self
            .store
            .untrack(caller.organization, id, self.moments.now())
            .await
        {
            // Being removed already.
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        self.queue_cleanup(&repository, SignedDuration::ZERO)
            .await?;
        if let Some(hook) = hook {
            self.remove_at_provider(&repository, &hook).await;
        }
        Ok(())
    }

    async fn queue_cleanup(
        &self,
        repository: &Repository,
        after: SignedDuration,
    ) -> Result<(), Refusal> {
        let message = CleanupMessage::Repository {
            organization_id: repository.organization,
            repository_id: repository.id,
            hook_id: repository.hook,
            hops: 0,
        };
        let body = encode(&message).map_err(|error| Refusal::internal(error.to_string()))?;
        self.queues
            .send_delayed(&self.cleanup_queue, body, after)
            .await?;
        Ok(())
    }

    /// A webhook that stays behind at the provider does no harm: its deliveries find no hook.
    async fn remove_at_provider(&self, repository: &Repository, hook: &Hook) {
        if let Err(cause) = self.try_to_remove(repository, hook).await {
            tracing::warn!(hook.id = %hook.id, cause, "a webhook stays behind at the provider");
        }
    }

    async fn try_to_remove(&self, repository: &Repository, hook: &Hook) -> Result<(), String> {
        let Some(registration) = &hook.registration else {
            return Ok(());
        };
        let client = self
            .client_of(repository)
            .await
            .map_err(|refusal| {
                refusal
                    .log()
                    .map_or_else(|| refusal.to_string(), str::to_owned)
            })?
            .ok_or("no account is left to remove it with")?;
        client
            .delete_webhook(&repository.facts, registration)
            .await
            .map_err(|error| error.to_string())
    }
}
