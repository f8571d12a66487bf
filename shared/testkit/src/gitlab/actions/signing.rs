//! The headers of a delivery: legacy token, and signature by Standard Webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::{gitlab::model::Hook, signing::mac};

/// What names one delivery.
pub(super) struct Envelope<'a> {
    /// `X-Gitlab-Event`.
    pub(super) event: &'a str,
    /// `X-Gitlab-Event-UUID`: the same for all hooks of one event.
    pub(super) event_uuid: &'a str,
    /// `Idempotency-Key` and `webhook-id`: the same when it is sent again.
    pub(super) key: &'a str,
    /// Where this GitLab is.
    pub(super) instance: &'a str,
    /// Its version, for the user agent.
    pub(super) version: &'a str,
    /// When it is sent.
    pub(super) at: Timestamp,
}

/// All request headers. `webhook-id` and `webhook-timestamp` are there even without a signature.
pub(super) fn headers(hook: &Hook, envelope: &Envelope<'_>, body: &str) -> Vec<(String, String)> {
    let seconds = envelope.at.as_second().to_string();
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", format!("GitLab/{}", envelope.version)),
        ("idempotency-key", envelope.key.to_owned()),
        ("x-gitlab-event", envelope.event.to_owned()),
        ("x-gitlab-webhook-uuid", hook.uuid.clone()),
        ("x-gitlab-instance", envelope.instance.to_owned()),
        ("x-gitlab-event-uuid", envelope.event_uuid.to_owned()),
        ("webhook-id", envelope.key.to_owned()),
        ("webhook-timestamp", seconds.clone()),
    ];
    if let Some(token) = &hook.token {
        headers.push(("x-gitlab-token", token.clone()));
    }
    if let Some(key) = hook.signing_token.as_deref().and_then(signing_key) {
        let signed = format!("{}.{seconds}.{body}", envelope.key);
        headers.push((
            "webhook-signature",
            format!("v1,{}", STANDARD.encode(mac(&key, signed.as_bytes()))),
        ));
    }
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The 32 bytes of a `whsec_` token.
pub(in crate::gitlab) fn signing_key(token: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(token.strip_prefix("whsec_")?).ok()?;
    (key.len() == 32).then_some(key)
}
