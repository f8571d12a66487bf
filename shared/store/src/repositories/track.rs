//! Tracking and untracking.

use ampel_domain::{
    hooks::Hook,
    ids::{OrganizationId, RepositoryId},
    repositories::{Repository, RepositoryStatus},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{item::RepositoryItem, status_word};
use crate::{
    Store, StoreError,
    expression::{Changes, Condition, text},
    hooks::HookItem,
    item::{Document, decode, encode},
    keys,
    transaction::{Action, Meaning},
};

/// A repository to be tracked.
#[derive(Debug, Clone)]
pub struct TrackRepository {
    /// The repository, as it shall be stored.
    pub repository: Repository,
    /// Its hook.
    pub hook: Hook,
    /// When its first light reconcile is due.
    pub due: Timestamp,
}

/// The lock by which an organization tracks a provider's repository only once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LockItem {
    pub(super) repository: RepositoryId,
}

impl Document for LockItem {
    const TYPE: &'static str = "repository_lock";
    const VERSION: u32 = 1;
}

impl Store {
    /// Tracks a repository: its item, its lock and its hook at once.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the organization already tracks this repository of this
    /// instance, or has not yet finished untracking it; [`StoreError::Unavailable`].
    pub async fn track(&self, new: TrackRepository) -> Result<(), StoreError> {
        let TrackRepository {
            repository,
            hook,
            due,
        } = new;
        let lock_key = keys::repository_lock(
            repository.organization,
            repository.provider,
            &repository.instance,
            &repository.facts.provider_id,
        );
        let lock = LockItem {
            repository: repository.id,
        };
        let item = encode(
            &keys::repository(repository.organization, repository.id),
            &RepositoryItem::new(&repository, due)?,
        )?;
        let hook_item = encode(&keys::hook(hook.id), &HookItem::from(hook))?;
        let absent = || Some(Condition::Absent);
        self.transact(vec![
            Action::put(self, item, absent(), Meaning::Exists)?,
            Action::put(self, encode(&lock_key, &lock)?, absent(), Meaning::Exists)?,
            Action::put(self, hook_item, absent(), Meaning::Exists)?,
        ])
        .await
    }

    /// Ends the tracking of a repository: from now on nothing is written to it and nobody sees it.
    /// Its items are for a worker to remove. Answers the repository, for its hook at the provider.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not tracked, or was untracked already;
    /// [`StoreError::Unavailable`].
    pub async fn untrack(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<Repository, StoreError> {
        let untracking = || text(status_word(RepositoryStatus::Untracking));
        let changes = Changes::default()
            .set("status", untracking())
            .set("updatedAt", text(now.to_string()))
            .remove("duePk")
            .remove("dueSk");
        let condition = Condition::All(vec![
            Condition::Present,
            Condition::Differs("status", untracking()),
        ]);
        let key = keys::repository(organization, repository);
        let item = self
            .update(&key, changes, condition, Meaning::NotFound)
            .await?;
        Ok(decode::<RepositoryItem>(item)?.into())
    }
}
