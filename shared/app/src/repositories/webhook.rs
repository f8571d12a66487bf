//! The webhook of a repository: its secret, and the provider's knowledge of it.

use ampel_domain::{
    hooks::{Hook, HookStatus},
    ids::{HookId, OrganizationId, RepositoryId},
    provider::Provider,
    repositories::Repository,
    secret::{SealPurpose, Sealed, Secret},
    tenancy::Caller,
};
use ampel_providers::{GitProvider, ProviderError, Providers};
use ampel_store::StoreError;

use super::{NOT_FOUND, Repositories, may_manage};
use crate::refusal::Refusal;

/// How often a rotation is tried while another one gets in between.
const TRIES: u32 = 5;

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

/// A webhook with its new secret, answered once.
#[derive(Debug)]
pub struct RotatedWebhook {
    /// Where deliveries go; only its path where the deployment has no public address.
    pub url: String,
    /// What they are signed with.
    pub secret: Secret<String>,
    /// The events to subscribe to.
    pub events: &'static [&'static str],
    /// Whether the provider knows about it.
    pub status: HookStatus,
}

impl Repositories {
    /// Gives the webhook of a repository a new secret; who tracked the repository may, and admins.
    ///
    /// The new secret is stored before the provider is told, and the one that was in use goes on
    /// verifying: whatever the provider answers, its deliveries stay genuine. A webhook that it
    /// does not know, or no longer, is registered.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::Conflict`] when the hook is being
    /// changed at the same time, [`Refusal::Unavailable`].
    pub async fn rotate_webhook(
        &self,
        caller: Caller,
        id: RepositoryId,
    ) -> Result<RotatedWebhook, Refusal> {
        let repository = self.tracked(caller, id).await?;
        may_manage(caller, &repository)?;
        let secret = self.new_secret();
        let hook = self.store_new_secret(&repository, &secret).await?;
        let status = match self.client_of(&repository).await? {
            Some(client) => self.register(&*client, &repository, &hook, &secret).await?,
            None => {
                self.note(&repository, self.status_without_provider())
                    .await?
            }
        };
        Ok(RotatedWebhook {
            url: self.public_url.of_hook(repository.provider, hook.id),
            secret,
            events: Providers::webhook_events(repository.provider),
            status,
        })
    }

    async fn store_new_secret(
        &self,
        repository: &Repository,
        secret: &Secret<String>,
    ) -> Result<Hook, Refusal> {
        let sealed = self
            .seal(repository.organization, repository.hook, secret)
            .await?;
        for _try in 0..TRIES {
            let hook = self.store.hook(repository.hook).await?.ok_or(NOT_FOUND)?;
            let secrets = hook
                .secrets
                .clone()
                .rotated(sealed.clone(), self.moments.now());
            match self
                .store
                .rotate_hook(hook.id, hook.version, &secrets)
                .await
            {
                Ok(version) => {
                    return Ok(Hook {
                        secrets,
                        version,
                        ..hook
                    });
                }
                Err(StoreError::LostRace) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Refusal::Conflict(
            "The webhook is being changed; try again".to_owned(),
        ))
    }

    /// Tells the provider of a hook, notes and answers how the repository learns of changes now.
    /// Whatever the provider answers is no error: the repository is tracked without it.
    pub(super) async fn register(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: &Hook,
        secret: &Secret<String>,
    ) -> Result<HookStatus, Refusal> {
        if !self.public_url.is_known() {
            return self.note(repository, HookStatus::Polling).await;
        }
        match self.tell_provider(client, repository, hook, secret).await {
            Ok(registration) => {
                if hook.registration.as_ref() != Some(&registration) {
                    self.store
                        .register_hook(hook.id, Some(&registration))
                        .await?;
                }
                self.note(repository, HookStatus::Registered).await
            }
            Err(error) => {
                tracing::warn!(hook.id = %hook.id, %error, "the provider did not take a webhook");
                self.note(repository, status_after(&error)).await
            }
        }
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

    async fn note(
        &self,
        repository: &Repository,
        status: HookStatus,
    ) -> Result<HookStatus, Refusal> {
        if status != repository.hook_status {
            let (organization, id) = (repository.organization, repository.id);
            let noted = self
                .store
                .set_hook_status(organization, id, status, self.moments.now())
                .await;
            match noted {
                // One that is gone keeps the status it had.
                Ok(()) | Err(StoreError::RepositoryClosed) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(status)
    }

    /// Until the provider took the webhook, and where nothing can ask it to, somebody has to set it
    /// up by hand.
    pub(super) fn status_without_provider(&self) -> HookStatus {
        if self.public_url.is_known() {
            HookStatus::Manual
        } else {
            HookStatus::Polling
        }
    }

    /// A client with the token of the repository's account; `None` when that is gone or switched
    /// off.
    pub(super) async fn client_of(
        &self,
        repository: &Repository,
    ) -> Result<Option<Box<dyn GitProvider>>, Refusal> {
        let Some(account) = repository.account else {
            return Ok(None);
        };
        let now = self.moments.now();
        let token = self.tokens.open(repository.organization, account).await;
        let Some(token) = token.map_err(|error| Refusal::of_app_error(error, now))? else {
            return Ok(None);
        };
        let client = self
            .providers
            .client(repository.provider, &repository.instance, token);
        client
            .map(Some)
            .map_err(|error| Refusal::provider(&error, now))
    }

    /// 32 fresh bytes in hexadecimal.
    pub(super) fn new_secret(&self) -> Secret<String> {
        let (first, second) = (self.moments.random(), self.moments.random());
        Secret::new(format!("{first:032x}{second:032x}"))
    }

    pub(super) async fn seal(
        &self,
        organization: OrganizationId,
        hook: HookId,
        secret: &Secret<String>,
    ) -> Result<Sealed, Refusal> {
        let (record, purpose) = (hook.to_string(), SealPurpose::HookSecret);
        Ok(self
            .tokens
            .vault
            .seal(organization, &record, purpose, secret)
            .await?)
    }
}

/// A token that may not manage webhooks leaves it to people; anything else is worth another try,
/// which is [`Repositories::rotate_webhook`]: nothing repeats it by itself.
fn status_after(error: &ProviderError) -> HookStatus {
    match error {
        ProviderError::Permission { .. }
        | ProviderError::NotFound
        | ProviderError::NotSupported(_) => HookStatus::Manual,
        ProviderError::Authentication
        | ProviderError::Conflict { .. }
        | ProviderError::NotMergeable { .. }
        | ProviderError::HeadMoved
        | ProviderError::MethodNotAllowed { .. }
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
    fn a_hook_has_a_path_even_without_a_public_address() {
        let hook: HookId = "0199c0de-0000-7000-8000-000000000001".parse().unwrap();
        let path = format!("/webhooks/github/{hook}");
        assert_eq!(PublicUrl::new(None).of_hook(Provider::Github, hook), path);
        let public = PublicUrl::new(Some("https://ampel.example.org/".to_owned()));
        let url = format!("https://ampel.example.org{path}");
        assert_eq!(public.of_hook(Provider::Github, hook), url);
        assert!(public.is_known() && !PublicUrl::new(Some(String::new())).is_known());
    }
}
