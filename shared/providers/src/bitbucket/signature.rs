//! Genuine deliveries of Bitbucket: `X-Hub-Signature`, which is SHA-256 here, over the raw body
//! (support.atlassian.com, "Manage webhooks").

use ampel_domain::{provider::Provider, secret::Secret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, header};
use sha2::Sha256;

use crate::webhook::{Refusal, VerifiedDelivery, delivery_id};

const SIGNATURE: &str = "x-hub-signature";
const EVENT: &str = "x-event-key";
/// The same over all attempts to deliver one event.
const DELIVERY: &str = "x-request-uuid";
/// GitHub, Gitea and Forgejo send an `X-Hub-Signature`, too.
const FOREIGN: [&str; 4] = ["x-github-", "x-gitea-", "x-forgejo-", "x-gitlab-"];

/// Verifies a delivery of Bitbucket. Without a secret it is not signed at all, and not taken.
pub(crate) fn verify<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
) -> Result<VerifiedDelivery<'a>, Refusal> {
    let foreign = |name: &header::HeaderName| {
        FOREIGN
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
    };
    if headers.keys().any(foreign) {
        return Err(Refusal::OtherProvider);
    }
    let signature = headers.get(SIGNATURE).ok_or(Refusal::Unsigned)?;
    let digest = digest(signature.as_bytes()).ok_or(Refusal::WrongSignature)?;
    let secret_index = secrets
        .iter()
        .position(|secret| matches(secret, body, &digest))
        .ok_or(Refusal::WrongSignature)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Ok(VerifiedDelivery {
        delivery_id: delivery_id(text(DELIVERY), body),
        secret_index,
        event: text(EVENT).unwrap_or_default().to_owned(),
        provider: Provider::Bitbucket,
        body,
        is_form: false,
        sent_at: None,
    })
}

/// The digest of `sha256=<64 hexadecimal digits>`.
fn digest(signature: &[u8]) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(signature.strip_prefix(b"sha256=")?, &mut digest).ok()?;
    Some(digest)
}

/// Compares in constant time. Who signs with the empty secret has proved nothing.
fn matches(secret: &Secret<Vec<u8>>, body: &[u8], digest: &[u8; 32]) -> bool {
    if secret.expose().is_empty() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(digest).is_ok()
}
