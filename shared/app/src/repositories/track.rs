//! Tracking a repository.

use ampel_domain::{
    accounts::Account,
    hooks::{Hook, HookSecrets, HookStatus},
    ids::{HookId, RepositoryId},
    repositories::{OpenCounts, Repository, RepositoryFacts, RepositoryStatus},
    secret::Secret,
    tenancy::{Caller, Role},
};
use ampel_providers::GitProvider;
use ampel_store::{StoreError, TrackRepository};
use ampel_wire::api::repositories::NewRepository;
use futures::{StreamExt, stream};
use jiff::SignedDuration;

use super::{Repositories, WholeRepository};
use crate::refusal::Refusal;

/// How many of several repositories are asked for and stored at once.
const AT_ONCE: usize = 8;

/// A repository that was just stored.
struct Added {
    client: Box<dyn GitProvider>,
    repository: Repository,
    hook: Hook,
    secret: Secret<String>,
}

impl Repositories {
    /// Tracks a repository: it is stored with its hook, the hook is registered at the provider
    /// where that is possible, and the first sync is queued.
    ///
    /// A crash after the first step loses nothing: the schedule finds the repository, and
    /// registering is repeated by its first sync.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] when no account fits or it is tracked already,
    /// [`Refusal::NotFound`] when the account can not see it, and whatever the provider says.
    pub async fn track(
        &self,
        caller: Caller,
        new: NewRepository,
    ) -> Result<WholeRepository, Refusal> {
        let added = self.add(caller, new).await?;
        self.webhooks
            .register(
                &*added.client,
                &added.repository,
                &added.hook,
                &added.secret,
            )
            .await
            .map_err(|error| Refusal::of_app_error(error, self.moments.now()))?;
        self.queue_full_sync(&added.repository).await?;
        self.get(caller, added.repository.id).await
    }

    /// Tracks several repositories and reports each, in their order. Their webhooks are registered
    /// while their first syncs run: a provider wants a second between two writes of an account, and a
    /// request has no hundred of them.
    pub async fn track_many(
        &self,
        caller: Caller,
        wanted: Vec<Result<NewRepository, Refusal>>,
    ) -> Vec<Result<WholeRepository, Refusal>> {
        let tracked = wanted.into_iter().map(|new| async move {
            let tracked = self.track_later(caller, new?).await;
            if let Err(refusal) = &tracked
                && let Some(log) = refusal.log()
            {
                tracing::warn!(error = log, "one of several repositories is not tracked");
            }
            tracked
        });
        stream::iter(tracked).buffered(AT_ONCE).collect().await
    }

    async fn track_later(
        &self,
        caller: Caller,
        new: NewRepository,
    ) -> Result<WholeRepository, Refusal> {
        let added = self.add(caller, new).await?;
        self.queue_full_sync(&added.repository).await?;
        self.get(caller, added.repository.id).await
    }

    /// Stores a repository and its hook.
    async fn add(&self, caller: Caller, new: NewRepository) -> Result<Added, Refusal> {
        caller.require(Role::Member)?;
        let account = self.account(caller, new.account).await?;
        let client = self.client(&account).await?;
        let facts = client.repository(&new.owner, &new.name).await;
        let facts = facts.map_err(|error| Refusal::provider(&error, self.moments.now()))?;
        let secret = self.new_secret();
        let hook = self.new_hook(caller, &account, &facts, &secret).await?;
        let repository = self.new_repository(caller, &account, &new, facts, &hook);
        self.store_new(&repository, &hook).await?;
        Ok(Added {
            client,
            repository,
            hook,
            secret,
        })
    }

    /// The first reconcile is due one interval from now: by then the first sync has done its work,
    /// or is replaced by it.
    async fn store_new(&self, repository: &Repository, hook: &Hook) -> Result<(), Refusal> {
        let interval = SignedDuration::from_secs(i64::from(repository.poll_interval.seconds()));
        let new = TrackRepository {
            repository: repository.clone(),
            hook: hook.clone(),
            due: repository.created_at + interval,
        };
        match self.store.track(new).await {
            Err(StoreError::Exists) => {
                Err(Refusal::BadRequest("Repository already added".to_owned()))
            }
            stored => Ok(stored?),
        }
    }

    async fn new_hook(
        &self,
        caller: Caller,
        account: &Account,
        facts: &RepositoryFacts,
        secret: &Secret<String>,
    ) -> Result<Hook, Refusal> {
        let id = HookId::new(self.moments.id_seed());
        let sealed = self.seal(caller.organization, id, secret).await?;
        Ok(Hook {
            id,
            organization: caller.organization,
            repository: RepositoryId::new(self.moments.id_seed()),
            provider: account.provider,
            provider_repository_id: facts.provider_id.clone(),
            registration: None,
            secrets: HookSecrets::first(sealed, self.moments.now()),
            last_delivery_at: None,
            last_refusal: None,
            version: 1,
        })
    }

    fn new_repository(
        &self,
        caller: Caller,
        account: &Account,
        new: &NewRepository,
        facts: RepositoryFacts,
        hook: &Hook,
    ) -> Repository {
        let now = self.moments.now();
        Repository {
            id: hook.repository,
            organization: caller.organization,
            added_by: caller.user,
            account: Some(account.id),
            provider: account.provider,
            instance: account.instance.clone(),
            facts,
            poll_interval: new.poll_interval,
            hook: hook.id,
            hook_status: HookStatus::Polling,
            status: RepositoryStatus::Active,
            open: OpenCounts::default(),
            created_at: now,
            updated_at: now,
            last_polled_at: None,
        }
    }
}
