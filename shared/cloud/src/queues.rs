//! SQS.

use aws_sdk_sqs::Client;
use jiff::SignedDuration;

use crate::error::{CloudError, chain};

/// Where a standard queue is. Messages may wait before they are seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardQueue(String);

/// Where a FIFO queue is. SQS knows no delay per message there, so sending has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FifoQueue(String);

impl StandardQueue {
    /// The queue at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }
}

impl FifoQueue {
    /// The queue at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }
}

/// The longest a message may wait in a standard queue before it is seen.
pub const MAX_DELAY: SignedDuration = SignedDuration::from_secs(900);

/// Sends messages.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
}

impl Queues {
    /// Queues reached through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends a message that is seen at once.
    ///
    /// # Errors
    /// [`CloudError`] when SQS did not take it.
    pub async fn send(&self, queue: &StandardQueue, body: String) -> Result<(), CloudError> {
        self.send_delayed(queue, body, SignedDuration::ZERO).await
    }

    /// Sends a message that is seen after `delay`, at most [`MAX_DELAY`].
    ///
    /// # Errors
    /// [`CloudError`] when SQS did not take it.
    pub async fn send_delayed(
        &self,
        queue: &StandardQueue,
        body: String,
        delay: SignedDuration,
    ) -> Result<(), CloudError> {
        let delay = delay.clamp(SignedDuration::ZERO, MAX_DELAY).as_secs();
        self.client
            .send_message()
            .queue_url(&queue.0)
            .message_body(body)
            .delay_seconds(i32::try_from(delay).unwrap_or(0))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::transient("sqs:SendMessage", chain(&error)))
    }

    /// Sends a message into its group. A message with the same `dedupe` id within five minutes is
    /// the same message.
    ///
    /// # Errors
    /// [`CloudError`] when SQS did not take it.
    pub async fn send_fifo(
        &self,
        queue: &FifoQueue,
        body: String,
        group: &str,
        dedupe: &str,
    ) -> Result<(), CloudError> {
        self.client
            .send_message()
            .queue_url(&queue.0)
            .message_body(body)
            .message_group_id(group)
            .message_deduplication_id(dedupe)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::transient("sqs:SendMessage", chain(&error)))
    }
}
