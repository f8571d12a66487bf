//! The table's stream: publishes committed changes to the bus.

use ampel_app::changes::{Record, Relay};
use ampel_cloud::{
    events::Bus,
    queues::{Queues, StandardQueue},
};
use ampel_lambda_kit::{config::Env, start};
use ampel_wire::change::SOURCE;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

/// What the stream hands over. Records stay as they came until each is looked at by itself, so
/// that one that can not be read holds up none of the others.
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let relay = &relay(&env).await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<StreamEvent>| async move {
        // Boxed: the compiler gives up on the layout of futures this deep.
        Ok::<_, Error>(Box::pin(handle(relay, event.payload)).await)
    }))
    .await
}

async fn relay(env: &Env) -> Result<Relay, Error> {
    let bus = env.required("EVENT_BUS_NAME")?;
    let unpublished = StandardQueue::new(env.required("CHANGES_UNPUBLISHED_QUEUE_URL")?);
    let aws = start::aws().await;
    Ok(Relay {
        bus: Bus::new(start::eventbridge(&aws), bus, SOURCE),
        queues: Queues::new(start::sqs(&aws)),
        unpublished,
    })
}

/// Handles a batch of records; answers those that come again.
pub async fn handle(relay: &Relay, event: StreamEvent) -> DynamoDbEventResponse {
    let records: Vec<Record> = event.records.into_iter().map(Record).collect();
    let mut response = DynamoDbEventResponse::default();
    for sequence_number in relay.publish(&records).await {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        response.batch_item_failures.push(failure);
    }
    response
}
