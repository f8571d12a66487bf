//! `repository`. Nothing is sent for a rename, a transfer or an archiving: the reconcile, which
//! asks by id, follows those.

use ampel_domain::pulls::ProviderEvent;
use serde::Deserialize;

use super::Outcome;
use crate::gitea::shape::{Repository, Text, text};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

/// A new one is not tracked yet.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    if text(payload.action.as_ref()) == Some("created") {
        return Ok(None);
    }
    let event = ProviderEvent::RepositoryChanged;
    Ok(Some((payload.repository.provider_id(), event)))
}
