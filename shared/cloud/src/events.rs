//! EventBridge: the bus that changes are published to.

use std::time::Duration;

use aws_sdk_eventbridge::{
    Client,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};

use crate::{CloudError, error::chain};

/// The most entries of one call.
const MOST_ENTRIES: usize = 10;

/// The most bytes of one call, as EventBridge counts them.
const MOST_BYTES: usize = 256 * 1024;

/// How often an entry is tried that the bus did not take.
const TRIES: u32 = 3;

/// Something to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEntry {
    /// What kind of change it is.
    pub detail_type: &'static str,
    /// Its content, as JSON.
    pub detail: String,
}

/// Publishes to one bus.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    name: String,
    source: &'static str,
}

impl Bus {
    /// The bus of this name; `source` says who publishes.
    pub fn new(client: Client, name: impl Into<String>, source: &'static str) -> Self {
        Self {
            client,
            name: name.into(),
            source,
        }
    }

    /// Publishes entries, in order, and answers for each of them: `PutEvents` takes some and
    /// leaves others. What it left is tried again a few times; an entry can arrive twice.
    pub async fn publish(&self, entries: &[BusEntry]) -> Vec<Result<(), CloudError>> {
        let mut outcomes: Vec<Result<(), CloudError>> = Vec::with_capacity(entries.len());
        for batch in self.batches(entries) {
            outcomes.extend(self.publish_batch(batch).await);
        }
        outcomes
    }

    /// Runs of entries that fit one call. One that is too large for any is alone.
    fn batches<'a>(&self, entries: &'a [BusEntry]) -> Vec<&'a [BusEntry]> {
        let mut batches = Vec::new();
        let mut rest = entries;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fitting = rest
                .iter()
                .take(MOST_ENTRIES)
                .take_while(|entry| {
                    bytes += self.size(entry);
                    bytes <= MOST_BYTES
                })
                .count();
            let (batch, after) = rest.split_at(fitting.max(1));
            batches.push(batch);
            rest = after;
        }
        batches
    }

    /// The size of an entry as EventBridge counts it.
    fn size(&self, entry: &BusEntry) -> usize {
        self.source.len() + entry.detail_type.len() + entry.detail.len()
    }

    async fn publish_batch(&self, batch: &[BusEntry]) -> Vec<Result<(), CloudError>> {
        let mut outcomes: Vec<Result<(), CloudError>> = batch.iter().map(|_| Ok(())).collect();
        let mut left: Vec<usize> = (0..batch.len()).collect();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
            }
            let entries: Vec<&BusEntry> = left.iter().filter_map(|at| batch.get(*at)).collect();
            let answers = self.put(&entries).await;
            let mut still = Vec::new();
            for (at, answer) in left.iter().zip(answers) {
                if answer.as_ref().is_err_and(CloudError::is_retryable) {
                    still.push(*at);
                }
                if let Some(outcome) = outcomes.get_mut(*at) {
                    *outcome = answer;
                }
            }
            left = still;
            if left.is_empty() {
                break;
            }
        }
        outcomes
    }

    /// One call; one answer for each entry.
    async fn put(&self, entries: &[&BusEntry]) -> Vec<Result<(), CloudError>> {
        let requests = entries.iter().map(|entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(self.source)
                .detail_type(entry.detail_type)
                .detail(&entry.detail)
                .build()
        });
        let sent = self
            .client
            .put_events()
            .set_entries(Some(requests.collect()))
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let answers = answer.entries.unwrap_or_default();
                let missing = std::iter::repeat_with(|| Err(unanswered()));
                let outcomes = answers.iter().map(outcome).chain(missing);
                outcomes.take(entries.len()).collect()
            }
            Err(error) => {
                let cause = chain(&error);
                // The call as a whole was refused for what is in it: the same will be again.
                let invalid = error.as_service_error().is_some();
                let failed = || {
                    if invalid && entries.len() == 1 {
                        CloudError::permanent(CALL, cause.clone())
                    } else {
                        CloudError::transient(CALL, cause.clone())
                    }
                };
                entries.iter().map(|_| Err(failed())).collect()
            }
        }
    }
}

const CALL: &str = "events:PutEvents";

fn outcome(answer: &PutEventsResultEntry) -> Result<(), CloudError> {
    match answer.error_code() {
        None => Ok(()),
        Some(code) => {
            let cause = format!("{code}: {}", answer.error_message().unwrap_or("no message"));
            Err(match code {
                "MalformedDetail" | "InvalidArgument" | "NotAuthorizedForSource" => {
                    CloudError::permanent(CALL, cause)
                }
                _passing => CloudError::transient(CALL, cause),
            })
        }
    }
}

fn unanswered() -> CloudError {
    CloudError::transient(CALL, "the answer has too few entries")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus() -> Bus {
        let config = aws_sdk_eventbridge::Config::builder()
            .behavior_version(aws_sdk_eventbridge::config::BehaviorVersion::latest())
            .build();
        Bus::new(Client::from_conf(config), "bus", "test")
    }

    #[test]
    fn batches_hold_ten_entries_and_a_quarter_of_a_megabyte() {
        let entry = |size| BusEntry {
            detail_type: "t",
            detail: "x".repeat(size),
        };
        let sizes = |entries: Vec<BusEntry>| -> Vec<usize> {
            bus()
                .batches(&entries)
                .iter()
                .map(|batch| batch.len())
                .collect()
        };
        assert_eq!(sizes(vec![entry(10); 25]), [10, 10, 5]);
        assert_eq!(sizes(vec![entry(100_000); 5]), [2, 2, 1]);
        assert_eq!(sizes(vec![entry(10), entry(300_000), entry(10)]), [1, 1, 1]);
        assert_eq!(sizes(vec![]), [0_usize; 0]);
    }
}
