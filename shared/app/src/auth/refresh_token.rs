//! Refresh tokens: opaque to whoever holds one, and stored as a hash only.

use ampel_domain::{
    ids::{SessionId, UserId},
    secret::Secret,
    sessions::TokenHash,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::moment::Moments;

/// A refresh token: where its session is, and 256 random bits.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    secret: Secret<[u8; 32]>,
}

impl RefreshToken {
    /// A new token of a session.
    pub(super) fn new(user: UserId, session: SessionId, moments: &Moments) -> Self {
        let mut secret = [0; 32];
        let (high, low) = secret.split_at_mut(16);
        high.copy_from_slice(&moments.random().to_be_bytes());
        low.copy_from_slice(&moments.random().to_be_bytes());
        Self {
            user,
            session,
            secret: Secret::new(secret),
        }
    }

    /// Reads a token out of a cookie; `None` for anything that never was one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (ids, secret) = bytes.split_at(32);
        let (user, session) = ids.split_at(16);
        Some(Self {
            user: Uuid::from_slice(user).ok()?.to_string().parse().ok()?,
            session: Uuid::from_slice(session).ok()?.to_string().parse().ok()?,
            secret: Secret::new(secret.try_into().ok()?),
        })
    }

    /// The text of the cookie.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(self.user.as_uuid().as_bytes());
        bytes.extend_from_slice(self.session.as_uuid().as_bytes());
        bytes.extend_from_slice(self.secret.expose());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> TokenHash {
        TokenHash(hex::encode(Sha256::digest(self.secret.expose())))
    }
}

#[cfg(test)]
mod tests {
    use ampel_domain::ids::IdSeed;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_token_survives_the_cookie_and_does_not_print() {
        let seed = IdSeed {
            unix_millis: 5,
            random: 6,
        };
        let moments = Moments::new(|| Timestamp::UNIX_EPOCH, || 42);
        let token = RefreshToken::new(UserId::new(seed), SessionId::new(seed), &moments);
        let again = RefreshToken::parse(&token.reveal()).unwrap();
        assert_eq!(
            (again.user, again.session, again.hash()),
            (token.user, token.session, token.hash())
        );
        assert!(format!("{token:?}").contains("***"));
        for wrong in [
            "",
            "x",
            "not base64 !",
            &token.reveal()[1..],
            &"A".repeat(87),
        ] {
            assert!(RefreshToken::parse(wrong).is_none());
        }
    }
}
