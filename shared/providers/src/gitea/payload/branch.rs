//! `push` and `delete`.

use ampel_domain::{facts::CommitSha, pulls::ProviderEvent};
use serde::Deserialize;

use super::Outcome;
use crate::gitea::shape::{Repository, Text, Unusable, sha, text};

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow, rename = "ref")]
    name: Text<'a>,
    #[serde(borrow)]
    after: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Deletion<'a> {
    #[serde(borrow, rename = "ref")]
    name: Text<'a>,
    #[serde(borrow)]
    ref_type: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

/// Only branches count; a tag is nothing that a pull request goes into.
///
/// Neither payload says when the branch moved: the repository's `updated_at` in it is from before,
/// and the time of a commit may be anything.
pub(super) fn parse_push(body: &[u8]) -> Outcome {
    let payload: Push<'_> = serde_json::from_slice(body)?;
    let Some(branch) = payload.name.as_str().strip_prefix("refs/heads/") else {
        return Ok(None);
    };
    let event = ProviderEvent::BranchMoved {
        branch: branch.to_owned(),
        head: payload.head()?,
        at: None,
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

pub(super) fn parse_deletion(body: &[u8]) -> Outcome {
    let payload: Deletion<'_> = serde_json::from_slice(body)?;
    if text(payload.ref_type.as_ref()) != Some("branch") {
        return Ok(None);
    }
    let event = ProviderEvent::BranchMoved {
        branch: payload.name.as_str().to_owned(),
        head: None,
        at: None,
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

impl Push<'_> {
    /// Where the branch points; a deleted one is said to point to zeros.
    fn head(&self) -> Result<Option<CommitSha>, Unusable> {
        let head = sha(self.after.as_ref(), "after is no full commit hash")?;
        Ok((!head.as_str().bytes().all(|digit| digit == b'0')).then_some(head))
    }
}
