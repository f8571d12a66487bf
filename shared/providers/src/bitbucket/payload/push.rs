//! `repo:push`: all branches and tags of one push.

use ampel_domain::{facts::CommitSha, pulls::ProviderEvent};
use serde::Deserialize;

use super::{Outcome, repository_id};
use crate::bitbucket::{
    shape::{Lack, Repository, Text, text},
    words,
};

/// Branches of a push that are followed one by one. For more, the repository is read again.
const MOST_BRANCHES: usize = 50;

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    push: Push<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    changes: Option<Vec<Option<Change<'a>>>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    /// `null` for what was deleted.
    #[serde(borrow)]
    new: Option<Reference<'a>>,
    /// `null` for what is new.
    #[serde(borrow)]
    old: Option<Reference<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    target: Option<Target<'a>>,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(borrow)]
    hash: Option<Text<'a>>,
}

/// Only branches count; a tag is nothing that a pull request goes into.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let repository = repository_id(payload.repository.as_ref())?;
    let changes = payload.push.changes.iter().flatten().flatten();
    let branches: Vec<&Change<'_>> = changes.filter(|change| change.is_branch()).collect();
    if branches.len() > MOST_BRANCHES {
        return Err("the push has more branches than are followed".into());
    }
    let moved: Result<Vec<ProviderEvent>, Lack> = branches.into_iter().map(Change::moved).collect();
    Ok((repository, moved?))
}

impl Change<'_> {
    fn shown(&self) -> Option<&Reference<'_>> {
        self.new.as_ref().or(self.old.as_ref())
    }

    fn is_branch(&self) -> bool {
        let kind = self.shown().and_then(|shown| text(shown.kind.as_ref()));
        matches!(kind, Some("branch" | "named_branch"))
    }

    fn moved(&self) -> Result<ProviderEvent, Lack> {
        let branch = self
            .shown()
            .and_then(|shown| text(shown.name.as_ref()))
            .ok_or("push.changes.name is missing")?;
        Ok(ProviderEvent::BranchMoved {
            branch: branch.to_owned(),
            head: self.new.as_ref().map(Reference::head).transpose()?,
            // Bitbucket does not say when it was pushed, and its commits may be of any time.
            at: None,
        })
    }
}

impl Reference<'_> {
    fn head(&self) -> Result<CommitSha, Lack> {
        self.target
            .as_ref()
            .and_then(|target| words::sha(text(target.hash.as_ref())?))
            .ok_or("push.changes.new.target.hash is no commit hash")
    }
}
