//! `issue_comment`: the conversation of an issue or pull request.

use ampel_domain::{ids::PullRequestNumber, pulls::ProviderEvent};
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    Outcome, Unusable,
    shape::{Repository, Text, text},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    issue: Issue,
    comment: Option<Comment>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Issue {
    number: u32,
    /// Only where the issue is a pull request.
    pull_request: Option<IgnoredAny>,
    updated_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Comment {
    updated_at: Option<Timestamp>,
    created_at: Option<Timestamp>,
}

pub(super) fn uses(action: Option<&str>) -> bool {
    matches!(action, Some("created" | "deleted"))
}

/// The payload counts the comments as they were before (the first comment of an issue comes with a
/// count of 0, the deletion of the last one with 1), and nothing documents that it always does. So
/// it tells that the count changed and not what it is.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    if !uses(text(payload.action.as_ref())) || payload.issue.pull_request.is_none() {
        return Ok(None);
    }
    let number = PullRequestNumber::new(payload.issue.number)
        .ok_or(Unusable::Field("issue.number is zero"))?;
    let event = ProviderEvent::PullRequestHinted {
        number,
        at: payload
            .moved_at()
            .ok_or(Unusable::Field("the comment has no time"))?,
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

impl Payload<'_> {
    /// A comment moves what it is on; the times of a deleted one are older than its deletion.
    fn moved_at(&self) -> Option<Timestamp> {
        let comment = self.comment.as_ref();
        let commented = comment.and_then(|comment| comment.updated_at.or(comment.created_at));
        self.issue.updated_at.max(commented)
    }
}
