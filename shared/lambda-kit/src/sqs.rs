//! The SQS batch loop: one message, one outcome.
//!
//! A message that fails in a way that may pass is reported as failed and comes again. One that
//! never will be handled is poison: it leaves at once for the dead letters, whole. In a FIFO
//! batch a failure holds up the rest of its own group, and nothing else.

use std::collections::BTreeMap;

use ampel_app::error::AppError;
use ampel_cloud::queues::{FifoQueue, Queues};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;

/// Why a message was not handled.
#[derive(Debug)]
pub enum Failure {
    /// It may be handled when it comes again.
    Transient(String),
    /// It never will be.
    Poison(String),
}

impl From<AppError> for Failure {
    /// What trying again may mend comes again; the rest is poison.
    fn from(error: AppError) -> Self {
        if error.is_retryable() {
            Self::Transient(error.to_string())
        } else {
            Self::Poison(error.to_string())
        }
    }
}

/// What handles one message body.
pub trait Handler: Sync {
    /// Handles a body. Must do nothing twice that matters: a message can come again.
    fn handle(&self, body: &str) -> impl Future<Output = Result<(), Failure>>;
}

/// Where poison goes.
pub enum DeadLetters<'a> {
    /// SQS moves a message there after its last try; poison just runs out of tries.
    AfterTries,
    /// A FIFO queue that poison is sent to at once, so that its group can go on.
    AtOnce(&'a Queues, &'a FifoQueue),
}

/// Handles a batch: groups side by side, the messages of a group one after the other. Messages of
/// a standard queue are groups of one.
pub async fn run_batch(
    event: SqsEvent,
    handler: &impl Handler,
    dead_letters: DeadLetters<'_>,
) -> SqsBatchResponse {
    let groups = by_group(event.records);
    let failed = join_all(
        groups
            .iter()
            .map(|group| run_group(group, handler, &dead_letters)),
    )
    .await;
    let mut response = SqsBatchResponse::default();
    for id in failed.into_iter().flatten() {
        response.add_failure(id);
    }
    response
}

fn by_group(records: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut groups: BTreeMap<String, Vec<SqsMessage>> = BTreeMap::new();
    for (position, record) in records.into_iter().enumerate() {
        let group = record
            .attributes
            .get("MessageGroupId")
            .cloned()
            .unwrap_or_else(|| format!("\u{0}{position}"));
        groups.entry(group).or_default().push(record);
    }
    groups.into_values().collect()
}

/// Handles one group; answers the ids of the messages that must come again.
async fn run_group(
    group: &[SqsMessage],
    handler: &impl Handler,
    dead_letters: &DeadLetters<'_>,
) -> Vec<String> {
    for (position, record) in group.iter().enumerate() {
        let body = record.body.as_deref().unwrap_or_default();
        let handled = match handler.handle(body).await {
            Ok(()) => true,
            Err(Failure::Transient(why)) => {
                tracing::warn!(
                    message.id = record.message_id,
                    why,
                    "message failed; it comes again"
                );
                false
            }
            Err(Failure::Poison(why)) => {
                tracing::error!(message.id = record.message_id, why, "message is poison");
                bury(record, dead_letters).await
            }
        };
        if !handled {
            return group
                .iter()
                .skip(position)
                .filter_map(|r| r.message_id.clone())
                .collect();
        }
    }
    Vec::new()
}

/// Sends poison to the dead letters; answers whether it is gone from the queue.
async fn bury(record: &SqsMessage, dead_letters: &DeadLetters<'_>) -> bool {
    let DeadLetters::AtOnce(queues, queue) = dead_letters else {
        return false;
    };
    let body = record.body.clone().unwrap_or_default();
    let group = record
        .attributes
        .get("MessageGroupId")
        .map_or("poison", String::as_str);
    let id = record.message_id.as_deref().unwrap_or("unknown");
    match queues.send_fifo(queue, body, group, id).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(message.id = id, %error, "poison could not be sent to the dead letters");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl Handler for Recorder {
        async fn handle(&self, body: &str) -> Result<(), Failure> {
            self.0.lock().unwrap().push(body.to_owned());
            match body {
                "flaky" => Err(Failure::Transient("try again".into())),
                "poison" => Err(Failure::Poison("never".into())),
                _fine => Ok(()),
            }
        }
    }

    fn message(id: &str, group: Option<&str>, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(body.to_owned());
        if let Some(group) = group {
            message
                .attributes
                .insert("MessageGroupId".into(), group.to_owned());
        }
        message
    }

    async fn failures(records: Vec<SqsMessage>) -> (Vec<String>, Vec<String>) {
        let mut event = SqsEvent::default();
        event.records = records;
        let recorder = Recorder::default();
        let response = run_batch(event, &recorder, DeadLetters::AfterTries).await;
        let mut failed: Vec<String> = response
            .batch_item_failures
            .into_iter()
            .map(|f| f.item_identifier)
            .collect();
        failed.sort();
        let mut handled = recorder.0.into_inner().unwrap();
        handled.sort();
        (failed, handled)
    }

    #[tokio::test]
    async fn a_failure_holds_up_the_rest_of_its_own_group_only() {
        let (failed, handled) = failures(vec![
            message("1", Some("a"), "one"),
            message("2", Some("a"), "flaky"),
            message("3", Some("a"), "held up"),
            message("4", Some("b"), "other group"),
        ])
        .await;
        assert_eq!(failed, ["2", "3"]);
        assert_eq!(handled, ["flaky", "one", "other group"]);
    }

    #[tokio::test]
    async fn messages_of_a_standard_queue_fail_alone() {
        let (failed, handled) = failures(vec![
            message("1", None, "flaky"),
            message("2", None, "fine"),
        ])
        .await;
        assert_eq!(failed, ["1"]);
        assert_eq!(handled, ["fine", "flaky"]);
    }
}
