//! What hooks of a whole server say of a project. A project's own hooks do not tell that it was
//! renamed, transferred, archived or deleted; reconciles see it by its id.

use ampel_domain::pulls::ProviderEvent;
use serde::Deserialize;

use super::{Outcome, shape::repository};

#[derive(Deserialize)]
struct Payload {
    project_id: u64,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload = serde_json::from_slice(body)?;
    Ok(Some((
        repository(payload.project_id),
        ProviderEvent::RepositoryChanged,
    )))
}
