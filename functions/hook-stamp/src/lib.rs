//! `hook-stamps`: records deliveries and refusals of a hook.

use ampel_app::stamps;
use ampel_lambda_kit::{
    config::Env,
    sqs::{DeadLetters, Failure, Handler, run_batch},
    start,
};
use ampel_store::Store;
use ampel_wire::queue::{HookStampMessage, decode};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let table = env.required("TABLE_NAME")?;
    let store = &Store::new(start::dynamodb(&start::aws().await), table);
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(handle(store, event.payload).await)
    }))
    .await
}

/// Handles a batch of messages.
pub async fn handle(store: &Store, event: SqsEvent) -> SqsBatchResponse {
    run_batch(event, &Each(store), DeadLetters::AfterTries).await
}

struct Each<'a>(&'a Store);

impl Handler for Each<'_> {
    async fn handle(&self, body: &str) -> Result<(), Failure> {
        let message: HookStampMessage =
            decode(body).map_err(|error| Failure::Poison(error.to_string()))?;
        Ok(stamps::record(self.0, message).await?)
    }
}
