//! `events.fifo`: applies events to pull requests and stores their lights.

use ampel_app::{recompute::Recompute, refreshes::Refreshes};
use ampel_cloud::queues::{FifoQueue, Queues, StandardQueue};
use ampel_lambda_kit::{
    config::Env,
    sqs::{DeadLetters, Failure, Handler, run_batch},
    start,
};
use ampel_store::Store;
use ampel_wire::queue::{EventMessage, decode};
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let table = env.required("TABLE_NAME")?;
    let delays = StandardQueue::new(env.required("DELAYS_QUEUE_URL")?);
    let dead_letters = &FifoQueue::new(env.required("EVENTS_DLQ_URL")?);
    let aws = start::aws().await;
    let queues = &Queues::new(start::sqs(&aws));
    let events = &Events(Recompute {
        store: Store::new(start::dynamodb(&aws), table),
        refreshes: Refreshes {
            queues: queues.clone(),
            delays,
        },
        moments: start::moments(),
    });
    lambda_runtime::run(service_fn(|batch: LambdaEvent<SqsEvent>| async move {
        let poison = DeadLetters::AtOnce(queues, dead_letters);
        Ok::<_, Error>(run_batch(batch.payload, events, poison).await)
    }))
    .await
}

/// Handles messages of `events.fifo`.
#[derive(Debug)]
pub struct Events(pub Recompute);

impl Handler for Events {
    async fn handle(&self, body: &str) -> Result<(), Failure> {
        let message: EventMessage =
            decode(body).map_err(|error| Failure::Poison(error.to_string()))?;
        self.0.apply(&message).await.map_err(Failure::from)
    }
}
