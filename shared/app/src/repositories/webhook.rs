//! The webhook of a repository: its secret, and the provider's knowledge of it.

use ampel_domain::{
    budget::Priority,
    hooks::{Hook, HookStatus, ShownDelivery, WebhookTest},
    ids::{HookId, OrganizationId, RepositoryId},
    repositories::Repository,
    secret::{SealPurpose, Sealed, Secret},
    tenancy::Caller,
};
use ampel_providers::{GitProvider, Providers};
use ampel_store::StoreError;

use super::{NOT_FOUND, Repositories, may_manage};
use crate::{budget::Payer, refusal::Refusal};

/// How often a rotation is tried while another one gets in between.
const TRIES: u32 = 5;

const NO_ADDRESS: &str = "This deployment has no public address, so its repositories have no \
                          webhooks and are polled. Set PUBLIC_URL to change that";
const NO_ACCOUNT: &str = "No connected account is left to ask the provider with. Connect one and \
                          choose it for this repository";
const NO_WEBHOOK: &str = "The provider has no webhook for this repository. Register it, or set it \
                          up by hand with the secret that registering shows";

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
    /// verifying: whatever the provider answers, its deliveries stay genuine. Until it has answered
    /// the webhook counts as broken, so that the next full reconcile gives it the secret again. A
    /// webhook that it does not know, or no longer, is registered.
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
        let repository = self.begin_rotation(repository).await?;
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

    /// Has the provider try the webhook of a repository; who tracked the repository may, and
    /// admins. A delivery that comes of it shows up as the last one seen.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::Impossible`] where there is no
    /// webhook to try or nothing to try it with, and whatever the provider says.
    pub async fn test_webhook(
        &self,
        caller: Caller,
        id: RepositoryId,
    ) -> Result<WebhookTest, Refusal> {
        let repository = self.tracked(caller, id).await?;
        may_manage(caller, &repository)?;
        if !self.webhooks.public_url.is_known() {
            return Err(Refusal::Impossible(NO_ADDRESS.to_owned()));
        }
        let hook = self.store.hook(repository.hook).await?.ok_or(NOT_FOUND)?;
        let client = self.client_of(&repository).await?;
        let client = client.ok_or_else(|| Refusal::Impossible(NO_ACCOUNT.to_owned()))?;
        let registration = self.registration(&*client, &repository, &hook).await?;
        client
            .test_webhook(&repository.facts, &registration)
            .await
            .map_err(|error| Refusal::provider_failed(&error, self.moments.now()))
    }

    /// The latest deliveries as the provider remembers them, the newest first; `None` where it
    /// lists none. Who tracked the repository may, and admins.
    ///
    /// # Errors
    /// As [`Repositories::test_webhook`].
    pub async fn webhook_deliveries(
        &self,
        caller: Caller,
        id: RepositoryId,
    ) -> Result<Option<Vec<ShownDelivery>>, Refusal> {
        let repository = self.tracked(caller, id).await?;
        may_manage(caller, &repository)?;
        let hook = self.store.hook(repository.hook).await?.ok_or(NOT_FOUND)?;
        let client = self.client_of(&repository).await?;
        let client = client.ok_or_else(|| Refusal::Impossible(NO_ACCOUNT.to_owned()))?;
        let registration = self.registration(&*client, &repository, &hook).await?;
        client
            .webhook_deliveries(&repository.facts, &registration)
            .await
            .map_err(|error| Refusal::provider_failed(&error, self.moments.now()))
    }

    /// Under which id the provider knows the webhook. One that was set up by hand, or whose
    /// registration was never answered, is looked for by its URL.
    async fn registration(
        &self,
        client: &dyn GitProvider,
        repository: &Repository,
        hook: &Hook,
    ) -> Result<String, Refusal> {
        if let Some(known) = &hook.registration {
            return Ok(known.clone());
        }
        let url = self
            .webhooks
            .public_url
            .of_hook(repository.provider, hook.id);
        let found = client.find_webhook(&repository.facts, &url).await;
        let found = found.map_err(|error| Refusal::provider_failed(&error, self.moments.now()))?;
        let found = found.map(|webhook| webhook.registration);
        found.ok_or_else(|| Refusal::Impossible(NO_WEBHOOK.to_owned()))
    }

    /// The repository as it is while nobody knows what its provider signs with.
    async fn begin_rotation(&self, repository: Repository) -> Result<Repository, Refusal> {
        if !self.webhooks.public_url.is_known() {
            return Ok(repository);
        }
        let noted = self.webhooks.note(&repository, HookStatus::Broken).await;
        let now = self.moments.now();
        let hook_status = noted.map_err(|error| Refusal::of_app_error(error, now))?;
        Ok(Repository {
            hook_status,
            ..repository
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
        let payer = Payer {
            organization: repository.organization,
            account,
            provider: repository.provider,
            instance: &repository.instance,
        };
        let pacer = self.budgets.pacer(&payer, Priority::Interactive);
        let (provider, instance) = (repository.provider, &repository.instance);
        let client = self
            .providers
            .client(provider, instance, token.secret, pacer);
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
