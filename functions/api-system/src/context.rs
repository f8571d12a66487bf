//! What the requests of this function work with.

use ampel_lambda_kit::{config::Env, start};
use ampel_store::Store;
use lambda_http::Error;

/// What the requests of this function work with.
#[derive(Clone)]
pub struct Context {
    /// The table.
    pub store: Store,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let aws = start::aws().await;
        Ok(Self {
            store: Store::new(start::dynamodb(&aws), table),
        })
    }
}
