//! What the requests of this function work with.

use ampel_app::{accounts::Accounts, auth::Authenticator, budget::Budgets};
use ampel_cloud::vault::Vault;
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
    pub accounts: Accounts,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete or the signing keys can not be read.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let key = env.required("KMS_KEY_ID")?;
        let rules = env.address_rules()?;
        let providers = Providers::new(rules.clone())?;
        let aws = start::aws().await;
        let moments = start::moments();
        let store = Store::new(start::dynamodb(&aws), table);
        let authenticator = api::authenticator(env, &aws, &store, &moments).await?;
        let vault = Vault::new(start::kms(&aws), key);
        let accounts = Accounts {
            budgets: Budgets::new(store.clone(), moments.clone()),
            store,
            vault,
            providers,
            rules,
            moments,
        };
        Ok(Self {
            authenticator,
            accounts,
        })
    }
}
