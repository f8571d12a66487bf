//! Genuine deliveries of GitHub: `X-Hub-Signature-256` over the raw body.

use ampel_domain::{provider::Provider, secret::Secret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, header};
use sha2::Sha256;

use crate::webhook::{Refusal, VerifiedDelivery, delivery_id, is_form};

const SIGNATURE: &str = "x-hub-signature-256";
const EVENT: &str = "x-github-event";
const DELIVERY: &str = "x-github-delivery";
/// Gitea and Forgejo send all of GitHub's headers beside their own.
const FOREIGN: [&str; 3] = ["x-gitea-", "x-forgejo-", "x-gitlab-"];

/// Verifies a delivery of GitHub. The SHA-1 signature that GitHub sends beside is never looked at.
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
        provider: Provider::Github,
        body,
        is_form: is_form(text("content-type"), body),
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
