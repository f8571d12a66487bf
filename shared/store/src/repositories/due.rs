//! The schedule of reconciles.

use ampel_domain::ids::{OrganizationId, RepositoryId};
use jiff::{SignedDuration, Timestamp};

use super::{
    item::{DueNote, FULL_INTERVAL},
    update::{scheduled, tracked},
};
use crate::{
    Store, StoreError,
    expression::{Changes, Condition, text},
    item::{Item, corrupt, text_in},
    keys::{self, Index, PK, SK},
    store::{Question, Sorts},
    transaction::Meaning,
};

/// A repository whose next reconcile is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRepository {
    /// The organization.
    pub organization: OrganizationId,
    /// The repository.
    pub repository: RepositoryId,
    /// How long from one reconcile to the next.
    pub interval: SignedDuration,
    /// When a full reconcile is due.
    pub full_due_at: Timestamp,
    /// When this one is due, to the second: a claim names it.
    pub due_at: Timestamp,
}

impl Store {
    /// The partitions of the schedule.
    pub const DUE_SHARDS: u8 = keys::DUE_SHARDS;

    /// Repositories of a shard whose next reconcile is due, the longest overdue first, at most
    /// `limit`. From an index that lags a little: a claim decides.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn due_repositories(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueRepository>, StoreError> {
        let question = Question {
            // `~` sorts after every id of this very second.
            sorts: Sorts::UpTo(format!("{}#~", keys::whole_second(now))),
            limit: Some(i32::from(limit)),
            ..Question::index(Index::Due, keys::due_partition(shard))
        };
        let page = self.page(&question, None).await?;
        page.items.iter().map(read).collect()
    }

    /// Takes a due reconcile: the next one is due at `next`, the next full one at `next_full`.
    /// Of two that try only one is answered `true`; none may be, when the answer was lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn claim_due(
        &self,
        due: &DueRepository,
        next: Timestamp,
        next_full: Timestamp,
    ) -> Result<bool, StoreError> {
        let note = DueNote {
            interval: seconds(due.interval),
            full_due_at: next_full,
        };
        let changes = scheduled(Changes::default(), due.repository, next, note)?;
        let position = keys::due_position(due.due_at, due.repository);
        let condition = Condition::All(vec![tracked(), Condition::Equals("dueSk", text(position))]);
        let key = keys::repository(due.organization, due.repository);
        match self
            .update(&key, changes, condition, Meaning::LostRace)
            .await
        {
            Ok(_) => Ok(true),
            Err(StoreError::LostRace) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl DueRepository {
    /// How long it takes from one full reconcile to the next.
    pub const FULL_INTERVAL: SignedDuration = FULL_INTERVAL;
}

fn seconds(interval: SignedDuration) -> u32 {
    u32::try_from(interval.as_secs()).unwrap_or(u32::MAX)
}

fn read(entry: &Item) -> Result<DueRepository, StoreError> {
    parse(entry).ok_or_else(|| {
        let part = |name| text_in(entry, name).unwrap_or("?");
        corrupt(
            &format!("{} / {} in the schedule", part(PK), part(SK)),
            &"it can not be understood",
        )
    })
}

fn parse(entry: &Item) -> Option<DueRepository> {
    let position = text_in(entry, Index::Due.sk())?;
    let (due_at, repository) = position.split_once('#')?;
    let note = DueNote::parse(text_in(entry, "thin")?)?;
    Some(DueRepository {
        organization: text_in(entry, "org")?.parse().ok()?,
        repository: repository.parse().ok()?,
        interval: SignedDuration::from_secs(i64::from(note.interval)),
        full_due_at: note.full_due_at,
        due_at: due_at.parse().ok()?,
    })
}
