//! A delivery whose signature was found to be right.

use ampel_domain::provider::Provider;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Characters of a delivery id that are kept.
const DELIVERY_ID_LIMIT: usize = 128;

/// A delivery that is genuine. Only [`super::verify`] makes one.
#[derive(Clone)]
pub struct VerifiedDelivery<'a> {
    /// The provider's id of the delivery, cut at 128 characters; a hash of the body where it gave
    /// none. Not signed: it saves work and protects nothing.
    pub delivery_id: String,
    /// Which of the secrets matched, by its place in the list.
    pub secret_index: usize,
    /// The provider's word for what happened, not signed either; empty where it gave none.
    pub event: String,
    pub(crate) provider: Provider,
    pub(crate) body: &'a [u8],
    /// Whether the body is a form with the JSON in a field.
    pub(crate) is_form: bool,
    /// When it was sent, for payloads that do not say when something happened; `None` where the
    /// provider's payloads all do.
    pub(crate) sent_at: Option<Timestamp>,
}

impl std::fmt::Debug for VerifiedDelivery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifiedDelivery")
            .field("delivery_id", &self.delivery_id)
            .field("event", &self.event)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The id of a delivery: what the provider says, else a hash of the body, so that the same body
/// has the same id.
pub(crate) fn delivery_id(said: Option<&str>, body: &[u8]) -> String {
    match said.map(str::trim) {
        Some(id) if !id.is_empty() => id.chars().take(DELIVERY_ID_LIMIT).collect(),
        _none => format!("sha256-{}", hex::encode(Sha256::digest(body))),
    }
}
