//! What an untracked repository leaves behind.

use ampel_domain::{
    ids::{HookId, OrganizationId, RepositoryId},
    repositories::{Repository, RepositoryStatus},
};
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

use super::status_word;
use crate::{
    Store, StoreError,
    error::failed,
    expression::{Condition, text},
    item::Item,
    keys::{self, Key},
    store::{Question, Sorts},
    transaction::{Action, Meaning, TRIES, incomplete, pause},
};

/// Whether there is more to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// There may be more: go on.
    Some,
    /// Nothing is left.
    Nothing,
    /// The repository is tracked: nothing was removed, and nothing is to be.
    Tracked,
}

/// How many items one step removes at most.
const STEP: i32 = 500;

/// How many deletions DynamoDB takes at once.
const BATCH: usize = 25;

impl Store {
    /// Removes a part of what an untracked repository left behind: first what follows it, then
    /// its hook, and at last, together, its lock and itself. May be repeated at any point.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::LostRace`]: go on later.
    pub async fn remove_repository_step(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        hook: HookId,
    ) -> Result<Remaining, StoreError> {
        let stored = self.repository(organization, repository).await?;
        let status = stored.as_ref().map(|stored| stored.status);
        match status {
            Some(RepositoryStatus::Active | RepositoryStatus::Gone) => {
                return Ok(Remaining::Tracked);
            }
            Some(RepositoryStatus::Untracking) | None => {}
        }
        let question = Question {
            sorts: Sorts::All,
            keys_only: true,
            limit: Some(STEP),
            ..Question::table(keys::repository_partition(repository), "")
        };
        let page = self.page(&question, None).await?;
        if !page.items.is_empty() {
            for batch in page.items.chunks(BATCH) {
                self.delete_batch(batch).await?;
            }
            return Ok(Remaining::Some);
        }
        self.delete(&keys::hook(hook)).await?;
        if let Some(stored) = stored {
            self.release(&stored).await?;
        }
        Ok(Remaining::Nothing)
    }

    /// Removes the lock and the repository, so that it can be tracked again.
    async fn release(&self, repository: &Repository) -> Result<(), StoreError> {
        let lock = keys::repository_lock(
            repository.organization,
            repository.provider,
            &repository.instance,
            &repository.facts.provider_id,
        );
        let own = Condition::Any(vec![
            Condition::Absent,
            Condition::Equals("repository", text(repository.id.to_string())),
        ]);
        let untracking = text(status_word(RepositoryStatus::Untracking));
        let still = Condition::Any(vec![
            Condition::Absent,
            Condition::Equals("status", untracking),
        ]);
        let item: Key = keys::repository(repository.organization, repository.id);
        self.transact(vec![
            Action::delete(self, &lock, Some(own), Meaning::LostRace)?,
            Action::delete(self, &item, Some(still), Meaning::LostRace)?,
        ])
        .await
    }

    /// Removes up to 25 items, what DynamoDB left over again and again.
    async fn delete_batch(&self, batch: &[Item]) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(batch.len());
        for keys in batch {
            let delete = DeleteRequest::builder()
                .set_key(Some(keys.clone()))
                .build()
                .map_err(incomplete)?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        for attempt in 0..TRIES {
            let answer = self
                .client
                .batch_write_item()
                .request_items(&*self.table, requests)
                .send()
                .await
                .map_err(|error| failed("dynamodb:BatchWriteItem", &error))?;
            let left = answer
                .unprocessed_items
                .and_then(|mut tables| tables.remove(&*self.table))
                .unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            requests = left;
            pause(attempt).await;
        }
        Err(StoreError::Unavailable {
            call: "dynamodb:BatchWriteItem",
            cause: "items were left over again and again".into(),
        })
    }
}
