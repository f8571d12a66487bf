//! Genuine deliveries of GitLab: a signature by Standard Webhooks, or the older secret token.
//!
//! Since 19.0 a webhook may have a signing token; its deliveries carry `webhook-signature`
//! (<https://www.standardwebhooks.com>). `webhook-id` and `webhook-timestamp` come without one,
//! too, so only the signature's own header tells which way a delivery proves itself. Where it is
//! there it must hold, whatever `X-Gitlab-Token` says.

use ampel_domain::{provider::Provider, secret::Secret};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, header::HeaderName};
use jiff::Timestamp;
use sha2::Sha256;

use crate::webhook::{Refusal, VerifiedDelivery, delivery_id};

const SIGNATURE: &str = "webhook-signature";
const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const TOKEN: &str = "x-gitlab-token";
const EVENT: &str = "x-gitlab-event";
/// Stays the same when a delivery is sent again; `X-Gitlab-Webhook-UUID` is the webhook's.
const DELIVERY: &str = "idempotency-key";
const FOREIGN: [&str; 5] = ["x-gitea-", "x-forgejo-", "x-github-", "x-hub-", "x-hook-"];
/// What the signing key of a secret is made for.
const OF_SIGNING: &[u8] = b"gitlab signing";
/// What the token in clear of a secret is made for.
const OF_TOKEN: &[u8] = b"gitlab token";
/// How a signing token begins.
const SIGNING_PREFIX: &str = "whsec_";
/// Seconds that a signed time may differ from ours, by the specification's advice.
const TOLERANCE: u64 = 300;
/// Signatures of one delivery that are looked at: one for each key while keys are changed.
const MOST_SIGNATURES: usize = 16;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Verifies a delivery of GitLab; `now` is compared with the time that is signed.
pub(crate) fn verify<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
    now: Timestamp,
) -> Result<VerifiedDelivery<'a>, Refusal> {
    let foreign = |name: &HeaderName| {
        FOREIGN
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
    };
    if headers.keys().any(foreign) {
        return Err(Refusal::OtherProvider);
    }
    let secret_index = match headers.get(SIGNATURE) {
        Some(signatures) => signed(headers, signatures, body, secrets, now)?,
        None => bearing_a_token(headers, secrets)?,
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Ok(VerifiedDelivery {
        delivery_id: delivery_id(text(DELIVERY).or_else(|| text(ID)), body),
        secret_index,
        event: text(EVENT).unwrap_or_default().to_owned(),
        provider: Provider::Gitlab,
        body,
        is_form: false,
        // Servers before 19 do not say; then it was sent before it was received.
        sent_at: Some(sent_at(headers).unwrap_or(now)),
    })
}

/// The signing token that is registered for a secret: itself where it is one, else one whose key
/// is made of it. GitLab takes `whsec_` and 32 bytes in base64, nothing else.
pub(super) fn signing_token(secret: &str) -> String {
    if secret.starts_with(SIGNING_PREFIX) {
        return secret.to_owned();
    }
    let key = derived(secret.as_bytes(), OF_SIGNING).unwrap_or_default();
    format!("{SIGNING_PREFIX}{}", BASE64.encode(key))
}

/// The token in clear that is registered for a secret; `None` where only a signature is to prove
/// it. Whoever sees a delivery sees this token, and can make of it neither the secret nor the key.
pub(super) fn clear_token(secret: &str) -> Option<String> {
    if is_signing_token(secret.as_bytes()) {
        return None;
    }
    derived(secret.as_bytes(), OF_TOKEN).map(hex::encode)
}

/// What is made of a secret for one purpose: not to be told from it, nor from what another has.
fn derived(secret: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
    let mac = mac(secret, &[purpose])?;
    Some(mac.finalize().into_bytes().to_vec())
}

/// Whether a secret is a signing token, so that nothing but a signature proves to know it.
pub(super) fn is_signing_token(secret: &[u8]) -> bool {
    secret.starts_with(SIGNING_PREFIX.as_bytes())
}

/// The key that [`signing_token`] stands for.
fn signing_key(secret: &[u8]) -> Option<Vec<u8>> {
    let key = match secret.strip_prefix(SIGNING_PREFIX.as_bytes()) {
        Some(encoded) => BASE64.decode(encoded).ok()?,
        None if secret.is_empty() => return None,
        None => derived(secret, OF_SIGNING)?,
    };
    (!key.is_empty()).then_some(key)
}

fn sent_at(headers: &HeaderMap) -> Option<Timestamp> {
    let seconds = headers.get(TIMESTAMP)?.to_str().ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// Which secret signed `id.timestamp.body`.
fn signed(
    headers: &HeaderMap,
    signatures: &HeaderValue,
    body: &[u8],
    secrets: &[&Secret<Vec<u8>>],
    now: Timestamp,
) -> Result<usize, Refusal> {
    let (Some(id), Some(timestamp)) = (headers.get(ID), headers.get(TIMESTAMP)) else {
        return Err(Refusal::WrongSignature);
    };
    let sent_at = sent_at(headers).ok_or(Refusal::WrongSignature)?;
    if sent_at.as_second().abs_diff(now.as_second()) > TOLERANCE {
        return Err(Refusal::WrongTime);
    }
    let digests = digests(signatures.as_bytes());
    let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let signs = |secret: &&Secret<Vec<u8>>| {
        let Some(mac) = signing_key(secret.expose()).and_then(|key| mac(&key, &content)) else {
            return false;
        };
        let holds = |digest: &[u8; 32]| mac.clone().verify_slice(digest).is_ok();
        digests.iter().any(holds)
    };
    secrets
        .iter()
        .position(signs)
        .ok_or(Refusal::WrongSignature)
}

/// The digests of `v1,<base64> v1,<base64>`; other versions are other algorithms.
fn digests(signatures: &[u8]) -> Vec<[u8; 32]> {
    signatures
        .split(|byte| *byte == b' ')
        .take(MOST_SIGNATURES)
        .filter_map(|signature| BASE64.decode(signature.strip_prefix(b"v1,")?).ok())
        .filter_map(|digest| digest.try_into().ok())
        .collect()
}

/// Which secret is the token that the delivery carries in clear.
fn bearing_a_token(headers: &HeaderMap, secrets: &[&Secret<Vec<u8>>]) -> Result<usize, Refusal> {
    let token = headers.get(TOKEN).map(HeaderValue::as_bytes);
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or(Refusal::Unsigned)?;
    if secrets
        .iter()
        .all(|secret| is_signing_token(secret.expose()))
    {
        return Err(Refusal::Unsigned);
    }
    secrets
        .iter()
        .position(|secret| is_token(secret.expose(), token))
        .ok_or(Refusal::WrongSignature)
}

/// Whether it is the token that is registered for a secret, or the secret itself as somebody wrote
/// it into a hook by hand. Compares in constant time, whatever the lengths: by what the secret
/// makes of each.
fn is_token(secret: &[u8], token: &[u8]) -> bool {
    if secret.is_empty() || is_signing_token(secret) {
        return false;
    }
    let Some(registered) = derived(secret, OF_TOKEN).map(hex::encode) else {
        return false;
    };
    let is = |wanted: &[u8]| match (mac(secret, &[wanted]), mac(secret, &[token])) {
        (Some(wanted), Some(token)) => wanted.finalize() == token.finalize(),
        (_, None) | (None, _) => false,
    };
    let (by_hand, by_us) = (is(secret), is(registered.as_bytes()));
    by_hand || by_us
}

fn mac(key: &[u8], content: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in content {
        mac.update(part);
    }
    Some(mac)
}
