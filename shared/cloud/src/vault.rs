//! KMS: secrets are sealed for one organization, record and purpose.
//!
//! The context a value was sealed under is authenticated: a ciphertext that was copied into
//! another organization or record does not open there. KMS encrypts with AES-256-GCM.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use ampel_domain::{
    ids::OrganizationId,
    secret::{SealPurpose, Sealed, Secret},
};
use aws_sdk_kms::{Client, primitives::Blob};
use jiff::{SignedDuration, Timestamp};

use crate::{CloudError, error::chain};

/// How long an opened value is remembered.
pub const OPENED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How many opened values are remembered.
const MOST_OPENED: usize = 512;

/// Seals and opens secrets. Cheap to clone; clones share what they opened.
#[derive(Clone)]
pub struct Vault {
    client: Client,
    key_id: String,
    opened: Arc<Mutex<Opened>>,
}

impl Vault {
    /// A vault that seals with this key.
    pub fn new(client: Client, key_id: impl Into<String>) -> Self {
        Self {
            client,
            key_id: key_id.into(),
            opened: Arc::default(),
        }
    }

    /// Seals a value of at most 4096 bytes for one organization, record and purpose.
    ///
    /// # Errors
    /// [`CloudError`] when KMS did not.
    pub async fn seal(
        &self,
        organization: OrganizationId,
        record: &str,
        purpose: SealPurpose,
        clear: &Secret<String>,
    ) -> Result<Sealed, CloudError> {
        let answer = self
            .client
            .encrypt()
            .key_id(&self.key_id)
            .set_encryption_context(Some(encryption_context(organization, record, purpose)))
            .plaintext(Blob::new(clear.expose().as_bytes()))
            .send()
            .await
            .map_err(|error| CloudError::transient("kms:Encrypt", chain(&error)))?;
        answer
            .ciphertext_blob
            .map(|blob| Sealed::new(blob.into_inner()))
            .ok_or_else(|| CloudError::permanent("kms:Encrypt", "the answer has no ciphertext"))
    }

    /// Opens a value under the context it was sealed under. What was opened in the last five
    /// minutes is answered from memory.
    ///
    /// # Errors
    /// [`CloudError`]; permanent when it was sealed under another context or is no ciphertext.
    pub async fn open(
        &self,
        organization: OrganizationId,
        record: &str,
        purpose: SealPurpose,
        sealed: &Sealed,
    ) -> Result<Secret<String>, CloudError> {
        let key = OpenedKey {
            organization,
            record: record.to_owned(),
            purpose,
            ciphertext: sealed.ciphertext().to_vec(),
        };
        if let Some(clear) = self.lock().get(&key, Timestamp::now()) {
            return Ok(clear);
        }
        let context = encryption_context(organization, record, purpose);
        let clear = self.decrypt(context, sealed).await?;
        self.lock().keep(key, clear.clone(), Timestamp::now());
        Ok(clear)
    }

    async fn decrypt(
        &self,
        context: HashMap<String, String>,
        sealed: &Sealed,
    ) -> Result<Secret<String>, CloudError> {
        let answer = self
            .client
            .decrypt()
            .key_id(&self.key_id)
            .set_encryption_context(Some(context))
            .ciphertext_blob(Blob::new(sealed.ciphertext()))
            .send()
            .await
            .map_err(|error| {
                let refused = error.as_service_error().is_some_and(|e| {
                    e.is_invalid_ciphertext_exception() || e.is_incorrect_key_exception()
                });
                if refused {
                    CloudError::permanent("kms:Decrypt", chain(&error))
                } else {
                    CloudError::transient("kms:Decrypt", chain(&error))
                }
            })?;
        answer
            .plaintext
            .and_then(|blob| String::from_utf8(blob.into_inner()).ok())
            .map(Secret::new)
            .ok_or_else(|| CloudError::permanent("kms:Decrypt", "the answer is no text"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Opened> {
        // The memory is only a shortcut: what a panicking thread left in it is still right.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn encryption_context(
    organization: OrganizationId,
    record: &str,
    purpose: SealPurpose,
) -> HashMap<String, String> {
    HashMap::from([
        ("organization".to_owned(), organization.to_string()),
        ("record".to_owned(), record.to_owned()),
        ("purpose".to_owned(), purpose.as_str().to_owned()),
    ])
}

/// What was opened, under which context: a value is answered only where KMS would answer it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct OpenedKey {
    organization: OrganizationId,
    record: String,
    purpose: SealPurpose,
    ciphertext: Vec<u8>,
}

#[derive(Default)]
struct Opened {
    values: BTreeMap<OpenedKey, (Timestamp, Secret<String>)>,
    /// Keys in the order they were kept, oldest first.
    order: VecDeque<OpenedKey>,
}

impl Opened {
    fn get(&mut self, key: &OpenedKey, now: Timestamp) -> Option<Secret<String>> {
        self.forget_old(now);
        self.values.get(key).map(|(_, clear)| clear.clone())
    }

    fn keep(&mut self, key: OpenedKey, clear: Secret<String>, now: Timestamp) {
        if self.values.insert(key.clone(), (now, clear)).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > MOST_OPENED {
            self.forget_oldest();
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some(oldest) = self.order.front() {
            let fresh = self
                .values
                .get(oldest)
                .is_some_and(|(at, _)| now.duration_since(*at) < OPENED_FOR);
            if fresh {
                break;
            }
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(key) = self.order.pop_front() {
            self.values.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> OpenedKey {
        OpenedKey {
            organization: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            record: n.to_string(),
            purpose: SealPurpose::AccountToken,
            ciphertext: vec![],
        }
    }

    #[test]
    fn opened_values_are_forgotten_by_time_and_number() {
        let start = Timestamp::UNIX_EPOCH;
        let clear = Secret::new("x".to_owned());
        let mut opened = Opened::default();
        opened.keep(key(0), clear.clone(), start);
        assert!(
            opened
                .get(&key(0), start + SignedDuration::from_secs(299))
                .is_some()
        );
        assert!(opened.get(&key(0), start + OPENED_FOR).is_none());
        for n in 0..600 {
            opened.keep(key(n), clear.clone(), start);
        }
        assert_eq!(
            (opened.values.len(), opened.order.len()),
            (MOST_OPENED, MOST_OPENED)
        );
        assert!(opened.get(&key(0), start).is_none() && opened.get(&key(599), start).is_some());
    }
}
