//! `pull_request`, and `pull_request_approved`, `_rejected` and `_comment`.

use ampel_domain::{provider::ProviderRepositoryId, pulls::ProviderEvent};
use serde::Deserialize;

use super::Outcome;
use crate::gitea::{
    shape::{PullRequest, Repository, Text, Unusable, text},
    words,
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    pull_request: PullRequest<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let event = ProviderEvent::PullRequestSeen {
        action: words::action(text(payload.action.as_ref())),
        report: Box::new(payload.pull_request.report()?),
    };
    Ok(Some((payload.repository()?, event)))
}

/// The payload names neither the review nor whether it counts.
pub(super) fn parse_review(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let event = ProviderEvent::ReviewsHinted {
        report: Box::new(payload.pull_request.report()?),
    };
    Ok(Some((payload.repository()?, event)))
}

impl Payload<'_> {
    fn repository(&self) -> Result<ProviderRepositoryId, Unusable> {
        self.pull_request.repository(self.repository.as_ref())
    }
}
