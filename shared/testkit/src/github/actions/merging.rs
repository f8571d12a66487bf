//! Merging a pull request, with GitHub's refusals.

use std::collections::BTreeMap;

use super::pulls::action;
use crate::fake::NewCommit;
use crate::fake::Problem;
use crate::github::judge::Mergeable;
use crate::github::model::{Merge, Mergeability, Pull, PullRef, Repo};
use crate::github::world::World;

/// Why a merge did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// No such pull request (404).
    #[error("there is no such pull request")]
    Missing,
    /// The expected head is not the head any more (409).
    #[error("the head was modified")]
    HeadMoved,
    /// Conflicts, a draft, a rule, already merged, a method that is not allowed (405).
    #[error("{0}")]
    NotMergeable(String),
}

impl World {
    /// Merges a pull request. With `expected`, only if that is still its head.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where GitHub would refuse.
    pub fn merge_pull(
        &mut self,
        at: PullRef,
        by: &str,
        method: &str,
        expected: Option<&str>,
    ) -> Result<String, MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        self.may_merge(repo, pull, method)?;
        if expected.is_some_and(|sha| sha != pull.head.sha) {
            return Err(MergeRefusal::HeadMoved);
        }
        self.perform_merge(at, by, method)
            .map_err(|_| MergeRefusal::Missing)
    }

    fn may_merge(&self, repo: &Repo, pull: &Pull, method: &str) -> Result<(), MergeRefusal> {
        let refuse = |why: &str| Err(MergeRefusal::NotMergeable(why.to_owned()));
        if !pull.is_open() {
            return refuse("Pull Request is not mergeable");
        }
        if repo.archived {
            return refuse("Repository was archived so is read-only.");
        }
        if pull.draft {
            return refuse("Pull Request is still a draft");
        }
        if self.true_mergeable(repo, pull) != Mergeable::Mergeable {
            return refuse("Pull Request is not mergeable");
        }
        if self.blocked(repo, pull) {
            return refuse(
                "Repository rule violations found\n\nRequired status checks or reviews are missing.",
            );
        }
        let strict = repo
            .protection(&pull.base_branch)
            .is_some_and(|rule| rule.strict);
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if strict && self.git.is_behind(&pull.head.sha, base) {
            return refuse("Head branch is out of date. Review and try the merge again.");
        }
        let allowed = match method {
            "merge" => repo.merge_methods.merge,
            "squash" => repo.merge_methods.squash,
            "rebase" => repo.merge_methods.rebase,
            _ => false,
        };
        if allowed {
            Ok(())
        } else {
            refuse(&format!(
                "{method} merges are not allowed on this repository."
            ))
        }
    }

    fn perform_merge(&mut self, at: PullRef, by: &str, method: &str) -> Result<String, Problem> {
        let by = self.ensure_user(by).login;
        let (repo, pull) = self.pull(at)?;
        let base = repo
            .head_of(&pull.base_branch)
            .unwrap_or(&pull.base_sha)
            .to_owned();
        let (head, title) = (pull.head.sha.clone(), pull.title.clone());
        let branch = pull.base_branch.clone();
        let label = format!("{}/{}", pull.head.owner, pull.head.branch);
        let (parents, message, files) = if method == "merge" {
            let message = format!("Merge pull request #{} from {label}\n\n{title}", at.number);
            (vec![base, head], message, BTreeMap::new())
        } else {
            let files = self.git.changed_files(&head, &base);
            (vec![base], format!("{title} (#{})", at.number), files)
        };
        let now = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents,
            author: &by,
            message: &message,
            at: now,
            files,
        });
        let pull = self.pull_mut(at)?;
        pull.open = false;
        pull.merged = Some(Merge {
            at: now,
            by: by.clone(),
            sha: sha.clone(),
        });
        pull.closed_at = Some(now);
        pull.updated_at = now;
        pull.mergeability = Mergeability::Known;
        pull.auto_merge = None;
        self.emit_pull(at, &by, action("closed", at))?;
        self.move_branch(at.repo, &branch, &sha, &by)?;
        Ok(sha)
    }
}
