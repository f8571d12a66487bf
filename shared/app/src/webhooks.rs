//! Webhooks at the providers: registered, looked after and put right.

use ampel_cloud::vault::Vault;
use ampel_domain::{
    hooks::{Hook, HookStatus, ShownWebhook},
    ids::HookId,
    provider::Provider,
    repositories::Repository,
    secret::{SealPurpose, Secret},
};
use ampel_providers::{GitProvider, ProviderError};
use ampel_store::{Store, StoreError};

use crate::{error::AppError, moment::Moments};

/// Where providers reach this deployment; nothing where they can not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicUrl(Option<String>);

impl PublicUrl {
    /// The base URL as configured; an empty one is none.
    #[must_use]
    pub fn new(configured: Option<String>) -> Self {
        let url = configured.map(|url| url.trim_end_matches('/').to_owned());
        Self(url.filter(|url| !url.is_empty()))
    }

    /// Whether providers can reach this deployment.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// Where deliveries to a hook go; only the path where there is no public address.
    #[must_use]
    pub fn of_hook(&self, provider: Provider, hook: HookId) -> String {
        let base = self.0.as_deref().unwrap_or_default();
        format!("{base}/webhooks/{provider}/{hook}")
    }
}

/// Registers webhooks, and looks after those that are registered.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// Where hooks are.
    pub store: Store,
    /// Opens their secrets.
    pub vault: Vault,
    /// Where providers reach this deployment.
    pub public_url: PublicUrl,
    /// The clock.
    pub moments: Moments,
}

impl Webhooks {
    /// Tells the provider of a hook, notes and answers how the repository learns of changes now.
    /// Whatever the provider answers is no error: the repository is tracked without it.
    ///
    /// # Errors
    /// What the table says.
    pub async fn register(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: &Hook,
        secret: &Secret<String>,
    ) -> Result<HookStatus, AppError> {
        if !self.public_url.is_known() {
            return self.note(repository, HookStatus::Polling).await;
        }
        match self.tell_provider(client, repository, hook, secret).await {
            Ok(registration) => self.adopt(repository, hook, &registration).await,
            Err(error) => {
                tracing::warn!(hook.id = %hook.id, %error, "the provider did not take a webhook");
                self.note(repository, status_after(&error)).await
            }
        }
    }

    /// Looks whether the provider still delivers to a repository's hook, and puts it right where
    /// the token may: one that was switched off or forgotten, lacks an event we use, or signs with
    /// a secret that we do not know. One call where all is well. Answers whether it was not, and is
    /// now: deliveries may have been missed.
    ///
    /// # Errors
    /// What the table or the vault says, and a limit: whoever asked tries again when it is over. A
    /// provider that can not be asked otherwise changes nothing.
    pub async fn put_right(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
    ) -> Result<bool, AppError> {
        if !self.public_url.is_known() {
            self.note(repository, HookStatus::Polling).await?;
            return Ok(false);
        }
        let Some(hook) = self.store.hook(repository.hook).await? else {
            return Ok(false);
        };
        let url = self.public_url.of_hook(repository.provider, hook.id);
        match client.find_webhook(&repository.facts, &url).await {
            Ok(shown) => self.compare(client, repository, hook, shown).await,
            Err(error @ ProviderError::RateLimited { .. }) => Err(error.into()),
            Err(error) if error.is_retryable() => {
                tracing::info!(hook.id = %hook.id, %error, "a webhook could not be looked at");
                Ok(false)
            }
            Err(error) => self.not_put_right(repository, &error).await,
        }
    }

    async fn not_put_right(
        &self,
        repository: &Repository,
        error: &ProviderError,
    ) -> Result<bool, AppError> {
        self.note(repository, status_after(error)).await?;
        Ok(false)
    }

    /// Compares a hook with what its provider shows.
    async fn compare(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: Hook,
        shown: Option<ShownWebhook>,
    ) -> Result<bool, AppError> {
        let is_well = hook.is_trusted() && has_our_secret(repository, &hook);
        if let Some(shown) = &shown
            && (shown.is_active && shown.is_complete && is_well)
        {
            let registration = &shown.registration;
            self.adopt(repository, &hook, registration).await?;
            return Ok(false);
        }
        tracing::info!(
            hook.id = %hook.id, hook.known = shown.is_some(), metric = "webhook_repaired",
            "a webhook does not deliver and is registered again"
        );
        let known = shown.map(|shown| shown.registration);
        let hook = Hook {
            registration: known.or(hook.registration),
            ..hook
        };
        let secret = self.open(&hook).await?;
        match self.tell_provider(client, repository, &hook, &secret).await {
            Ok(registration) => {
                self.adopt(repository, &hook, &registration).await?;
                Ok(true)
            }
            // Its turn has not come: whoever asked tries again then.
            Err(error @ ProviderError::RateLimited { .. }) => Err(error.into()),
            Err(error) => self.not_put_right(repository, &error).await,
        }
    }

    async fn open(&self, hook: &Hook) -> Result<Secret<String>, AppError> {
        let (record, purpose) = (hook.id.to_string(), SealPurpose::HookSecret);
        let sealed = &hook.secrets.current;
        Ok(self
            .vault
            .open(hook.organization, &record, purpose, sealed)
            .await?)
    }

    async fn tell_provider(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: &Hook,
        secret: &Secret<String>,
    ) -> Result<String, ProviderError> {
        let url = self.public_url.of_hook(repository.provider, hook.id);
        if let Some(known) = &hook.registration {
            match client
                .update_webhook(&repository.facts, known, &url, secret)
                .await
            {
                Ok(()) => return Ok(known.clone()),
                // Somebody removed it there.
                Err(ProviderError::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        client
            .register_webhook(&repository.facts, &url, secret)
            .await
    }

    /// The provider delivers to the hook under this id.
    async fn adopt(
        &self,
        repository: &Repository,
        hook: &Hook,
        registration: &str,
    ) -> Result<HookStatus, AppError> {
        let stored = self.store.hook(hook.id).await?;
        let is_known =
            stored.is_some_and(|stored| stored.registration.as_deref() == Some(registration));
        if !is_known {
            self.store
                .register_hook(hook.id, Some(registration))
                .await?;
        }
        self.note(repository, HookStatus::Registered).await
    }

    /// Notes how a repository learns of changes, and answers it.
    ///
    /// # Errors
    /// What the table says.
    pub async fn note(
        &self,
        repository: &Repository,
        status: HookStatus,
    ) -> Result<HookStatus, AppError> {
        if status == repository.hook_status {
            return Ok(status);
        }
        let (organization, id) = (repository.organization, repository.id);
        let now = self.moments.now();
        match self
            .store
            .set_hook_status(organization, id, status, now)
            .await
        {
            // One that is gone keeps the status it had.
            Ok(()) | Err(StoreError::RepositoryClosed) => Ok(status),
            Err(other) => Err(other.into()),
        }
    }

    /// Where nothing can ask the provider to take a webhook, somebody has to set it up by hand.
    #[must_use]
    pub fn status_without_provider(&self) -> HookStatus {
        if self.public_url.is_known() {
            HookStatus::Manual
        } else {
            HookStatus::Polling
        }
    }
}

/// Whether the provider signs with the secret in force, as far as anybody can know: it was never
/// another one, was seen in use, or the provider has answered that it took it.
fn has_our_secret(repository: &Repository, hook: &Hook) -> bool {
    hook.secrets.previous.is_empty()
        || hook.secrets.current_first_used_at.is_some()
        || repository.hook_status == HookStatus::Registered
}

/// A token that may not manage webhooks leaves it to people; anything else is worth another try,
/// which the next full reconcile makes.
fn status_after(error: &ProviderError) -> HookStatus {
    match error {
        ProviderError::Permission { .. }
        | ProviderError::NotFound
        | ProviderError::MethodNotAllowed { .. } => HookStatus::Manual,
        ProviderError::Authentication
        | ProviderError::Conflict { .. }
        | ProviderError::NotMergeable { .. }
        | ProviderError::HeadMoved
        | ProviderError::RateLimited { .. }
        | ProviderError::Unavailable { .. }
        | ProviderError::InvalidAnswer { .. }
        | ProviderError::RefusedUrl(_) => HookStatus::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_hook_begins_with_the_public_one() {
        let hook: HookId = "0199c0de-0000-7000-8000-000000000001".parse().unwrap();
        let path = format!("/webhooks/github/{hook}");
        assert_eq!(PublicUrl::new(None).of_hook(Provider::Github, hook), path);
        let public = PublicUrl::new(Some("https://ampel.example.org/".to_owned()));
        let url = format!("https://ampel.example.org{path}");
        assert_eq!(public.of_hook(Provider::Github, hook), url);
        assert!(public.is_known() && !PublicUrl::new(Some(String::new())).is_known());
    }
}
