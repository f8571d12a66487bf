//! Looking into queues, and emptying them.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

use super::{Queue, TestCloud};

/// SQS hands out at most ten messages at once.
const MOST_AT_ONCE: i32 = 10;

/// A message as it was taken from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// What the sender wrote, unchanged.
    pub body: String,
    /// Message group, in FIFO queues.
    pub group: Option<String>,
    /// Deduplication id, in FIFO queues.
    pub deduplication_id: Option<String>,
}

impl From<Message> for ReceivedMessage {
    fn from(message: Message) -> Self {
        let attribute = |name| {
            message
                .attributes
                .as_ref()
                .and_then(|attributes| attributes.get(&name))
                .cloned()
        };
        Self {
            group: attribute(MessageSystemAttributeName::MessageGroupId),
            deduplication_id: attribute(MessageSystemAttributeName::MessageDeduplicationId),
            body: message.body.unwrap_or_default(),
        }
    }
}

impl TestCloud {
    /// Takes and deletes every message that is visible now, in the order of the queue.
    ///
    /// # Panics
    /// When the emulator refuses.
    pub async fn drain(&self, queue: Queue) -> Vec<ReceivedMessage> {
        drain_url(
            &aws_sdk_sqs::Client::new(self.config()),
            self.queue_url(queue),
        )
        .await
    }

    /// Waits until at least `count` messages came, then answers all that are there.
    ///
    /// # Panics
    /// When fewer came within `patience`.
    pub async fn drain_at_least(
        &self,
        queue: Queue,
        count: usize,
        patience: Duration,
    ) -> Vec<ReceivedMessage> {
        let client = aws_sdk_sqs::Client::new(self.config());
        let url = self.queue_url(queue);
        drain_at_least(&client, url, count, patience).await
    }

    /// Messages of a queue that nobody deleted yet: visible, in flight or delayed.
    ///
    /// # Panics
    /// When the emulator refuses.
    pub async fn pending(&self, queue: Queue) -> u64 {
        let counters = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        aws_sdk_sqs::Client::new(self.config())
            .get_queue_attributes()
            .queue_url(self.queue_url(queue))
            .set_attribute_names(Some(counters.to_vec()))
            .send()
            .await
            .expect("the emulator counts messages")
            .attributes
            .unwrap_or_default()
            .into_iter()
            .filter(|(name, _)| counters.contains(name))
            .filter_map(|(_, count)| count.parse::<u64>().ok())
            .sum()
    }

    /// Fails the test when any queue still holds a message.
    ///
    /// # Panics
    /// When one does; the text names the queue.
    pub async fn assert_queues_empty(&self) {
        for queue in Queue::ALL {
            let left = self.pending(queue).await;
            assert!(
                left == 0,
                "{} still holds {left} messages",
                queue.logical_id()
            );
        }
    }
}

pub(super) async fn drain_at_least(
    client: &aws_sdk_sqs::Client,
    url: &str,
    count: usize,
    patience: Duration,
) -> Vec<ReceivedMessage> {
    let deadline = Instant::now() + patience;
    let mut taken = drain_url(client, url).await;
    while taken.len() < count {
        assert!(
            Instant::now() < deadline,
            "{} of {count} messages came to {url} within {patience:?}",
            taken.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
        taken.extend(drain_url(client, url).await);
    }
    taken
}

async fn drain_url(client: &aws_sdk_sqs::Client, url: &str) -> Vec<ReceivedMessage> {
    let mut taken = Vec::new();
    loop {
        let messages = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(MOST_AT_ONCE)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .expect("the emulator hands out messages")
            .messages
            .unwrap_or_default();
        if messages.is_empty() {
            return taken;
        }
        for message in messages {
            client
                .delete_message()
                .queue_url(url)
                .set_receipt_handle(message.receipt_handle.clone())
                .send()
                .await
                .expect("the emulator deletes a message");
            taken.push(ReceivedMessage::from(message));
        }
    }
}
