//! Listening to the event bus: what is published there lands in a queue of the test's own.

use std::time::Duration;

use aws_sdk_eventbridge::types::Target;
use serde_json::Value;

use super::{
    TestCloud,
    provision::queue_arn,
    queues::{ReceivedMessage, drain_at_least},
};

const NAME: &str = "captured-changes";

/// A change as its consumers get it.
#[derive(Clone, Debug, PartialEq)]
pub struct CapturedChange {
    /// Who published it.
    pub source: String,
    /// What kind of change it is, such as `pull_request.light_changed`.
    pub detail_type: String,
    /// Its content.
    pub detail: Value,
}

/// Collects every change published after it was made.
#[derive(Debug)]
pub struct ChangeCapture {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl TestCloud {
    /// Starts to collect what is published to the bus.
    ///
    /// # Panics
    /// When the emulator refuses.
    pub async fn capture_changes(&self) -> ChangeCapture {
        let client = aws_sdk_sqs::Client::new(self.config());
        let created = client
            .create_queue()
            .queue_name(NAME)
            .send()
            .await
            .expect("a queue for changes");
        let url = created.queue_url.expect("a created queue has a URL");
        let arn = queue_arn(&client, &url).await;
        let events = aws_sdk_eventbridge::Client::new(self.config());
        events
            .put_rule()
            .name(NAME)
            .event_bus_name(self.event_bus())
            .event_pattern(r#"{"source":[{"prefix":""}]}"#)
            .send()
            .await
            .expect("a rule for all changes");
        let target = Target::builder()
            .id(NAME)
            .arn(arn)
            .build()
            .expect("the target is complete");
        events
            .put_targets()
            .rule(NAME)
            .event_bus_name(self.event_bus())
            .targets(target)
            .send()
            .await
            .expect("a target for all changes");
        ChangeCapture { client, url }
    }
}

impl ChangeCapture {
    /// Takes what was published until now, waiting until it is at least `count` changes.
    ///
    /// # Panics
    /// When fewer came within `patience`, or when one is no event.
    pub async fn take_at_least(&self, count: usize, patience: Duration) -> Vec<CapturedChange> {
        let messages = drain_at_least(&self.client, &self.url, count, patience).await;
        messages.iter().map(change).collect()
    }
}

fn change(message: &ReceivedMessage) -> CapturedChange {
    let event: Value = serde_json::from_str(&message.body).expect("an event is JSON");
    let text = |name: &str| {
        event
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or_default()
    };
    CapturedChange {
        source: text("source"),
        detail_type: text("detail-type"),
        detail: event.get("detail").cloned().unwrap_or_default(),
    }
}
