//! The keys that sign access tokens, from Secrets Manager.
//!
//! The secret is JSON, `{"kid": "…", "key": "…"}`. Its version `AWSCURRENT` signs; `AWSPREVIOUS`
//! still verifies, so a rotation ends nobody's session.

use std::sync::Arc;

use ampel_domain::secret::Secret;
use aws_sdk_secretsmanager::{
    Client, error::SdkError, operation::get_secret_value::GetSecretValueError,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::RwLock;

use crate::{CloudError, error::chain};

/// The fewest characters of a key: what HS256 asks for (RFC 7518, 3.2) and A-362 too.
pub const SHORTEST_KEY: usize = 32;
/// An unknown `kid` makes the secret be read again, at most this often.
const REREAD_AT_MOST: SignedDuration = SignedDuration::from_mins(1);
/// The secret is read again when what is known is older than this, so that a rotation reaches
/// containers that only sign, and a retired key stops verifying in those that know it.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A key and its name.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its name, in the header of each token it signed.
    pub kid: String,
    /// The key.
    pub key: Arc<Secret<String>>,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeysError {
    /// Secrets Manager does not answer.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The secret is not what it must be. The text does not hold it.
    #[error("JWT_SECRET_ID names a secret that can not be used: {0}")]
    Unusable(&'static str),
}

#[derive(Deserialize)]
struct Stored {
    kid: String,
    key: String,
}

struct Keys {
    current: SigningKey,
    previous: Option<SigningKey>,
    read_at: Timestamp,
}

/// The keys that sign access tokens. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    client: Client,
    secret_id: String,
    keys: Arc<RwLock<Keys>>,
}

impl SigningKeys {
    /// Reads the keys.
    ///
    /// # Errors
    /// [`SigningKeysError`] when the secret is missing, malformed or too short.
    pub async fn load(
        client: Client,
        secret_id: impl Into<String>,
        now: Timestamp,
    ) -> Result<Self, SigningKeysError> {
        let secret_id = secret_id.into();
        let keys = read(&client, &secret_id, now).await?;
        Ok(Self {
            client,
            secret_id,
            keys: Arc::new(RwLock::new(keys)),
        })
    }

    /// The key that signs.
    pub async fn signing(&self, now: Timestamp) -> SigningKey {
        self.reread_if_older(now, FRESH_FOR).await;
        self.keys.read().await.current.clone()
    }

    /// The key of this name, if it still verifies.
    pub async fn verifying(&self, kid: &str, now: Timestamp) -> Option<SigningKey> {
        self.reread_if_older(now, FRESH_FOR).await;
        if let Some(key) = self.known(kid).await {
            return Some(key);
        }
        self.reread_if_older(now, REREAD_AT_MOST).await;
        self.known(kid).await
    }

    async fn known(&self, kid: &str) -> Option<SigningKey> {
        let keys = self.keys.read().await;
        [Some(&keys.current), keys.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.kid == kid)
            .cloned()
    }

    async fn reread_if_older(&self, now: Timestamp, age: SignedDuration) {
        let is_old = |keys: &Keys| now.duration_since(keys.read_at) >= age;
        if !is_old(&*self.keys.read().await) {
            return;
        }
        let mut keys = self.keys.write().await;
        if !is_old(&keys) {
            return;
        }
        match read(&self.client, &self.secret_id, now).await {
            Ok(read) => *keys = read,
            Err(error) => {
                // What is known goes on; the next look comes after the same wait.
                keys.read_at = now;
                tracing::warn!(%error, "signing keys could not be read again");
            }
        }
    }
}

async fn read(client: &Client, secret_id: &str, now: Timestamp) -> Result<Keys, SigningKeysError> {
    let (current, previous) = tokio::join!(
        version(client, secret_id, "AWSCURRENT"),
        version(client, secret_id, "AWSPREVIOUS"),
    );
    let current = current?.ok_or(SigningKeysError::Unusable("it has no value"))?;
    Ok(Keys {
        current,
        previous: previous?,
        read_at: now,
    })
}

async fn version(
    client: &Client,
    secret_id: &str,
    stage: &str,
) -> Result<Option<SigningKey>, SigningKeysError> {
    let answer = client
        .get_secret_value()
        .secret_id(secret_id)
        .version_stage(stage)
        .send()
        .await;
    let value = match answer {
        Ok(answer) => Secret::new(answer.secret_string.unwrap_or_default()),
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => {
            return Err(
                CloudError::transient("secretsmanager:GetSecretValue", chain(&error)).into(),
            );
        }
    };
    parse(&value).map(Some)
}

fn is_missing(error: &SdkError<GetSecretValueError>) -> bool {
    error
        .as_service_error()
        .is_some_and(GetSecretValueError::is_resource_not_found_exception)
}

fn parse(value: &Secret<String>) -> Result<SigningKey, SigningKeysError> {
    let stored: Stored = serde_json::from_str(value.expose())
        .map_err(|_| SigningKeysError::Unusable("it must be JSON with the texts kid and key"))?;
    if stored.kid.is_empty() {
        return Err(SigningKeysError::Unusable("kid must not be empty"));
    }
    if stored.key.chars().count() < SHORTEST_KEY {
        return Err(SigningKeysError::Unusable(
            "key must have at least 32 characters",
        ));
    }
    Ok(SigningKey {
        kid: stored.kid,
        key: Arc::new(Secret::new(stored.key)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(&Secret::new(text.to_owned()))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_weak_or_malformed_secret_is_refused_without_being_printed() {
        assert!(refused("hunter2hunter2").ends_with("it must be JSON with the texts kid and key"));
        let short = refused(r#"{"kid":"a","key":"short-and-secret"}"#);
        assert!(
            short.ends_with("key must have at least 32 characters") && !short.contains("short-")
        );
        assert!(refused(r#"{"kid":"","key":"0123456789abcdef0123456789abcdef"}"#).contains("kid"));
        let key = r#"{"kid":"2026-01","key":"0123456789abcdef0123456789abcdef"}"#;
        let parsed = parse(&Secret::new(key.to_owned())).unwrap();
        assert_eq!(
            (parsed.kid.as_str(), format!("{:?}", parsed.key)),
            ("2026-01", "***".into())
        );
    }
}
