//! Every minute: finds due work and queues it.

use ampel_app::{error::AppError, schedule::Schedule};
use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_lambda_kit::{config::Env, start};
use ampel_store::Store;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let schedule = &schedule(&env).await?;
    lambda_runtime::run(service_fn(|_event: LambdaEvent<Value>| async move {
        handle(schedule).await.map_err(Error::from)
    }))
    .await
}

async fn schedule(env: &Env) -> Result<Schedule, Error> {
    let table = env.required("TABLE_NAME")?;
    let sync = StandardQueue::new(env.required("SYNC_QUEUE_URL")?);
    let aws = start::aws().await;
    Ok(Schedule {
        store: Store::new(start::dynamodb(&aws), table),
        queues: Queues::new(start::sqs(&aws)),
        sync,
        moments: start::moments(),
    })
}

/// Handles one tick; what it is woken with says nothing.
///
/// # Errors
/// When due work can not be read.
pub async fn handle(schedule: &Schedule) -> Result<(), AppError> {
    let ticked = schedule.tick().await?;
    tracing::info!(
        tick.queued = ticked.queued,
        tick.failed = ticked.failed,
        "due reconciles were queued"
    );
    Ok(())
}
