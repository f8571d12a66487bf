//! From a provider to the table: first sync, reconcile and refresh.
//!
//! A snapshot goes through the same rules as an event, so it does not matter which comes first.

mod apply;
mod evidence;
mod full;
mod light;
mod lost;
mod now;
mod one;
mod progress;
mod reader;
mod snapshots;
mod webhook;

use ampel_cloud::queues::StandardQueue;
use ampel_domain::budget::{Limit, Priority};
use ampel_providers::ProviderError;
use ampel_wire::queue::{SyncJob, SyncMessage, encode};
use jiff::{SignedDuration, Timestamp};

use crate::{error::AppError, webhooks::Webhooks, working::Scope};

use full::Place;
pub use now::Refreshed;
use reader::Reader;
pub use snapshots::Snapshots;

/// Reads repositories and pull requests from their provider.
#[derive(Debug, Clone)]
pub struct Sync {
    /// What they are read and stored with.
    pub snapshots: Snapshots,
    /// What is due now.
    pub sync_queue: StandardQueue,
    /// Looks after the webhooks of what it reads.
    pub webhooks: Webhooks,
}

/// The waits before a failed job is tried again, by how often it failed in a row.
const RETRY_AFTER: [SignedDuration; 5] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(15),
    SignedDuration::from_secs(60),
    SignedDuration::from_secs(300),
    SignedDuration::from_secs(900),
];

/// The longest wait for a limit whose end nobody named.
const LONGEST_GUESS: SignedDuration = SignedDuration::from_secs(900);

impl Sync {
    /// Does one job. `deadline` is when the function has to be done; what is left by then goes on
    /// in a further message.
    ///
    /// # Errors
    /// [`AppError`]: the message should come again. What a provider refuses is not an error: it is
    /// noted at the repository, and tried again later where that may help.
    pub async fn run(&self, message: &SyncMessage, deadline: Timestamp) -> Result<(), AppError> {
        let scope = Scope {
            organization: message.organization_id,
            repository: message.repository_id,
        };
        let Some(mut reader) =
            Reader::open(&self.snapshots, scope, &message.job, priority(&message.job)).await?
        else {
            return Ok(());
        };
        let done = match &message.job {
            SyncJob::Full { cursor, began_at } => {
                let from = Place {
                    cursor: cursor.clone(),
                    began_at: *began_at,
                };
                self.full(&mut reader, message, from, deadline).await
            }
            SyncJob::Light => self.light(&reader).await,
            SyncJob::Evidence { sha } => self.evidence(&reader, sha).await,
            SyncJob::PullRequest {
                number,
                attempt,
                unread_since,
            } => {
                self.one(&reader, message, *number, *attempt, *unread_since)
                    .await
            }
            SyncJob::Webhook => self.webhook(&reader).await,
        };
        match done {
            Ok(()) => Ok(()),
            Err(AppError::Provider(error)) => self.provider_refused(&reader, message, error).await,
            Err(other) => Err(other),
        }
    }

    /// Notes what the provider said, and tries again later where that may help.
    async fn provider_refused(
        &self,
        reader: &Reader,
        message: &SyncMessage,
        error: ProviderError,
    ) -> Result<(), AppError> {
        let scope = reader.scope;
        tracing::warn!(repository.id = %scope.repository, %error, "the provider did not answer as needed");
        if error == ProviderError::NotFound && message.job == SyncJob::Light {
            // Deleted, or lost to the token: the full read asks for it by its id, and tells.
            return self.send_now(reader, SyncJob::EVERYTHING).await;
        }
        let moments = &self.snapshots.moments;
        let now = moments.now();
        if message.job != SyncJob::Webhook {
            let why = error.user_message();
            self.snapshots.failed(scope, now, why).await?;
        }
        if error == ProviderError::Authentication
            && let Some(account) = reader.repository.account
        {
            self.snapshots
                .tokens
                .refused(scope.organization, account, &reader.token, now)
                .await?;
        }
        let Some(delay) = retry_delay(&error, message.failures, now, moments.random()) else {
            return Ok(());
        };
        self.send_next(message.after_failure(), delay).await
    }

    /// Sends the message that follows this one; a chain that is too long ends, and the next
    /// reconcile starts afresh.
    async fn follow_with(
        &self,
        message: &SyncMessage,
        job: SyncJob,
        delay: SignedDuration,
    ) -> Result<(), AppError> {
        self.send_next(message.next(job), delay).await
    }

    async fn send_next(
        &self,
        next: Option<SyncMessage>,
        delay: SignedDuration,
    ) -> Result<(), AppError> {
        let Some(next) = next else {
            tracing::error!("a chain of messages was ended");
            return Ok(());
        };
        let body = encode(&next)?;
        let refreshes = &self.snapshots.refreshes;
        let (queues, delays) = (&refreshes.queues, &refreshes.delays);
        queues.send_delayed(delays, body, delay).await?;
        Ok(())
    }
}

/// A reconcile can be made up for; a pull request is read because something happened to it, unless
/// a reconcile asks.
fn priority(job: &SyncJob) -> Priority {
    match job {
        SyncJob::PullRequest {
            unread_since: None, ..
        } => Priority::Merge,
        SyncJob::PullRequest {
            unread_since: Some(_),
            ..
        }
        | SyncJob::Evidence { .. }
        | SyncJob::Full { .. }
        | SyncJob::Light
        | SyncJob::Webhook => Priority::Reconcile,
    }
}

/// How long to wait before the same is tried again; `None` where it would not help. What waits for
/// the same limit does not come back all at once.
fn retry_delay(
    error: &ProviderError,
    failures: u32,
    now: Timestamp,
    random: u128,
) -> Option<SignedDuration> {
    if let ProviderError::RateLimited { until, limit } = error {
        let wait = until.duration_since(now).max(SignedDuration::from_secs(1));
        let wait = match limit {
            // Longer waits come back after 900 s, find the limit still on and wait again.
            Limit::Told | Limit::Budget | Limit::Pace => wait,
            // Who knocks again too early is kept out longer.
            Limit::Guessed => (wait * 2_i32.pow(failures.min(4))).min(LONGEST_GUESS),
        };
        return Some(wait + SignedDuration::from_secs(1) + jitter(wait, random));
    }
    if !error.is_retryable() {
        return None;
    }
    let wait = RETRY_AFTER.get(usize::try_from(failures).unwrap_or(usize::MAX))?;
    Some(*wait + jitter(*wait, random))
}

/// Up to a quarter of a wait.
fn jitter(wait: SignedDuration, random: u128) -> SignedDuration {
    let most = u128::try_from(wait.as_millis() / 4).unwrap_or(0);
    let millis = random % (most + 1);
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_waited_for_and_up_to_a_quarter_longer() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let until = now + SignedDuration::from_secs(60);
        let limited = ProviderError::RateLimited {
            until,
            limit: Limit::Told,
        };
        let delays = [0, 7_000, 15_000, u128::MAX]
            .map(|random| retry_delay(&limited, 9, now, random).unwrap());
        assert_eq!(delays[0], SignedDuration::from_secs(61));
        assert_eq!(delays[1], SignedDuration::from_secs(68));
        let longest = SignedDuration::from_secs(76);
        assert!(delays.iter().all(|delay| *delay <= longest), "{delays:?}");
        assert_eq!(retry_delay(&ProviderError::NotFound, 0, now, 0), None);
    }

    #[test]
    fn a_limit_without_an_end_is_waited_for_twice_as_long_each_time() {
        let now = Timestamp::UNIX_EPOCH;
        let waits = |limit, failures| {
            let until = now + SignedDuration::from_mins(1);
            let error = ProviderError::RateLimited { until, limit };
            let wait = retry_delay(&error, failures, now, 0).unwrap();
            wait.as_secs() - 1
        };
        let guessed = [0, 1, 2, 3, 4, 99].map(|failures| waits(Limit::Guessed, failures));
        assert_eq!(guessed, [60, 120, 240, 480, 900, 900]);
        for told in [Limit::Told, Limit::Budget, Limit::Pace] {
            assert_eq!(waits(told, 3), 60);
        }
    }
}
