//! What the requests of this function work with.

use ampel_app::{auth::Authenticator, reading::Reading};
use ampel_lambda_kit::{api, config::Env, start};
use ampel_store::Store;
use axum::extract::FromRef;
use lambda_http::Error;

/// What the requests of this function work with.
#[derive(Clone, FromRef)]
pub struct Context {
    /// Turns access tokens into callers.
    pub authenticator: Authenticator,
    /// The table.
    pub reading: Reading,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete or the signing keys can not be read.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let aws = start::aws().await;
        let moments = start::moments();
        let store = Store::new(start::dynamodb(&aws), table);
        let authenticator = api::authenticator(env, &aws, &store, &moments).await?;
        Ok(Self {
            authenticator,
            reading: Reading { store },
        })
    }
}
