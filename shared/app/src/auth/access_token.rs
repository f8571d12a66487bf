//! Access tokens: short-lived JWTs that name a person and an organization, and no role.

use ampel_cloud::signing_keys::SigningKeys;
use ampel_domain::ids::{OrganizationId, UserId};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What every kind of bad access token is answered with: it does not help a guesser.
const REFUSED: Refusal = Refusal::Unauthenticated("Invalid or expired access token");

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: UserId,
    pub(super) org: OrganizationId,
    iat: i64,
    exp: i64,
    typ: TokenType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenType {
    Access,
}

/// A signed access token.
pub struct AccessToken {
    /// The JWT.
    pub token: String,
    /// How long it lives.
    pub lifetime: SignedDuration,
}

/// Makes access tokens.
#[derive(Clone)]
pub struct TokenIssuer {
    keys: SigningKeys,
    lifetime: SignedDuration,
}

impl TokenIssuer {
    /// An issuer of tokens that live that long.
    #[must_use]
    pub fn new(keys: SigningKeys, lifetime: SignedDuration) -> Self {
        Self { keys, lifetime }
    }

    /// Makes a token.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when it can not be signed.
    pub async fn issue(
        &self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<AccessToken, Refusal> {
        let key = self.keys.signing(now).await;
        let claims = Claims {
            sub: user,
            org: organization,
            iat: now.as_second(),
            exp: (now + self.lifetime).as_second(),
            typ: TokenType::Access,
        };
        let header = Header {
            kid: Some(key.kid),
            ..Header::new(Algorithm::HS256)
        };
        let secret = EncodingKey::from_secret(key.key.expose().as_bytes());
        let token = jsonwebtoken::encode(&header, &claims, &secret).map_err(|error| {
            Refusal::internal(format!("an access token was not signed: {error}"))
        })?;
        Ok(AccessToken {
            token,
            lifetime: self.lifetime,
        })
    }
}

/// Checks access tokens.
#[derive(Clone)]
pub struct TokenVerifier {
    keys: SigningKeys,
}

impl TokenVerifier {
    /// A verifier that knows these keys.
    #[must_use]
    pub fn new(keys: SigningKeys) -> Self {
        Self { keys }
    }

    /// What a genuine token says that is neither expired nor of another kind.
    pub(super) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| REFUSED)?;
        let kid = header.kid.ok_or(REFUSED)?;
        let key = self.keys.verifying(&kid, now).await.ok_or(REFUSED)?;
        let secret = DecodingKey::from_secret(key.key.expose().as_bytes());
        let claims = jsonwebtoken::decode::<Claims>(token, &secret, &rules())
            .map_err(|_| REFUSED)?
            .claims;
        if claims.exp <= now.as_second() {
            return Err(REFUSED);
        }
        Ok(claims)
    }
}

/// HS256 and nothing else. The time is checked by our own clock; the claims type asks for `exp`.
fn rules() -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules
}
