//! Changes to tracked repositories.

use ampel_domain::{
    hooks::HookStatus,
    ids::{AccountId, OrganizationId, PullRequestId, PullRequestNumber, RepositoryId},
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
    item::{decode, text_in},
    keys::{self, SK},
    pulls::OPEN_ATTRIBUTES,
    store::Question,
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
        let changes = Changes::default()
            .set("owner", text(&facts.owner))
            .set("name", text(&facts.name))
            .set_or_remove("description", stored_description(facts).map(text))
            .set("url", text(&facts.url))
            .set("defaultBranch", text(&facts.default_branch))
            .set("private", AttributeValue::Bool(facts.is_private))
            .set("archived", AttributeValue::Bool(facts.is_archived))
            .set("updatedAt", text(now.to_string()));
        self.update_active(organization, repository, changes).await
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

    /// The provider no longer has the repository under its id: it stays visible, takes no writes
    /// any more, and none of its pull requests is open. May be repeated.
    ///
    /// # Errors
    /// [`StoreError::RepositoryClosed`] when it is being removed, [`StoreError::Unavailable`].
    pub async fn mark_repository_gone(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::repository(organization, repository);
        let gone = || text(status_word(RepositoryStatus::Gone));
        let changes = Changes::default()
            .set("status", gone())
            .set("updatedAt", text(now.to_string()))
            .remove("duePk")
            .remove("dueSk");
        let condition = Condition::Any(vec![active(), Condition::Equals("status", gone())]);
        self.update(&key, changes, condition, Meaning::RepositoryClosed)
            .await?;
        self.withdraw_open(repository).await?;
        let zero = Changes::default()
            .set("openGreen", number(0))
            .set("openYellow", number(0))
            .set("openRed", number(0));
        let still_gone = Condition::Equals("status", gone());
        self.update(&key, zero, still_gone, Meaning::RepositoryClosed)
            .await
            .map(|_| ())
    }

    /// Takes the pull requests of a repository that takes no writes out of the indexes, with
    /// their lights.
    async fn withdraw_open(&self, repository: RepositoryId) -> Result<(), StoreError> {
        let partition = keys::repository_partition(repository);
        let question = Question {
            keys_only: true,
            ..Question::table(partition, keys::PULL_REQUEST_PREFIX)
        };
        for item in self.pages(&question).await? {
            let Some(id) = text_in(&item, SK).and_then(|sk| pull_request_of(repository, sk)) else {
                continue;
            };
            let mut changes = Changes::default()
                .remove("judgement")
                .add("version", number(1));
            for attribute in OPEN_ATTRIBUTES {
                changes = changes.remove(attribute);
            }
            let key = keys::pull_request(id);
            let open = Condition::With("openPk");
            match self.update(&key, changes, open, Meaning::NotFound).await {
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
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

/// The pull request of a sort key; `None` for that of a review.
fn pull_request_of(repository: RepositoryId, sk: &str) -> Option<PullRequestId> {
    let number = sk.strip_prefix(keys::PULL_REQUEST_PREFIX)?.parse().ok()?;
    Some(repository.pull_request(PullRequestNumber::new(number)?))
}

pub(super) fn active() -> Condition {
    Condition::Equals("status", text(status_word(RepositoryStatus::Active)))
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
