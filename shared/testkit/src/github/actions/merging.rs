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
        if pull.is_open() && expected.is_some_and(|sha| sha != pull.head.sha) {
            return Err(MergeRefusal::HeadMoved);
        }
        self.may_merge(repo, pull, method)?;
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
        if repo
            .protection(&pull.base_branch)
            .is_some_and(|rule| rule.merge_queue)
        {
            return refuse("Changes must be made through the merge queue");
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
        let rule = repo.protection(&pull.base_branch);
        if method == "merge" && rule.is_some_and(|rule| rule.linear) {
            return refuse("This branch must not contain merge commits.");
        }
        let (allowed, name) = match method {
            "merge" => (repo.merge_methods.merge, "Merge commits"),
            "squash" => (repo.merge_methods.squash, "Squash merges"),
            "rebase" => (repo.merge_methods.rebase, "Rebase merges"),
            _ => (false, "Other merges"),
        };
        if allowed {
            Ok(())
        } else {
            refuse(&format!("{name} are not allowed on this repository."))
        }
    }

    /// Merges the base branch into the head, by a commit on the head's branch. With `expected`, only
    /// if that is still the head.
    ///
    /// # Errors
    /// [`Problem::Refused`] in GitHub's words.
    pub fn update_pull(
        &mut self,
        at: PullRef,
        by: &str,
        expected: Option<&str>,
    ) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let (repo, pull) = self.pull(at)?;
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if expected.is_some_and(|sha| sha != pull.head.sha) {
            return Err(Problem::refused(
                "expected head sha didn’t match current head ref.",
            ));
        }
        if !self.git.is_behind(&pull.head.sha, base) {
            return Err(Problem::refused(
                "There are no new commits on the base branch.",
            ));
        }
        if self.git.conflict(&pull.head.sha, base) {
            return Err(Problem::refused("merge conflict between base and head"));
        }
        let parents = vec![pull.head.sha.clone(), base.to_owned()];
        let (from, branch) = (pull.head.repo, pull.head.branch.clone());
        let message = format!("Merge branch '{}' into {branch}", pull.base_branch);
        let at = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents,
            author: &by,
            message: &message,
            at,
            files: BTreeMap::new(),
        });
        self.move_branch(from, &branch, &sha, &by)
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
