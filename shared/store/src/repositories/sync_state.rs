//! What is known of a repository's syncs.

use ampel_domain::{
    ids::{OrganizationId, RepositoryId},
    repositories::RepositoryStatus,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::status_word;
use crate::{
    Store, StoreError,
    expression::{Condition, text},
    item::{Document, decode, encode},
    keys,
    transaction::{Action, Meaning},
};

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
    /// When the checks of all heads were last asked for, where fingerprints do not tell of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_evidence_at: Option<Timestamp>,
    /// What went wrong last, in words for people; `None` once a sync succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
}

impl Document for SyncState {
    const TYPE: &'static str = "sync_state";
    const VERSION: u32 = 1;
}

impl Store {
    /// What is known of a repository's syncs; nothing yet where nothing was stored.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn sync_state(&self, repository: RepositoryId) -> Result<SyncState, StoreError> {
        let item = self.get(&keys::sync_state(repository)).await?;
        Ok(item.map(decode).transpose()?.unwrap_or_default())
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
        let item = encode(&keys::sync_state(repository), state)?;
        let active = Condition::Equals("status", text(status_word(RepositoryStatus::Active)));
        let key = keys::repository(organization, repository);
        self.transact(vec![
            Action::put(self, item, None, Meaning::LostRace)?,
            Action::check(self, &key, active, Meaning::RepositoryClosed)?,
        ])
        .await
    }
}
