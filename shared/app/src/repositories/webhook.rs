//! The webhook of a repository: its secret, and the provider's knowledge of it.

use ampel_domain::{
    hooks::{Hook, HookStatus},
    ids::{HookId, OrganizationId, RepositoryId},
    repositories::Repository,
    secret::{SealPurpose, Sealed, Secret},
    tenancy::Caller,
};
use ampel_providers::{GitProvider, Providers};
use ampel_store::StoreError;

use super::{NOT_FOUND, Repositories, may_manage};
use crate::refusal::Refusal;

/// How often a rotation is tried while another one gets in between.
const TRIES: u32 = 5;

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
        let webhooks = &self.webhooks;
        let noted = match self.client_of(&repository).await? {
            Some(client) => {
                webhooks
                    .register(&*client, &repository, &hook, &secret)
                    .await
            }
            None => {
                let status = webhooks.status_without_provider();
                webhooks.note(&repository, status).await
            }
        };
        let now = self.moments.now();
        let status = noted.map_err(|error| Refusal::of_app_error(error, now))?;
        Ok(RotatedWebhook {
            url: webhooks.public_url.of_hook(repository.provider, hook.id),
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
