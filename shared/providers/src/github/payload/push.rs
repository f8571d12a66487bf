//! `push`.

use ampel_domain::{facts::CommitSha, pulls::ProviderEvent};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Repository, Text, sha},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow, rename = "ref")]
    name: Text<'a>,
    #[serde(borrow)]
    after: Option<Text<'a>>,
    deleted: Option<bool>,
    head_commit: Option<HeadCommit>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct HeadCommit {
    timestamp: Option<Timestamp>,
}

/// Only branches count; a tag is nothing that a pull request goes into.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let Some(branch) = payload.name.as_str().strip_prefix("refs/heads/") else {
        return Ok(None);
    };
    let event = ProviderEvent::BranchMoved {
        branch: branch.to_owned(),
        head: payload.head()?,
        at: Some(
            payload
                .moved_at()
                .ok_or(Unusable::Field("the push has no time"))?,
        ),
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

impl Payload<'_> {
    /// Where the branch points; a deleted one is said to point to zeros.
    fn head(&self) -> Result<Option<CommitSha>, Unusable> {
        if self.deleted == Some(true) {
            return Ok(None);
        }
        let head = sha(self.after.as_ref(), "after is no full commit hash")?;
        Ok((!head.as_str().bytes().all(|digit| digit == b'0')).then_some(head))
    }

    /// When GitHub took the push; the time of its last commit may be anything.
    fn moved_at(&self) -> Option<Timestamp> {
        let pushed = self.repository.pushed_at.map(|moment| moment.0);
        let committed = self
            .head_commit
            .as_ref()
            .and_then(|commit| commit.timestamp);
        pushed.or(committed)
    }
}
