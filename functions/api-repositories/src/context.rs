//! What the requests of this function work with.

use ampel_app::{
    auth::Authenticator,
    budget::Budgets,
    repositories::Repositories,
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
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
    /// The use cases.
    pub repositories: Repositories,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete or the signing keys can not be read.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let sync_queue = StandardQueue::new(env.required("SYNC_QUEUE_URL")?);
        let cleanup_queue = StandardQueue::new(env.required("CLEANUP_QUEUE_URL")?);
        let key = env.required("KMS_KEY_ID")?;
        let public_url = PublicUrl::new(env.optional("PUBLIC_URL"));
        let providers = Providers::new(env.address_rules()?)?;
        let aws = start::aws().await;
        let moments = start::moments();
        let store = Store::new(start::dynamodb(&aws), table);
        let authenticator = api::authenticator(env, &aws, &store, &moments).await?;
        let vault = Vault::new(start::kms(&aws), key);
        let webhooks = Webhooks {
            store: store.clone(),
            vault: vault.clone(),
            public_url,
            moments: moments.clone(),
        };
        let tokens = Tokens {
            store: store.clone(),
            vault,
        };
        let repositories = Repositories {
            budgets: Budgets::new(store.clone(), moments.clone()),
            store,
            providers,
            tokens,
            queues: Queues::new(start::sqs(&aws)),
            sync_queue,
            cleanup_queue,
            webhooks,
            moments,
        };
        Ok(Self {
            authenticator,
            repositories,
        })
    }
}
