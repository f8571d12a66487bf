//! What the requests of this function work with.

use ampel_app::{
    auth::Authenticator,
    budget::Budgets,
    reading::{Reading, Refresh},
    refreshes::Refreshes,
    sync::Snapshots,
    tokens::Tokens,
};
use ampel_cloud::{
    queues::{Queues, StandardQueue},
    vault::Vault,
};
use ampel_lambda_kit::{api, config::Env, start};
use ampel_providers::Providers;
use ampel_store::Store;
use axum::extract::FromRef;
use lambda_http::Error;

/// What the requests of this function work with.
#[derive(Clone, FromRef)]
pub struct Context {
    /// Turns access tokens into callers.
    pub authenticator: Authenticator,
    /// Reads the table.
    pub reading: Reading,
    /// Reads the provider while somebody waits.
    pub refresh: Refresh,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete or the signing keys can not be read.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let delays = StandardQueue::new(env.required("DELAYS_QUEUE_URL")?);
        let key = env.required("KMS_KEY_ID")?;
        let providers = Providers::new(env.address_rules()?)?;
        let aws = start::aws().await;
        let moments = start::moments();
        let store = Store::new(start::dynamodb(&aws), table);
        let authenticator = api::authenticator(env, &aws, &store, &moments).await?;
        let vault = Vault::new(start::kms(&aws), key);
        let tokens = Tokens {
            store: store.clone(),
            vault,
        };
        let queues = Queues::new(start::sqs(&aws));
        let snapshots = Snapshots {
            store: store.clone(),
            providers,
            tokens,
            budgets: Budgets::new(store.clone(), moments.clone()),
            refreshes: Refreshes { queues, delays },
            moments,
        };
        let reading = Reading { store };
        Ok(Self {
            authenticator,
            reading: reading.clone(),
            refresh: Refresh { reading, snapshots },
        })
    }
}
