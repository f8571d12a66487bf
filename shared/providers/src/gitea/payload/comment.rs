//! `issue_comment`, of which those on pull requests are used.

use ampel_domain::{ids::PullRequestNumber, pulls::ProviderEvent};
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

use super::Outcome;
use crate::gitea::shape::{Repository, Unusable};

#[derive(Deserialize)]
struct Payload<'a> {
    issue: Issue,
    is_pull: Option<bool>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Issue {
    number: u32,
    comments: Option<u32>,
    updated_at: Option<Timestamp>,
    pull_request: Option<IgnoredAny>,
}

/// The count of a new comment's delivery may lack that comment: the next reconcile, which sees a
/// later `updated_at`, puts it right.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let issue = &payload.issue;
    if payload.is_pull != Some(true) && issue.pull_request.is_none() {
        return Ok(None);
    }
    let event = ProviderEvent::CommentsSeen {
        number: PullRequestNumber::new(issue.number)
            .ok_or(Unusable::Field("issue.number is zero"))?,
        comments: issue
            .comments
            .ok_or(Unusable::Field("issue.comments is missing"))?,
        at: issue
            .updated_at
            .ok_or(Unusable::Field("issue has no time"))?,
    };
    Ok(Some((payload.repository.provider_id(), event)))
}
