//! Finding due reconciles, and queueing them. Nothing else happens here.

use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_store::{DueRepository, Store};
use ampel_wire::queue::{SyncJob, SyncMessage, encode};
use futures::future::join_all;
use jiff::Timestamp;

use crate::{error::AppError, moment::Moments};

/// How many due repositories of a shard are read at once.
const PAGE: u16 = 200;

/// How many pages of a shard one tick reads; the next one goes on a minute later.
const MOST_PAGES: usize = 20;

/// How many are claimed and queued side by side.
const AT_ONCE: usize = 10;

/// Finds due reconciles and queues them.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The table.
    pub store: Store,
    /// How messages are sent.
    pub queues: Queues,
    /// Where reconciles are queued.
    pub sync: StandardQueue,
    /// The clock.
    pub moments: Moments,
}

/// What came of a tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// How many reconciles were queued.
    pub queued: usize,
    /// How many failed to be; they are found again.
    pub failed: usize,
}

/// What came of one due repository.
enum Outcome {
    Queued,
    /// Another tick had it.
    Taken,
    Failed,
}

impl Schedule {
    /// Queues every reconcile that is due. Two ticks at once queue each only once.
    ///
    /// # Errors
    /// What the table says when due work can not be read; a single repository fails alone.
    pub async fn tick(&self) -> Result<Ticked, AppError> {
        let now = self.moments.now();
        let shards = (0..Store::DUE_SHARDS).map(|shard| self.shard(shard, now));
        let mut all = Ticked::default();
        for ticked in join_all(shards).await {
            let ticked = ticked?;
            all.queued += ticked.queued;
            all.failed += ticked.failed;
        }
        Ok(all)
    }

    async fn shard(&self, shard: u8, now: Timestamp) -> Result<Ticked, AppError> {
        let mut all = Ticked::default();
        for _page in 0..MOST_PAGES {
            let due = self.store.due_repositories(shard, now, PAGE).await?;
            let queued_before = all.queued;
            for few in due.chunks(AT_ONCE) {
                for outcome in join_all(few.iter().map(|due| self.queue(due, now))).await {
                    match outcome {
                        Outcome::Queued => all.queued += 1,
                        Outcome::Failed => all.failed += 1,
                        Outcome::Taken => {}
                    }
                }
            }
            // The index lags: a page of which nothing was ours would only come again.
            if due.len() < usize::from(PAGE) || all.queued == queued_before {
                break;
            }
        }
        Ok(all)
    }

    /// Claims a due reconcile and queues it. The claim comes first, so that no tick queues what
    /// another one has; one that can not be queued is given back.
    async fn queue(&self, due: &DueRepository, now: Timestamp) -> Outcome {
        let full = due.full_due_at <= now;
        let next = later(now, due.interval);
        let next_full = if full {
            later(now, DueRepository::FULL_INTERVAL)
        } else {
            due.full_due_at
        };
        let queued = match self.store.claim_due(due, next, next_full).await {
            Ok(false) => return Outcome::Taken,
            Ok(true) => self.send_or_give_back(due, full, next).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = queued {
            tracing::warn!(repository.id = %due.repository, %error, "a reconcile was not queued");
            return Outcome::Failed;
        }
        Outcome::Queued
    }

    /// Queues what was claimed until `next`; where that fails, it is due as before.
    async fn send_or_give_back(
        &self,
        due: &DueRepository,
        full: bool,
        next: Timestamp,
    ) -> Result<(), AppError> {
        let sent = self.send(due, full).await;
        if sent.is_err() {
            let claimed = due.claimed(next);
            self.store
                .claim_due(&claimed, due.due_at, due.full_due_at)
                .await?;
        }
        sent
    }

    async fn send(&self, due: &DueRepository, full: bool) -> Result<(), AppError> {
        let job = if full {
            SyncJob::Full {
                cursor: None,
                began_at: None,
            }
        } else {
            SyncJob::Light
        };
        let message = SyncMessage {
            organization_id: due.organization,
            repository_id: due.repository,
            job,
            hops: 0,
        };
        self.queues.send(&self.sync, encode(&message)?).await?;
        Ok(())
    }
}

fn later(now: Timestamp, wait: jiff::SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}
