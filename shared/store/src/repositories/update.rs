//! Changes to tracked repositories.

use ampel_domain::{
    hooks::HookStatus,
    ids::{AccountId, OrganizationId, RepositoryId},
    repositories::{PollInterval, Repository, RepositoryFacts, RepositoryStatus},
};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::{
    item::{DueNote, RepositoryItem, hook_status_word, stored_description},
    status_word,
};
use crate::{
    Store, StoreError,
    expression::{Changes, Condition, number, text},
    item::decode,
    keys,
    transaction::Meaning,
};

/// What people decide about a repository. `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepositorySettings {
    /// The account it is read with.
    pub account: Option<AccountId>,
    /// How often it is reconciled; the next time is that long from now.
    pub poll_interval: Option<PollInterval>,
}

impl Store {
    /// Changes what people decide about a repository, and its schedule with it; answers it as it
    /// is then.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`] when it is not active, [`StoreError::LostRace`] when it
    /// was being scheduled, [`StoreError::Unavailable`].
    pub async fn update_repository_settings(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        settings: RepositorySettings,
        now: Timestamp,
    ) -> Result<Repository, StoreError> {
        let item = self.repository_item(organization, repository).await?;
        let item = item.ok_or(StoreError::RepositoryClosed)?;
        let note = item.note();
        let interval = settings.poll_interval.map_or_else(
            || note.map_or(300, |note| note.interval),
            PollInterval::seconds,
        );
        let mut changes = Changes::default().set("updatedAt", text(now.to_string()));
        if let Some(account) = settings.account {
            changes = changes.set("account", text(account.to_string()));
        }
        if settings.poll_interval.is_some() {
            changes = changes.set("pollInterval", number(interval));
        }
        let unscheduled = item.due_position().is_none();
        if settings.poll_interval.is_some() || unscheduled {
            let wait = SignedDuration::from_secs(i64::from(interval));
            let due = now.saturating_add(wait).unwrap_or(now);
            let full_due_at = note.map_or(now, |note| note.full_due_at);
            let note = DueNote {
                interval,
                full_due_at,
            };
            changes = scheduled(changes, repository, due, note)?;
        }
        let key = keys::repository(organization, repository);
        let updated = self
            .update(&key, changes, active(), Meaning::RepositoryClosed)
            .await?;
        Ok(decode::<RepositoryItem>(updated)?.into())
    }

    /// The account a repository was read with is removed: it stays, but is not reconciled until it
    /// is given another. Does nothing when it has another account by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remove_repository_account(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changes = Changes::default()
            .set("updatedAt", text(now.to_string()))
            .remove("account")
            .remove("duePk")
            .remove("dueSk");
        let condition = Condition::Equals("account", text(account.to_string()));
        let key = keys::repository(organization, repository);
        match self
            .update(&key, changes, condition, Meaning::NotFound)
            .await
        {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Names follow renames and transfers: stores what the provider says of a repository now. One
    /// that was gone is active again.
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
        let changes = Changes::default()
            .set("owner", text(&facts.owner))
            .set("name", text(&facts.name))
            .set_or_remove("description", stored_description(facts).map(text))
            .set("url", text(&facts.url))
            .set("defaultBranch", text(&facts.default_branch))
            .set("private", AttributeValue::Bool(facts.is_private))
            .set("archived", AttributeValue::Bool(facts.is_archived))
            .set("status", text(status_word(RepositoryStatus::Active)))
            .set("updatedAt", text(now.to_string()));
        self.update_tracked(organization, repository, changes).await
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
        let changes = Changes::default().set("polledAt", text(at.to_string()));
        self.update_active(organization, repository, changes).await
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
        let changes = Changes::default()
            .set("hookStatus", text(hook_status_word(status)))
            .set("updatedAt", text(now.to_string()));
        self.update_active(organization, repository, changes).await
    }

    /// The provider no longer has the repository under its id: it stays visible and scheduled, in
    /// case it comes back, and takes no writes of pull requests. Whoever marks it has judged its
    /// pull requests again before. May be repeated.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`] when it is being removed, [`StoreError::Unavailable`].
    pub async fn mark_repository_gone(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changes = Changes::default()
            .set("status", text(status_word(RepositoryStatus::Gone)))
            .set("updatedAt", text(now.to_string()));
        self.update_tracked(organization, repository, changes).await
    }

    /// Updates a repository that is active or gone, but not one that is being removed.
    async fn update_tracked(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        changes: Changes,
    ) -> Result<(), StoreError> {
        let key = keys::repository(organization, repository);
        self.update(&key, changes, tracked(), Meaning::RepositoryClosed)
            .await
            .map(|_| ())
    }

    async fn update_active(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        changes: Changes,
    ) -> Result<(), StoreError> {
        let key = keys::repository(organization, repository);
        self.update(&key, changes, active(), Meaning::RepositoryClosed)
            .await
            .map(|_| ())
    }
}

pub(super) fn active() -> Condition {
    Condition::Equals("status", text(status_word(RepositoryStatus::Active)))
}

/// Active or gone: anything but being removed.
pub(super) fn tracked() -> Condition {
    let gone = Condition::Equals("status", text(status_word(RepositoryStatus::Gone)));
    Condition::Any(vec![active(), gone])
}

/// Moves a repository in the schedule.
pub(super) fn scheduled(
    changes: Changes,
    repository: RepositoryId,
    due: Timestamp,
    note: DueNote,
) -> Result<Changes, StoreError> {
    Ok(changes
        .set(
            "duePk",
            text(keys::due_partition(keys::due_shard(repository))),
        )
        .set("dueSk", text(keys::due_position(due, repository)))
        .set("thin", text(note.text()?)))
}
