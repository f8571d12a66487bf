//! Finding due reconciles, and queueing them. Nothing else happens here.

use std::collections::HashSet;

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

/// How many are queued and claimed side by side.
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
    /// Queued, but another tick, or a change of the schedule, was faster.
    Doubled,
    Failed,
}

impl Schedule {
    /// Queues every reconcile that is due. Nothing is forgotten, wherever a tick ends: two at once
    /// may queue a reconcile twice, which costs a read and harms nothing.
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
        let mut seen = HashSet::new();
        for _page in 0..MOST_PAGES {
            let due = self.store.due_repositories(shard, now, PAGE).await?;
            let is_last = due.len() < usize::from(PAGE);
            // The index lags: what this tick has queued may be read once more.
            let due: Vec<_> = due
                .into_iter()
                .filter(|due| seen.insert(due.repository))
                .collect();
            for few in due.chunks(AT_ONCE) {
                for outcome in join_all(few.iter().map(|due| self.queue(due, now))).await {
                    match outcome {
                        Outcome::Queued => all.queued += 1,
                        Outcome::Failed => all.failed += 1,
                        Outcome::Doubled => {}
                    }
                }
            }
            if is_last || due.is_empty() {
                break;
            }
        }
        Ok(all)
    }

    async fn queue(&self, due: &DueRepository, now: Timestamp) -> Outcome {
        match self.send_and_claim(due, now).await {
            Ok(true) => Outcome::Queued,
            Ok(false) => Outcome::Doubled,
            Err(error) => {
                tracing::warn!(
                    repository.id = %due.repository, %error,
                    "a reconcile was not queued, or will be queued again"
                );
                Outcome::Failed
            }
        }
    }

    /// Queues a due reconcile, then claims it. Claimed first, one would be forgotten until the next
    /// is due when the tick ends in between, or when the answer of the claim is lost and the claim,
    /// repeated, finds it taken.
    async fn send_and_claim(&self, due: &DueRepository, now: Timestamp) -> Result<bool, AppError> {
        let full = due.full_due_at <= now;
        let next = later(now, due.interval);
        let next_full = if full {
            later(now, DueRepository::FULL_INTERVAL)
        } else {
            due.full_due_at
        };
        self.send(due, full).await?;
        Ok(self.store.claim_due(due, next, next_full).await?)
    }

    async fn send(&self, due: &DueRepository, full: bool) -> Result<(), AppError> {
        let job = if full {
            SyncJob::EVERYTHING
        } else {
            SyncJob::Light
        };
        let message = SyncMessage::new(due.organization, due.repository, job);
        self.queues.send(&self.sync, encode(&message)?).await?;
        Ok(())
    }
}

fn later(now: Timestamp, wait: jiff::SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}
