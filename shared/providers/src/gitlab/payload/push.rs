//! `push`.

use ampel_domain::{facts::CommitSha, pulls::ProviderEvent};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Project, Text, repository_of, sha},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow, rename = "ref")]
    name: Text<'a>,
    #[serde(borrow)]
    after: Option<Text<'a>>,
    project_id: Option<u64>,
    #[serde(borrow)]
    project: Option<Project<'a>>,
}

/// Only branches count; a tag is nothing that a merge request goes into.
///
/// The payload does not say when it was pushed, and its commits may be of any time. What a branch
/// did to merge requests is read again where it was read before `sent_at`; a little too often,
/// since that is later than the push.
pub(super) fn parse(body: &[u8], sent_at: Option<Timestamp>) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let Some(branch) = payload.name.as_str().strip_prefix("refs/heads/") else {
        return Ok(None);
    };
    let event = ProviderEvent::BranchMoved {
        branch: branch.to_owned(),
        head: payload.head()?,
        at: Some(sent_at.ok_or(Unusable::Field("the push has no time"))?),
    };
    let repository = repository_of(payload.project.as_ref(), payload.project_id)?;
    Ok(Some((repository, event)))
}

impl Payload<'_> {
    /// Where the branch points; a deleted one is said to point to zeros.
    fn head(&self) -> Result<Option<CommitSha>, Unusable> {
        let head = sha(self.after.as_ref(), "after is no full commit hash")?;
        Ok((!head.as_str().bytes().all(|digit| digit == b'0')).then_some(head))
    }
}
