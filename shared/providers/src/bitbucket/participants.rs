//! Participants of a pull request: Bitbucket keeps one opinion per person and no reviews.

use ampel_domain::{
    facts::{Opinion, ReviewId},
    provider::ProviderUserId,
    pulls::ReviewReport,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    shape::{Lack, Text, User, text},
    words,
};

/// A person who reviews, or said something.
#[derive(Deserialize)]
pub(super) struct Participant<'a> {
    /// Not there in the samples of the documentation.
    #[serde(borrow)]
    pub(super) user: Option<User<'a>>,
    approved: Option<bool>,
    /// `approved`, `changes_requested` or `null`; payloads before 2021 have `approved` alone.
    #[serde(borrow)]
    state: Option<Text<'a>>,
    /// When they last did something. It goes back when an approval is taken back, so it says when
    /// an opinion was given, never which of two is the newer one.
    participated_on: Option<Timestamp>,
}

impl Participant<'_> {
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.participated_on
    }

    pub(super) fn user_id(&self) -> Option<&str> {
        words::user_id(self.user.as_ref()?)
    }

    /// Their opinion; `None` for one who has none. Somebody may approve and request changes: then
    /// the request counts.
    pub(super) fn opinion(&self) -> Result<Option<Opinion>, Lack> {
        match text(self.state.as_ref()) {
            Some("changes_requested") => Ok(Some(Opinion::ChangesRequested)),
            Some("approved") => Ok(Some(Opinion::Approved)),
            Some("") | None => Ok(self.approved.unwrap_or(false).then_some(Opinion::Approved)),
            Some(_unknown) => Err("participants.state is not known"),
        }
    }

    pub(super) fn has_answered(&self) -> bool {
        !matches!(self.opinion(), Ok(None))
    }

    /// Who thinks what; nothing for one without an opinion.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let word = match self.opinion() {
            Ok(None) => return None,
            Ok(Some(opinion)) => opinion.as_str(),
            Err(_) => "unknown",
        };
        Some(format!("{}={word}", self.user_id().unwrap_or("-")))
    }

    /// Their opinion as a review, said at `said_at`; `None` for one who has none.
    pub(super) fn review(&self, said_at: Timestamp) -> Result<Option<ReviewReport>, Lack> {
        let Some(opinion) = self.opinion()? else {
            return Ok(None);
        };
        let user = self.user.as_ref().ok_or("participants.user is missing")?;
        let given_at = self.participated_on.unwrap_or(said_at);
        review(user, opinion, given_at, said_at).map(Some)
    }
}

/// The opinion that a person holds.
///
/// `said_at` is when the pull request was shown with it: taken back, an opinion has no time of its
/// own.
pub(super) fn review(
    user: &User<'_>,
    opinion: Opinion,
    given_at: Timestamp,
    said_at: Timestamp,
) -> Result<ReviewReport, Lack> {
    let id = words::user_id(user).ok_or("the reviewer has neither a uuid nor an account_id")?;
    Ok(ReviewReport {
        id: ReviewId::Held(ProviderUserId(id.to_owned())),
        reviewer: words::login(Some(user)),
        reviewer_avatar_url: words::link(user.avatar()),
        opinion,
        submitted_at: given_at,
        updated_at: said_at,
        commit: None,
        body: None,
        url: None,
    })
}
