//! Asking for a pull request to be read again, once however many ask.

use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_domain::{ids::PullRequestNumber, pulls::HeadEvidence};
use ampel_wire::queue::{SyncJob, SyncMessage, encode};
use jiff::{SignedDuration, Timestamp};

use crate::{
    error::AppError,
    working::{Scope, Working},
};

/// How long events of one pull request are collected before it is read again. Providers send the
/// deliveries of one push within about this time.
pub const DEBOUNCE: SignedDuration = SignedDuration::from_secs(1);

/// Sends refreshes through the delay queue.
#[derive(Debug, Clone)]
pub struct Refreshes {
    /// How messages are sent.
    pub queues: Queues,
    /// Where they wait.
    pub delays: StandardQueue,
}

impl Refreshes {
    /// Queues a refresh if the pull request wants one, and marks it. The message goes out before
    /// the mark is committed: a crash between the two costs a second refresh, never none.
    ///
    /// # Errors
    /// When the queue did not take it.
    pub async fn queue_if_wanted(
        &self,
        scope: Scope,
        working: &mut Working,
        evidence: &HeadEvidence,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if !working.wants_refresh(evidence, now) {
            return Ok(());
        }
        self.queue(scope, working.pull.number(), DEBOUNCE).await?;
        working.refresh_queued(now + DEBOUNCE);
        Ok(())
    }

    /// Queues a refresh that reads the provider after `delay`.
    ///
    /// # Errors
    /// When the queue did not take it.
    pub async fn queue(
        &self,
        scope: Scope,
        number: PullRequestNumber,
        delay: SignedDuration,
    ) -> Result<(), AppError> {
        self.send(scope, SyncJob::pull_request(number), delay).await
    }

    /// Queues a job that begins after `delay`.
    ///
    /// # Errors
    /// When the queue did not take it.
    pub async fn send(
        &self,
        scope: Scope,
        job: SyncJob,
        delay: SignedDuration,
    ) -> Result<(), AppError> {
        let message = SyncMessage::new(scope.organization, scope.repository, job);
        self.queues
            .send_delayed(&self.delays, encode(&message)?, delay)
            .await?;
        Ok(())
    }
}
