//! `pullrequest:created`, `:updated`, `:fulfilled`, `:rejected`, and comments.

use ampel_domain::{
    facts::Lifecycle,
    pulls::{ProviderEvent, PullRequestAction},
};
use serde::Deserialize;

use super::{Outcome, repository_id};
use crate::bitbucket::{
    pull_request::PullRequest,
    shape::{Lack, Repository},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    pullrequest: PullRequest<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

pub(super) fn parse(event: &str, body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let shown = &payload.pullrequest;
    let seen = seen(shown, action(event), lifecycle(event, shown)?)?;
    Ok((repository_id(payload.repository.as_ref())?, vec![seen]))
}

/// A comment came, changed or went: the pull request counts them. The documentation's samples do
/// not; they show it as it is.
pub(super) fn parse_comment(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let shown = &payload.pullrequest;
    let event = match shown.comments() {
        Some(comments) => ProviderEvent::CommentsSeen {
            number: shown.number()?,
            comments,
            at: shown.said_at(),
        },
        None => seen(shown, PullRequestAction::Other, shown.lifecycle()?)?,
    };
    Ok((repository_id(payload.repository.as_ref())?, vec![event]))
}

fn seen(
    shown: &PullRequest<'_>,
    action: PullRequestAction,
    lifecycle: Lifecycle,
) -> Result<ProviderEvent, Lack> {
    Ok(ProviderEvent::PullRequestSeen {
        action,
        report: Box::new(shown.report(lifecycle, shown.said_at())?),
    })
}

/// An update may be anything: title, draft, reviewers, destination or new commits.
fn action(event: &str) -> PullRequestAction {
    match event {
        "pullrequest:created" => PullRequestAction::Opened,
        "pullrequest:push" => PullRequestAction::HeadChanged,
        "pullrequest:fulfilled" | "pullrequest:rejected" => PullRequestAction::Closed,
        _other => PullRequestAction::Other,
    }
}

/// The end of a pull request is what its event says, whatever the state beside it is.
fn lifecycle(event: &str, shown: &PullRequest<'_>) -> Result<Lifecycle, Lack> {
    let at = shown.ended_at();
    match event {
        "pullrequest:fulfilled" => Ok(Lifecycle::Merged { at }),
        "pullrequest:rejected" => Ok(Lifecycle::Closed { at }),
        _other => shown.lifecycle(),
    }
}
