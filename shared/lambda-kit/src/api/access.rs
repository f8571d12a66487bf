//! Start-up of functions that are called by people.

use ampel_app::{
    auth::{Authenticator, TokenVerifier},
    moment::Moments,
};
use ampel_cloud::signing_keys::SigningKeys;
use ampel_store::Store;
use aws_config::SdkConfig;
use lambda_http::Error;

use crate::config::Env;

/// The keys that sign access tokens: `JWT_SECRET_ID` names their secret.
///
/// # Errors
/// When the configuration is incomplete or the keys can not be read or used.
pub async fn signing_keys(
    env: &Env,
    aws: &SdkConfig,
    moments: &Moments,
) -> Result<SigningKeys, Error> {
    let secret = env.required("JWT_SECRET_ID")?;
    let client = aws_sdk_secretsmanager::Client::new(aws);
    Ok(SigningKeys::load(client, secret, moments.now()).await?)
}

/// What turns access tokens into callers, with the keys that `JWT_SECRET_ID` names.
///
/// # Errors
/// When the configuration is incomplete or the keys can not be read.
pub async fn authenticator(
    env: &Env,
    aws: &SdkConfig,
    store: &Store,
    moments: &Moments,
) -> Result<Authenticator, Error> {
    let keys = signing_keys(env, aws, moments).await?;
    Ok(Authenticator::new(
        TokenVerifier::new(keys),
        store.clone(),
        moments.clone(),
    ))
}
