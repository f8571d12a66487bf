//! Letting a repository go.

use std::time::Duration;

use ampel_domain::{hooks::Hook, ids::RepositoryId, repositories::Repository, tenancy::Caller};
use ampel_providers::{GitProvider, ProviderError};
use ampel_store::StoreError;
use ampel_wire::queue::{CleanupMessage, encode};
use jiff::SignedDuration;
use tokio::time::{sleep, timeout};

use super::{NOT_FOUND, Repositories, may_manage};
use crate::refusal::Refusal;

/// Longer than any request lives, so that the mark is there by then or never will be.
const SAFETY_NET_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// How long the provider has to remove the webhook, in all; somebody waits for it.
const REMOVAL_TIME: Duration = Duration::from_secs(10);

/// The pauses before the tries after the first.
const REMOVAL_PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];

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

    /// Removes the webhook at the provider. What stays behind there delivers to a hook that is no
    /// more: a nuisance to the provider alone, so it fails no request.
    async fn remove_at_provider(&self, repository: &Repository, hook: &Hook) {
        let removed = timeout(REMOVAL_TIME, self.try_to_remove(repository, hook)).await;
        let removed = removed.unwrap_or_else(|_| Err("the provider takes too long".to_owned()));
        if let Err(cause) = removed {
            tracing::warn!(hook.id = %hook.id, cause, "a webhook may stay behind at the provider");
        }
    }

    async fn try_to_remove(&self, repository: &Repository, hook: &Hook) -> Result<(), String> {
        if hook.registration.is_none() && !self.webhooks.public_url.is_known() {
            return Ok(());
        }
        let client = self
            .client_of(repository)
            .await
            .map_err(|refusal| {
                refusal
                    .log()
                    .map_or_else(|| refusal.to_string(), str::to_owned)
            })?
            .ok_or("no account is left to remove it with")?;
        let mut pauses = REMOVAL_PAUSES.into_iter();
        loop {
            let removed = self.remove_with(&*client, repository, hook).await;
            match (removed, pauses.next()) {
                (Err(error), Some(pause)) if may_pass(&error) => sleep(pause).await,
                (removed, _) => return removed.map_err(|error| error.to_string()),
            }
        }
    }

    /// Without a registration the webhook is looked for by its URL: the answer to its registration
    /// may have been lost.
    async fn remove_with(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: &Hook,
    ) -> Result<(), ProviderError> {
        let registration = match &hook.registration {
            Some(known) => Some(known.clone()),
            None => {
                let url = self
                    .webhooks
                    .public_url
                    .of_hook(repository.provider, hook.id);
                let found = client.find_webhook(&repository.facts, &url).await?;
                found.map(|webhook| webhook.registration)
            }
        };
        match registration {
            Some(id) => client.delete_webhook(&repository.facts, &id).await,
            None => Ok(()),
        }
    }
}

/// Whether another try in a moment may succeed. A limit says itself when, and that is later.
fn may_pass(error: &ProviderError) -> bool {
    error.is_retryable() && !matches!(error, ProviderError::RateLimited { .. })
}
