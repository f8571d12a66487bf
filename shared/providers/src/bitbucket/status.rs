//! Build statuses: webhooks and REST show them alike.

use ampel_domain::facts::{CheckKey, CheckReport, CommitSha};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    shape::{Commit, Lack, Text, text},
    words,
};
use crate::text::cut;

/// Bytes of a key that are kept; Bitbucket allows 40 characters.
const KEY_LIMIT: usize = 255;

/// What somebody said of a commit, under a key that reruns share.
#[derive(Deserialize)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    key: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    commit: Option<Commit<'a>>,
    created_on: Option<Timestamp>,
    updated_on: Option<Timestamp>,
}

impl Status<'_> {
    pub(super) fn sha(&self) -> Option<CommitSha> {
        words::sha(text(self.commit.as_ref()?.hash.as_ref())?)
    }

    pub(super) fn report(&self) -> Result<CheckReport, Lack> {
        let context = text(self.key.as_ref())
            .and_then(|key| cut(key, KEY_LIMIT))
            .ok_or("commit_status.key is missing")?;
        let state = text(self.state.as_ref()).ok_or("commit_status.state is missing")?;
        Ok(CheckReport {
            key: CheckKey::Status { context },
            state: words::build_state(state),
            run: 0,
            attempt: 0,
            at: self
                .updated_on
                .or(self.created_on)
                .ok_or("commit_status has no time")?,
            moved_at: None,
            status_id: None,
            url: words::link(self.url.as_ref()),
            started_at: None,
            completed_at: None,
        })
    }
}
