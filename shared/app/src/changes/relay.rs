//! From the table's stream to the bus.

use ampel_cloud::{
    CloudError,
    events::{Bus, BusEntry},
    queues::{Queues, StandardQueue},
};
use ampel_store::pull_request_image;
use ampel_wire::change::Change;
use serde::Deserialize;
use serde_json::Value;

use super::changes;

/// A record of the stream, as it came: what can not be understood is passed on whole.
#[derive(Debug, Clone)]
pub struct Record(pub Value);

/// What is needed of a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Understood<'a> {
    #[serde(default, borrow)]
    user_identity: Option<Identity<'a>>,
    dynamodb: Images,
}

#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(rename = "type", default)]
    kind: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    #[serde(default)]
    new_image: Option<Value>,
    #[serde(default)]
    old_image: Option<Value>,
}

impl Record {
    /// Where in its shard it stands.
    fn sequence_number(&self) -> Option<&str> {
        self.0.pointer("/dynamodb/SequenceNumber")?.as_str()
    }

    /// What it changed.
    fn changes(&self) -> Result<Vec<Change>, String> {
        let record = Understood::deserialize(&self.0).map_err(|error| error.to_string())?;
        // Removals by TTL are the table's own: nobody did anything.
        let expired = record
            .user_identity
            .is_some_and(|identity| identity.kind == "Service");
        if expired {
            return Ok(Vec::new());
        }
        let image = |image: Option<Value>| match image {
            Some(image) => pull_request_image(&image).map_err(|error| error.to_string()),
            None => Ok(None),
        };
        let old = image(record.dynamodb.old_image)?;
        let new = image(record.dynamodb.new_image)?;
        Ok(changes(old.as_ref(), new.as_ref()))
    }

    fn entries(&self) -> Result<Vec<BusEntry>, String> {
        let changes = self.changes()?;
        let entry = |change: Change| {
            let detail = serde_json::to_string(&change).map_err(|error| error.to_string())?;
            Ok(BusEntry {
                detail_type: change.what.detail_type(),
                detail,
            })
        };
        changes.into_iter().map(entry).collect()
    }
}

/// Publishes what committed writes changed.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Where changes go.
    pub bus: Bus,
    /// How messages are sent.
    pub queues: Queues,
    /// Where records go that can not be published.
    pub unpublished: StandardQueue,
}

impl Relay {
    /// Publishes what the records of one shard changed, in order. A record that can not be
    /// understood, or that the bus does not take, is copied whole to its queue and does not hold
    /// up the others. Answers the sequence numbers of those that could not even be copied: they
    /// come again, with all that follow them. At least once: consumers compare versions.
    pub async fn publish(&self, records: &[Record]) -> Vec<String> {
        let problems = self.publish_all(records).await;
        let mut failed = Vec::new();
        for (record, problem) in records.iter().zip(problems) {
            let Some(why) = problem else { continue };
            if let Some(number) = self.set_aside(record, &why).await {
                failed.push(number);
            }
        }
        failed
    }

    /// Publishes the changes of all records; answers what is wrong with each, if anything is.
    async fn publish_all(&self, records: &[Record]) -> Vec<Option<String>> {
        let mut entries = Vec::new();
        let mut owners = Vec::new();
        let mut problems = vec![None; records.len()];
        for (position, (record, problem)) in records.iter().zip(&mut problems).enumerate() {
            match record.entries() {
                Ok(found) => {
                    owners.extend(found.iter().map(|_| position));
                    entries.extend(found);
                }
                Err(error) => *problem = Some(error),
            }
        }
        let outcomes = self.bus.publish(&entries).await;
        for (position, outcome) in owners.into_iter().zip(outcomes) {
            if let (Err(error), Some(problem)) = (outcome, problems.get_mut(position)) {
                *problem = Some(error.to_string());
            }
        }
        problems
    }

    /// Copies a record that was not published; answers its number when that failed, too.
    async fn set_aside(&self, record: &Record, why: &str) -> Option<String> {
        let number = record.sequence_number().unwrap_or_default();
        tracing::error!(record.number = number, why, "a record was not published");
        let error = self.copy(record).await.err()?;
        tracing::error!(record.number = number, %error, "nor could it be copied");
        Some(number.to_owned())
    }

    async fn copy(&self, record: &Record) -> Result<(), CloudError> {
        self.queues
            .send(&self.unpublished, record.0.to_string())
            .await
    }
}
