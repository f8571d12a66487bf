//! Deliveries signed as the providers sign them, for bodies that no fake made.

use ampel_domain::provider::Provider;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// A delivery to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// Who sends it.
    pub provider: Provider,
    /// The event, as the provider's header names it.
    pub event: &'a str,
    /// The delivery's id.
    pub id: &'a str,
    /// The bytes.
    pub body: &'a [u8],
}

impl Unsigned<'_> {
    /// The headers of a genuine delivery: GitLab's by Standard Webhooks with the time, and under
    /// the key that Ampel registers for a secret.
    pub fn sign(&self, secret: &str, at: Timestamp) -> Vec<(&'static str, String)> {
        let mut headers = match self.provider {
            Provider::Github => self.github(secret),
            Provider::Gitlab => self.gitlab(secret, at),
            Provider::Bitbucket => self.bitbucket(secret),
            Provider::Gitea => self.gitea(secret),
        };
        headers.push(("content-type", "application/json".to_owned()));
        headers
    }

    fn github(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("x-github-event", self.event.to_owned()),
            ("x-github-delivery", self.id.to_owned()),
            ("x-hub-signature-256", prefixed(secret, self.body)),
        ]
    }

    fn gitlab(&self, secret: &str, at: Timestamp) -> Vec<(&'static str, String)> {
        let seconds = at.as_second().to_string();
        let signed = [self.id.as_bytes(), seconds.as_bytes(), self.body].join(&b'.');
        let key = mac(secret.as_bytes(), b"gitlab signing");
        let digest = STANDARD.encode(mac(&key, &signed));
        vec![
            ("x-gitlab-event", self.event.to_owned()),
            ("idempotency-key", self.id.to_owned()),
            ("webhook-id", self.id.to_owned()),
            ("webhook-timestamp", seconds),
            ("webhook-signature", format!("v1,{digest}")),
        ]
    }

    fn bitbucket(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("x-event-key", self.event.to_owned()),
            ("x-request-uuid", self.id.to_owned()),
            ("x-attempt-number", "1".to_owned()),
            ("x-hub-signature", prefixed(secret, self.body)),
        ]
    }

    /// Gitea sends the headers of GitHub and Gogs, too.
    fn gitea(&self, secret: &str) -> Vec<(&'static str, String)> {
        let digest = hex::encode(mac(secret.as_bytes(), self.body));
        let mut headers = self.github(secret);
        headers.extend([
            ("x-gitea-event", self.event.to_owned()),
            ("x-gitea-delivery", self.id.to_owned()),
            ("x-gitea-signature", digest.clone()),
            ("x-gogs-event", self.event.to_owned()),
            ("x-gogs-signature", digest),
        ]);
        headers
    }
}

/// `sha256=` and the digest of a body in hex, as GitHub and Bitbucket write it.
pub fn prefixed(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac(secret.as_bytes(), body)))
}

/// HMAC-SHA-256.
pub fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length; an error cannot happen and would give an unverifiable mark.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        },
    )
}
