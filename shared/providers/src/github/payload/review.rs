//! `pull_request_review`.

use ampel_domain::{
    facts::ReviewId,
    pulls::{ProviderEvent, ReviewReport},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    pull_request::PullRequest,
    shape::{Repository, Text, User, sha, text},
};
use crate::{
    github::words::{self, ReviewState},
    text::{REVIEW_BODY_LIMIT, cut},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    review: Review<'a>,
    #[serde(borrow)]
    pull_request: PullRequest<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

#[derive(Deserialize)]
struct Review<'a> {
    id: u64,
    #[serde(borrow)]
    user: Option<User<'a>>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    body: Option<Text<'a>>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
    #[serde(borrow)]
    commit_id: Option<Text<'a>>,
    submitted_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

pub(super) fn uses(action: Option<&str>) -> bool {
    matches!(action, Some("submitted" | "edited" | "dismissed"))
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let action = text(payload.action.as_ref());
    if !uses(action) {
        return Ok(None);
    }
    let report = payload.pull_request.report()?;
    let is_new = action == Some("submitted");
    let Some(review) = payload.review.report(is_new, report.updated_at)? else {
        return Ok(None);
    };
    let repository = payload
        .pull_request
        .repository(payload.repository.as_ref())?;
    let event = ProviderEvent::ReviewSeen {
        report: Box::new(report),
        review: Box::new(review),
    };
    Ok(Some((repository, event)))
}

impl Review<'_> {
    /// `None` for a draft, which only its author may see.
    ///
    /// Payloads before 2025 do not say when a review was updated: a new one when it was submitted,
    /// any other one when its pull request was, which a review touches.
    fn report(
        &self,
        is_new: bool,
        pull_request_updated_at: Timestamp,
    ) -> Result<Option<ReviewReport>, Unusable> {
        let opinion = match words::review_state(self.state.as_str()) {
            ReviewState::Said(opinion) => opinion,
            ReviewState::Pending => return Ok(None),
            ReviewState::Unknown => return Err(Unusable::Field("review.state is not known")),
        };
        let submitted_at = self.submitted_at.unwrap_or(pull_request_updated_at);
        let touched_at = if is_new {
            submitted_at
        } else {
            pull_request_updated_at.max(submitted_at)
        };
        let user = self.user.as_ref();
        let commit = self
            .commit_id
            .as_ref()
            .map(|id| sha(Some(id), "review.commit_id is no full commit hash"))
            .transpose()?;
        Ok(Some(ReviewReport {
            id: ReviewId::Numbered(self.id),
            reviewer: words::login(user.and_then(|user| text(user.login.as_ref()))),
            reviewer_avatar_url: words::link(user.and_then(|user| text(user.avatar_url.as_ref()))),
            opinion,
            submitted_at,
            updated_at: self.updated_at.unwrap_or(touched_at),
            commit,
            body: text(self.body.as_ref()).and_then(|body| cut(body, REVIEW_BODY_LIMIT)),
            url: words::link(text(self.html_url.as_ref())),
        }))
    }
}
