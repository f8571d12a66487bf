//! Deliveries: verified over their raw bytes, then parsed into our own events.
//!
//! Nothing here reads a clock or does I/O. What differs between providers stands in their modules.

mod delivery;
mod form;
mod refusal;

use ampel_domain::{
    provider::{Provider, ProviderRepositoryId},
    pulls::ProviderEvent,
    secret::Secret,
};
use http::HeaderMap;
use jiff::Timestamp;

use crate::{bitbucket, gitea, github, gitlab};
pub use delivery::VerifiedDelivery;
pub(crate) use delivery::delivery_id;
pub(crate) use form::{form_payload, is_form};
pub use refusal::{ParseError, Refusal};

/// What a genuine delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Nothing that we use.
    Ignored {
        /// The provider's word for the event, cut at 64 characters.
        event: String,
        /// The provider's word for what was done, cut at 64 characters.
        action: Option<String>,
    },
    /// Something happened.
    Event {
        /// The repository the payload speaks of. The hook decides whose it is: an event about
        /// another repository than the hook's is not used.
        repository: ProviderRepositoryId,
        /// What happened.
        event: ProviderEvent,
    },
    /// Several things happened at once: Bitbucket tells of all branches of a push in one delivery.
    Several {
        /// The repository the payload speaks of.
        repository: ProviderRepositoryId,
        /// What happened, at least two.
        events: Vec<ProviderEvent>,
    },
}

/// Verifies a delivery to a hook of `provider`. `secrets` are the hook's, the one in force first;
/// an empty secret verifies nothing. `now` is for
/// deliveries whose time is signed, as GitLab's are.
///
/// # Errors
/// [`Refusal`]; nothing of the delivery may be used then.
pub fn verify<'a>(
    provider: Provider,
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
    now: Timestamp,
) -> Result<VerifiedDelivery<'a>, Refusal> {
    match provider {
        Provider::Github => github::verify(headers, body, secrets),
        Provider::Gitlab => gitlab::verify(headers, body, secrets, now),
        Provider::Bitbucket => bitbucket::verify(headers, body, secrets),
        Provider::Gitea => gitea::verify(headers, body, secrets),
    }
}

/// Turns a genuine delivery into our own event.
///
/// # Errors
/// [`ParseError`]: not JSON, or an event we use in a shape we can not use.
pub fn parse(delivery: &VerifiedDelivery<'_>) -> Result<Parsed, ParseError> {
    match delivery.provider {
        Provider::Github => github::parse(delivery),
        Provider::Gitlab => gitlab::parse(delivery),
        Provider::Bitbucket => bitbucket::parse(delivery),
        Provider::Gitea => gitea::parse(delivery),
    }
}
