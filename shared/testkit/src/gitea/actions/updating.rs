//! Bringing the base branch into a pull request.

use std::collections::BTreeMap;

use crate::fake::Problem;
use crate::gitea::model::{Power, PullRef};
use crate::gitea::world::World;

/// Why an update did not happen (`UpdatePullRequest` in `routers/api/v1/repo/pull.go`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateRefusal {
    /// No such pull request (404).
    #[error("not found")]
    Missing,
    /// No right to push to the head branch (403, without a body).
    #[error("")]
    Forbidden,
    /// Closed or merged (422).
    #[error("")]
    Closed,
    /// It conflicts (409).
    #[error("{0} failed because of conflict")]
    Conflict(&'static str),
    /// Nothing to do (500: Gitea takes it for a mistake of its own).
    #[error("HeadBranch of PR {0} is up to date")]
    UpToDate(u64),
}

impl World {
    /// Merges the base branch into the head, or puts the head's commits on top of it.
    ///
    /// # Errors
    /// An [`UpdateRefusal`] where Gitea would refuse.
    pub fn update_pull(
        &mut self,
        at: PullRef,
        by: &str,
        rebase: bool,
    ) -> Result<String, UpdateRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| UpdateRefusal::Missing)?;
        if !pull.is_open() {
            return Err(UpdateRefusal::Closed);
        }
        let from = self
            .repo(pull.head.repo)
            .map_err(|_| UpdateRefusal::Missing)?;
        if from.power_of(Some(by)) < Power::Write {
            return Err(UpdateRefusal::Forbidden);
        }
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if !self.git.is_behind(&pull.head.sha, base) {
            return Err(UpdateRefusal::UpToDate(at.number));
        }
        if self.conflicts(repo, pull) {
            let style = if rebase { "rebase" } else { "merge" };
            return Err(UpdateRefusal::Conflict(style));
        }
        self.perform_update(at, by, rebase)
            .map_err(|_| UpdateRefusal::Missing)
    }

    fn perform_update(&mut self, at: PullRef, by: &str, rebase: bool) -> Result<String, Problem> {
        let (repo, pull) = self.pull(at)?;
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        let (base, head) = (base.to_owned(), pull.head.sha.clone());
        let (from, branch) = (pull.head.repo, pull.head.branch.clone());
        let message = format!("Merge branch '{}' into {branch}", pull.base_branch);
        let made_of = if rebase {
            let files = self.git.changed_files(&head, &base);
            (vec![base], files)
        } else {
            (vec![head, base], BTreeMap::new())
        };
        self.commit_and_move(from, &branch, by, &message, made_of)
    }
}
