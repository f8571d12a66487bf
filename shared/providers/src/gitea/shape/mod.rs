//! What payloads and answers are made of: Gitea shows the same thing the same way in both, so one
//! shape reads it, borrowed from the body.
//!
//! Bodies come in the shapes of many years and of two projects: what is not needed may be missing,
//! `null` or unknown.

mod pull_request;

use std::borrow::Cow;

use ampel_domain::{
    facts::{CheckKey, CheckReport, CommitSha},
    provider::ProviderRepositoryId,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::words;
use crate::{ProviderError, text::check_name};

pub(super) use pull_request::PullRequest;

/// What a status without a context is called.
const NO_CONTEXT: &str = "default";

/// Why a body can not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Field(&'static str),
}

impl From<Unusable> for ProviderError {
    fn from(problem: Unusable) -> Self {
        Self::InvalidAnswer {
            why: problem.to_string(),
        }
    }
}

/// A text, borrowed from the body where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of an optional field, where there is one.
pub(super) fn text<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(Text::as_str)
}

#[derive(Deserialize)]
pub(super) struct Repository<'a> {
    pub(super) id: u64,
    #[serde(borrow)]
    pub(super) full_name: Option<Text<'a>>,
}

impl Repository<'_> {
    pub(super) fn provider_id(&self) -> ProviderRepositoryId {
        ProviderRepositoryId(self.id.to_string())
    }
}

#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) login: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) avatar_url: Option<Text<'a>>,
}

/// A commit status. Answers call its state `status`, webhooks `state`.
#[derive(Deserialize)]
pub(super) struct Status<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    context: Option<Text<'a>>,
    #[serde(borrow)]
    target_url: Option<Text<'a>>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl Status<'_> {
    pub(super) fn report(&self) -> Result<CheckReport, Unusable> {
        let state = text(self.status.as_ref())
            .or_else(|| text(self.state.as_ref()))
            .ok_or(Unusable::Field("the status has no state"))?;
        let at = self
            .updated_at
            .or(self.created_at)
            .ok_or(Unusable::Field("the status has no time"))?;
        let context = text(self.context.as_ref()).filter(|context| !context.is_empty());
        Ok(CheckReport {
            key: CheckKey::Status {
                context: check_name(context.unwrap_or(NO_CONTEXT)),
            },
            state: words::status_state(state),
            run: 0,
            attempt: 0,
            at,
            moved_at: None,
            status_id: self.id,
            url: words::link(text(self.target_url.as_ref())),
            started_at: None,
            completed_at: None,
        })
    }
}

/// A full hash.
pub(super) fn sha(text: Option<&Text<'_>>, field: &'static str) -> Result<CommitSha, Unusable> {
    text.and_then(|sha| CommitSha::whole(sha.as_str()).ok())
        .ok_or(Unusable::Field(field))
}
