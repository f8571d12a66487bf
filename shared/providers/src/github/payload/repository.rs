//! `repository`: what becomes of the repository itself.

use ampel_domain::pulls::ProviderEvent;
use serde::Deserialize;

use super::{
    Outcome,
    shape::{Repository, Text, text},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

/// Another description or default branch (`edited`) changes nothing that is kept of it until the
/// next reconcile, and a created one has no webhook yet.
pub(super) fn uses(action: Option<&str>) -> bool {
    matches!(
        action,
        Some(
            "renamed"
                | "transferred"
                | "archived"
                | "unarchived"
                | "deleted"
                | "privatized"
                | "publicized"
        )
    )
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    if !uses(text(payload.action.as_ref())) {
        return Ok(None);
    }
    let repository = payload.repository.provider_id();
    Ok(Some((repository, ProviderEvent::RepositoryChanged)))
}
