//! `cleanup`: removes what an untracked repository left behind.

use std::time::{Duration, SystemTime};

use ampel_app::cleanup::Cleanup;
use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_lambda_kit::{
    config::Env,
    sqs::{DeadLetters, Failure, Handler, run_batch},
    start,
};
use ampel_store::Store;
use ampel_wire::queue::{CleanupMessage, decode};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// What is left of a call's time when no further step is begun.
const RESERVE: Duration = Duration::from_secs(20);

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let cleanup = &cleanup(&env).await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let deadline = deadline(event.context.deadline());
        Ok::<_, Error>(handle(cleanup, event.payload, deadline).await)
    }))
    .await
}

async fn cleanup(env: &Env) -> Result<Cleanup, Error> {
    let table = env.required("TABLE_NAME")?;
    let queue = StandardQueue::new(env.required("CLEANUP_QUEUE_URL")?);
    let aws = start::aws().await;
    Ok(Cleanup {
        store: Store::new(start::dynamodb(&aws), table),
        queues: Queues::new(start::sqs(&aws)),
        queue,
        moments: start::moments(),
    })
}

fn deadline(ends: SystemTime) -> Timestamp {
    let last_step = ends.checked_sub(RESERVE).unwrap_or(ends);
    Timestamp::try_from(last_step).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Handles a batch of messages; none begins a further step after `deadline`.
pub async fn handle(cleanup: &Cleanup, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    let each = Each { cleanup, deadline };
    run_batch(event, &each, DeadLetters::AfterTries).await
}

struct Each<'a> {
    cleanup: &'a Cleanup,
    deadline: Timestamp,
}

impl Handler for Each<'_> {
    async fn handle(&self, body: &str) -> Result<(), Failure> {
        let message: CleanupMessage =
            decode(body).map_err(|error| Failure::Poison(error.to_string()))?;
        Ok(self.cleanup.run(message, self.deadline).await?)
    }
}
