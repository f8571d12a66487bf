//! Genuine deliveries of Gitea and Forgejo: a bare digest over the payload.
//!
//! Both send every event under the names of their ancestors, too: a delivery carries GitHub's
//! headers, with a right `X-Hub-Signature-256`. Only their own are looked at. A hook without a
//! secret sends them with an empty digest.

use std::borrow::Cow;

use ampel_domain::{provider::Provider, secret::Secret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName};
use sha2::Sha256;

use crate::webhook::{Refusal, VerifiedDelivery, delivery_id, form_payload, is_form};

/// Forgejo sends both, with the same value.
const SIGNATURES: [&str; 2] = ["x-forgejo-signature", "x-gitea-signature"];
const EVENTS: [&str; 2] = ["x-forgejo-event", "x-gitea-event"];
const DELIVERIES: [&str; 2] = ["x-forgejo-delivery", "x-gitea-delivery"];
const OWN: [&str; 2] = ["x-forgejo-", "x-gitea-"];
/// What GitHub, Bitbucket and GitLab send; beside our own, only the last is foreign.
const OTHERS: [&str; 4] = ["x-github-", "x-hub-signature", "x-event-key", "x-gitlab-"];

/// Verifies a delivery of Gitea or Forgejo.
pub(crate) fn verify<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
) -> Result<VerifiedDelivery<'a>, Refusal> {
    if is_of_another(headers) {
        return Err(Refusal::OtherProvider);
    }
    let signature = SIGNATURES
        .iter()
        .find_map(|name| headers.get(*name))
        .filter(|signature| !signature.is_empty())
        .ok_or(Refusal::Unsigned)?;
    let digest = digest(signature.as_bytes()).ok_or(Refusal::WrongSignature)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let first = |names: [&str; 2]| names.into_iter().find_map(text);
    let is_form = is_form(text("content-type"), body);
    let signed = signed(body, is_form).ok_or(Refusal::WrongSignature)?;
    let secret_index = secrets
        .iter()
        .position(|secret| matches(secret, &signed, &digest))
        .ok_or(Refusal::WrongSignature)?;
    Ok(VerifiedDelivery {
        delivery_id: delivery_id(first(DELIVERIES), body),
        secret_index,
        event: first(EVENTS).unwrap_or_default().to_owned(),
        provider: Provider::Gitea,
        body,
        is_form,
        sent_at: None,
    })
}

fn is_of_another(headers: &HeaderMap) -> bool {
    let any = |prefixes: &[&str]| {
        let begins = |name: &HeaderName| prefixes.iter().any(|own| name.as_str().starts_with(own));
        headers.keys().any(begins)
    };
    any(&["x-gitlab-"]) || (!any(&OWN) && any(&OTHERS))
}

/// What is signed: the JSON, also where it is sent in a form.
fn signed(body: &[u8], is_form: bool) -> Option<Cow<'_, [u8]>> {
    if is_form {
        form_payload(body).map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(body))
    }
}

/// The digest of 64 hexadecimal digits, with nothing before them.
fn digest(signature: &[u8]) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(signature, &mut digest).ok()?;
    Some(digest)
}

/// Compares in constant time. Who signs with the empty secret has proved nothing.
fn matches(secret: &Secret<Vec<u8>>, signed: &[u8], digest: &[u8; 32]) -> bool {
    if secret.expose().is_empty() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else {
        return false;
    };
    mac.update(signed);
    mac.verify_slice(digest).is_ok()
}
