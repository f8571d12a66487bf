//! Tracked repositories: choosing, tracking, changing and letting go of them.
//!
//! The table is written before a provider is told, so that a crash in between leaves nothing but a
//! repository whose webhook is still to be registered.

mod account;
mod discover;
mod page;
mod refused;
mod track;
mod untrack;
mod webhook;

use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_domain::{
    hooks::Hook,
    ids::RepositoryId,
    repositories::{Repository, RepositoryStatus},
    tenancy::{Caller, Role},
};
use ampel_providers::Providers;
use ampel_store::{RepositorySettings, Store, StoreError, SyncState};
use ampel_wire::{
    api::repositories::RepositoryChange,
    queue::{SyncJob, SyncMessage, encode},
};

pub use discover::{Discovered, Found};
pub(crate) use page::sort_by_full_name;
pub use webhook::RotatedWebhook;

use crate::{
    budget::Budgets, moment::Moments, refusal::Refusal, tokens::Tokens, webhooks::Webhooks,
};

const NOT_FOUND: Refusal = Refusal::NotFound("Repository");
const GONE: &str = "The provider no longer shows this repository";

/// What the use cases of repositories work with.
#[derive(Debug, Clone)]
pub struct Repositories {
    /// The table.
    pub store: Store,
    /// The provider clients.
    pub providers: Providers,
    /// Opens the tokens of accounts; its vault seals the secrets of hooks.
    pub tokens: Tokens,
    /// Paces what is asked with them.
    pub budgets: Budgets,
    /// How messages are sent.
    pub queues: Queues,
    /// What `repo-sync` reads.
    pub sync_queue: StandardQueue,
    /// What `repo-cleanup` reads.
    pub cleanup_queue: StandardQueue,
    /// Registers webhooks.
    pub webhooks: Webhooks,
    /// Time and randomness.
    pub moments: Moments,
}

/// A repository with the state of its webhook and its syncs.
#[derive(Debug, Clone)]
pub struct WholeRepository {
    /// The repository.
    pub repository: Repository,
    /// Its webhook; `None` only while it is being removed.
    pub hook: Option<Hook>,
    /// Its syncs.
    pub sync: SyncState,
}

impl Repositories {
    /// A repository with all that hangs on it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn get(&self, caller: Caller, id: RepositoryId) -> Result<WholeRepository, Refusal> {
        let repository = self.tracked(caller, id).await?;
        self.whole(repository).await
    }

    async fn whole(&self, repository: Repository) -> Result<WholeRepository, Refusal> {
        let (hook, sync) = futures::try_join!(
            self.store.hook(repository.hook),
            self.store.sync_state(repository.id)
        )?;
        Ok(WholeRepository {
            repository,
            hook,
            sync,
        })
    }

    /// Changes how often a repository is reconciled, or the account it is read with; who tracked
    /// it may, and admins.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for an account that the caller may not use,
    /// [`Refusal::Forbidden`], [`Refusal::BadRequest`] for an account of another instance,
    /// [`Refusal::Impossible`] when the repository is gone, [`Refusal::Unavailable`].
    pub async fn change(
        &self,
        caller: Caller,
        id: RepositoryId,
        change: RepositoryChange,
    ) -> Result<WholeRepository, Refusal> {
        let repository = self.tracked(caller, id).await?;
        may_manage(caller, &repository)?;
        let account = match change.account {
            Some(id) => Some(self.account_for(caller, &repository, id).await?.id),
            None => None,
        };
        let settings = RepositorySettings {
            account,
            poll_interval: change.poll_interval,
        };
        if settings == RepositorySettings::default() {
            return self.whole(repository).await;
        }
        let now = self.moments.now();
        let organization = caller.organization;
        match self
            .store
            .update_repository_settings(organization, id, settings, now)
            .await
        {
            Ok(changed) => self.whole(changed).await,
            Err(StoreError::RepositoryClosed) => Err(Refusal::Impossible(GONE.to_owned())),
            Err(other) => Err(other.into()),
        }
    }

    /// Has everything of a repository read again; answers what is known of its syncs so far.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::Unavailable`].
    pub async fn sync(&self, caller: Caller, id: RepositoryId) -> Result<SyncState, Refusal> {
        let repository = self.tracked(caller, id).await?;
        caller.require(Role::Member)?;
        self.queue_full_sync(&repository).await?;
        Ok(self.store.sync_state(id).await?)
    }

    async fn queue_full_sync(&self, repository: &Repository) -> Result<(), Refusal> {
        let message = SyncMessage::new(repository.organization, repository.id, SyncJob::EVERYTHING);
        let body = encode(&message).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(self.queues.send(&self.sync_queue, body).await?)
    }

    /// A repository that is tracked by the caller's organization. One that is being removed is
    /// not any more.
    async fn tracked(&self, caller: Caller, id: RepositoryId) -> Result<Repository, Refusal> {
        let found = self.store.repository(caller.organization, id).await?;
        found
            .filter(|repository| is_visible(repository.status))
            .ok_or(NOT_FOUND)
    }
}

/// Whether anybody sees a repository of this status.
pub(crate) fn is_visible(status: RepositoryStatus) -> bool {
    match status {
        RepositoryStatus::Active | RepositoryStatus::Gone => true,
        RepositoryStatus::Untracking => false,
    }
}

/// Who tracked a repository may change it as long as they may track at all; admins may always.
fn may_manage(caller: Caller, repository: &Repository) -> Result<(), Refusal> {
    let needed = if repository.added_by == caller.user {
        Role::Member
    } else {
        Role::Admin
    };
    Ok(caller.require(needed)?)
}
