//! Passwords: Argon2id, with the parameters in one place.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use ampel_domain::secret::Secret;
use ampel_store::users::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::task::spawn_blocking;

use crate::refusal::Refusal;

/// OWASP's choice for Argon2id: 19 MiB, two passes, one lane. A hash names its own parameters, so
/// raising these changes new hashes only.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What is verified when there is no such person, so that time does not tell. Its parameters are
/// the ones above; salt and output are made up, so no password fits.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIG1l$\
    bm9ib2R5IGtub3dzIG1lLCBub2JvZHkga25vd3MgbWU";

/// Hashes passwords and verifies them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Passwords {
    computed: Arc<AtomicU64>,
}

impl Passwords {
    /// How often Argon2 was computed. Two answers that took the same number took the same time.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The hash to store of a password.
    pub(super) async fn hash(
        &self,
        password: Secret<String>,
        salt: u128,
    ) -> Result<PasswordHash, Refusal> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let hash = spawn_blocking(move || -> Result<String, String> {
            let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| e.to_string())?;
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_with_salt(password.expose().as_bytes(), &salt.to_be_bytes())
                .map(|hash| hash.to_string())
                .map_err(|e| e.to_string())
        });
        match hash.await {
            Ok(Ok(hash)) => Ok(PasswordHash::new(hash)),
            Ok(Err(why)) => Err(Refusal::internal(format!(
                "a password was not hashed: {why}"
            ))),
            Err(_) => Err(Refusal::internal("hashing a password was ended")),
        }
    }

    /// Whether a password fits. Without a hash it fits nothing and takes as long.
    pub(super) async fn fits(
        &self,
        password: Secret<String>,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, Refusal> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let known = hash.is_some();
        let hash = hash.map_or(NOBODY, PasswordHash::as_str).to_owned();
        let fits = spawn_blocking(move || {
            Argon2::default()
                .verify_password(password.expose().as_bytes(), hash.as_str())
                .is_ok()
        });
        match fits.await {
            Ok(fits) => Ok(fits && known),
            Err(_) => Err(Refusal::internal("verifying a password was ended")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::default();
        let hash = passwords.hash(password("correct horse"), 7).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            passwords
                .fits(password("correct horse"), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .fits(password("battery staple"), Some(&hash))
                .await
                .unwrap()
        );
        assert_eq!(format!("{hash:?}"), "PasswordHash(***)");
    }

    /// A made-up hash that could not be parsed would be refused at once, and time would tell.
    #[tokio::test]
    async fn nobodys_hash_costs_what_a_real_one_does() {
        let real = Passwords::default().hash(password("x"), 1).await.unwrap();
        let head = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(head(NOBODY), head(real.as_str()));
        let length = |hash: &str| hash.rsplit('$').next().map(str::len);
        assert_eq!(length(NOBODY), length(real.as_str()));
        let refused = Argon2::default().verify_password(b"x", NOBODY).unwrap_err();
        assert_eq!(refused, argon2::password_hash::Error::PasswordInvalid);
    }
}
