//! Tracked repositories: their items, locks, schedule and sync state.

use ampel_domain::{
    hooks::{Hook, HookStatus},
    ids::{HookId, OrganizationId, RepositoryId},
    repositories::{Repository, RepositoryFacts},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Store, StoreError};

/// How far the first sync of a repository is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FirstSync {
    /// It was queued.
    #[default]
    Waiting,
    /// It is on its way.
    Running {
        /// How many pull requests it has stored so far.
        pull_requests: u32,
    },
    /// It is over.
    Done {
        /// When it ended.
        at: Timestamp,
    },
}

/// What is known of a repository's syncs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncState {
    /// How far the first sync is.
    #[serde(default)]
    pub first_sync: FirstSync,
    /// When a full reconcile last ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_full_at: Option<Timestamp>,
    /// When a light reconcile last ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_light_at: Option<Timestamp>,
    /// What went wrong last, in words for people; `None` once a sync succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
}

impl Store {
    /// A repository of an organization, whatever its status.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn repository(
        &self,
        organization: OrganizationId,
        id: RepositoryId,
    ) -> Result<Option<Repository>, StoreError> {
        todo!()
    }

    /// All repositories of an organization, active and gone, without those being removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn repositories(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Repository>, StoreError> {
        todo!()
    }

    /// A hook.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn hook(&self, id: HookId) -> Result<Option<Hook>, StoreError> {
        todo!()
    }

    /// What is known of a repository's syncs; nothing yet where nothing was stored.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn sync_state(&self, repository: RepositoryId) -> Result<SyncState, StoreError> {
        todo!()
    }

    /// Stores what is known of a repository's syncs; the last writer wins.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`], [`StoreError::Unavailable`].
    pub async fn put_sync_state(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        state: &SyncState,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// A reconcile succeeded.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`], [`StoreError::Unavailable`].
    pub async fn polled(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Names follow renames and transfers: stores what the provider says of a repository now.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`], [`StoreError::Unavailable`].
    pub async fn update_repository_facts(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        facts: &RepositoryFacts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The provider no longer has the repository under its id: it stays visible, takes no writes
    /// any more, and none of its pull requests is open.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`] when it is being removed, [`StoreError::Unavailable`].
    pub async fn mark_repository_gone(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Stores how a repository learns of changes.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`], [`StoreError::Unavailable`].
    pub async fn set_hook_status(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        status: HookStatus,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
