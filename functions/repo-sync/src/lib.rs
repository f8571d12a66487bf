//! `sync` and `delays`: reads repositories and pull requests from their provider.

use ampel_app::{
    budget::Budgets,
    refreshes::Refreshes,
    sync::{Snapshots, Sync},
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
};
use ampel_cloud::{
    queues::{Queues, StandardQueue},
    vault::Vault,
};
use ampel_lambda_kit::{
    config::Env,
    sqs::{DeadLetters, Failure, Handler, run_batch},
    start,
};
use ampel_providers::Providers;
use ampel_store::Store;
use ampel_wire::queue::{SyncMessage, decode};
use aws_lambda_events::sqs::SqsEvent;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let sync = &sync(&env).await?;
    lambda_runtime::run(service_fn(|batch: LambdaEvent<SqsEvent>| async move {
        let millis = i64::try_from(batch.context.deadline).unwrap_or(i64::MAX);
        let deadline = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        let jobs = Jobs { sync, deadline };
        Ok::<_, Error>(run_batch(batch.payload, &jobs, DeadLetters::AfterTries).await)
    }))
    .await
}

async fn sync(env: &Env) -> Result<Sync, Error> {
    let table = env.required("TABLE_NAME")?;
    let delays = StandardQueue::new(env.required("DELAYS_QUEUE_URL")?);
    let sync_queue = StandardQueue::new(env.required("SYNC_QUEUE_URL")?);
    let key = env.required("KMS_KEY_ID")?;
    let rules = env.address_rules()?;
    let aws = start::aws().await;
    let store = Store::new(start::dynamodb(&aws), table);
    let vault = Vault::new(start::kms(&aws), key);
    let moments = start::moments();
    Ok(Sync {
        webhooks: Webhooks {
            store: store.clone(),
            vault: vault.clone(),
            public_url: PublicUrl::new(env.optional("PUBLIC_URL")),
            moments: moments.clone(),
        },
        snapshots: Snapshots {
            budgets: Budgets::new(store.clone(), moments.clone()),
            tokens: Tokens {
                store: store.clone(),
                vault,
            },
            store,
            providers: Providers::new(rules)?,
            refreshes: Refreshes {
                queues: Queues::new(start::sqs(&aws)),
                delays,
            },
            moments,
        },
        sync_queue,
    })
}

/// Handles messages of `sync` and `delays`.
#[derive(Debug)]
pub struct Jobs<'a> {
    /// What does the jobs.
    pub sync: &'a Sync,
    /// When the function has to be done.
    pub deadline: Timestamp,
}

impl Handler for Jobs<'_> {
    async fn handle(&self, body: &str) -> Result<(), Failure> {
        let message: SyncMessage =
            decode(body).map_err(|error| Failure::Poison(error.to_string()))?;
        self.sync
            .run(&message, self.deadline)
            .await
            .map_err(Failure::from)
    }
}
