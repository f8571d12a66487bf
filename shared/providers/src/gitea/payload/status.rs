//! `status`, which newer versions of Gitea send and Forgejo does not.

use ampel_domain::pulls::ProviderEvent;
use serde::Deserialize;

use super::Outcome;
use crate::gitea::shape::{Repository, Status, Text, sha};

#[derive(Deserialize)]
struct Where<'a> {
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let of: Where<'_> = serde_json::from_slice(body)?;
    let status: Status<'_> = serde_json::from_slice(body)?;
    let event = ProviderEvent::CheckSeen {
        pull_request: None,
        sha: sha(of.sha.as_ref(), "sha is no full commit hash")?,
        check: Box::new(status.report()?),
    };
    Ok(Some((of.repository.provider_id(), event)))
}
