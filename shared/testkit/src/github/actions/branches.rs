//! Pushes: to a base branch, to a head, forced or not.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fake::NewCommit;
use crate::fake::Problem;
use crate::github::events;
use crate::github::model::{Mergeability, PullRef, ReviewState};
use crate::github::shape;
use crate::github::world::World;

const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

impl World {
    /// Adds one commit to a branch, made from the default branch if it is new, and pushes it.
    /// Pull requests from and to the branch feel it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn push(
        &mut self,
        repo: u64,
        branch: &str,
        by: &str,
        message: &str,
        files: BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let target = self.repo(repo)?;
        let tip = target
            .head_of(branch)
            .or_else(|| target.head_of(&target.default_branch));
        let parents = tip.map(|sha| vec![sha.to_owned()]).unwrap_or_default();
        self.ensure_user(by);
        let at = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents,
            author: by,
            message,
            at,
            files,
        });
        self.move_branch(repo, branch, &sha, by)?;
        Ok(sha)
    }

    /// Replaces the commits a branch has beyond its repository's default branch by one new commit.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn force_push(
        &mut self,
        repo: u64,
        branch: &str,
        by: &str,
        onto: &str,
        files: BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        self.ensure_user(by);
        let at = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents: vec![onto.to_owned()],
            author: by,
            message: &format!("Rework {branch}"),
            at,
            files,
        });
        self.move_branch(repo, branch, &sha, by)?;
        Ok(sha)
    }

    /// Pushes one more commit to the branch of a pull request, by its author. Without a file it
    /// changes one of its own.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn push_to_pull(&mut self, at: PullRef, file: Option<&str>) -> Result<String, Problem> {
        let id = self.next_id();
        let (_, pull) = self.pull(at)?;
        let (from, branch) = (pull.head.repo, pull.head.branch.clone());
        let (author, title) = (pull.author.clone(), pull.title.clone());
        let own = format!("src/change-{}.rs", at.number);
        let file = file.unwrap_or(&own).to_owned();
        let files = BTreeMap::from([(file, format!("change {id}"))]);
        self.push(from, &branch, &author, &format!("Continue: {title}"), files)
    }

    /// Changes the files of a pull request on its base branch, too, so that it conflicts.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn make_conflict(&mut self, at: PullRef) -> Result<(), Problem> {
        let id = self.next_id();
        let (repo, pull) = self.pull(at)?;
        let (owner, base) = (repo.owner.clone(), pull.base_branch.clone());
        let tip = repo.head_of(&base).unwrap_or(&pull.base_sha);
        let files = self
            .git
            .changed_files(&pull.head.sha, tip)
            .into_keys()
            .map(|path| (path, format!("another change {id}")))
            .collect();
        self.push(at.repo, &base, &owner, "Change the same lines", files)
            .map(|_| ())
    }

    /// Points a branch at a commit that exists, and tells everybody.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the repository or the commit is unknown.
    pub fn move_branch(
        &mut self,
        repo: u64,
        branch: &str,
        sha: &str,
        by: &str,
    ) -> Result<(), Problem> {
        if !self.git.contains(sha) {
            return Err(Problem::missing(format!("commit {sha}")));
        }
        let now = self.clock.now();
        let target = self.repo_mut(repo)?;
        target.pushed_at = now;
        let before = target.branches.insert(branch.to_owned(), sha.to_owned());
        if before.as_deref() == Some(sha) {
            return Ok(());
        }
        self.emit_push(repo, branch, before.as_deref(), Some(sha), by)?;
        self.synchronize_heads(repo, branch, sha, by)?;
        self.disturb_bases(repo, branch)
    }

    /// Deletes a branch; pull requests from it stay as they are.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such branch.
    pub fn delete_branch(&mut self, repo: u64, branch: &str, by: &str) -> Result<(), Problem> {
        self.moved_now();
        let before = self.repo_mut(repo)?.branches.remove(branch);
        let before = before.ok_or_else(|| Problem::missing(format!("branch {branch}")))?;
        self.emit_push(repo, branch, Some(&before), None, by)
    }

    /// Forgets the mergeability of every open pull request that aims at the branch.
    fn disturb_bases(&mut self, repo: u64, branch: &str) -> Result<(), Problem> {
        let asks_left = self.asks_until_mergeable;
        for pull in self.repo_mut(repo)?.pulls.values_mut() {
            if pull.open && pull.base_branch == branch {
                pull.mergeability = unknown(asks_left);
            }
        }
        Ok(())
    }

    /// Moves the head of every open pull request that comes from the branch.
    fn synchronize_heads(
        &mut self,
        repo: u64,
        branch: &str,
        sha: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let affected: Vec<PullRef> = self
            .repos
            .values()
            .flat_map(|target| target.pulls.values().map(move |pull| (target.id, pull)))
            .filter(|(_, pull)| pull.open && pull.head.repo == repo && pull.head.branch == branch)
            .map(|(target, pull)| PullRef {
                repo: target,
                number: pull.number,
            })
            .collect();
        for at in affected {
            self.synchronize(at, sha, by)?;
        }
        Ok(())
    }

    fn synchronize(&mut self, at: PullRef, sha: &str, by: &str) -> Result<(), Problem> {
        let now = self.clock.now();
        let asks_left = self.asks_until_mergeable;
        let (repo, pull) = self.pull(at)?;
        let base_tip = repo.head_of(&pull.base_branch).map(str::to_owned);
        let dismiss = repo
            .protection(&pull.base_branch)
            .is_some_and(|rule| rule.dismiss_stale);
        let pull = self.pull_mut(at)?;
        let before = std::mem::replace(&mut pull.head.sha, sha.to_owned());
        pull.updated_at = now;
        pull.mergeability = unknown(asks_left);
        if let Some(tip) = base_tip {
            pull.base_sha = tip;
        }
        let mut stale = Vec::new();
        if dismiss {
            for review in &mut pull.reviews {
                if review.state == ReviewState::Approved {
                    review.state = ReviewState::Dismissed;
                    review.updated_at = now;
                    stale.push(review.id);
                }
            }
        }
        let mut body = json!({ "action": "synchronize", "number": at.number });
        events::put(&mut body, "before", json!(before));
        events::put(&mut body, "after", json!(sha));
        self.emit_pull(at, by, body)?;
        for review in stale {
            self.emit_review(at, review, "dismissed", by)?;
        }
        Ok(())
    }

    fn emit_push(
        &mut self,
        repo: u64,
        branch: &str,
        before: Option<&str>,
        after: Option<&str>,
        by: &str,
    ) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let base = before
            .or_else(|| target.head_of(&target.default_branch))
            .unwrap_or(NO_COMMIT);
        let new = after
            .map(|after| self.git.commits_beyond(after, base))
            .unwrap_or_default();
        let commits: Vec<_> = new
            .into_iter()
            .map(|commit| shape::push_commit(self, target, commit))
            .collect();
        let head = after
            .and_then(|sha| self.git.get(sha))
            .map(|commit| shape::push_commit(self, target, commit));
        let forced = match (before, after) {
            (Some(before), Some(after)) => self.git.is_behind(after, before),
            (None | Some(_), None) | (None, Some(_)) => false,
        };
        let body = json!({
            "ref": format!("refs/heads/{branch}"),
            "before": before.unwrap_or(NO_COMMIT),
            "after": after.unwrap_or(NO_COMMIT),
            "pusher": { "name": by, "email": shape::email_of(by) },
            "created": before.is_none(),
            "deleted": after.is_none(),
            "forced": forced,
            "base_ref": null,
            "compare": shape::compare_url(&self.site, target, before, after),
            "commits": commits,
            "head_commit": head,
        });
        self.emit(repo, "push", by, body)
    }
}

/// The state right after a move: unknown until GitHub was asked often enough.
pub(super) fn unknown(asks_left: u32) -> Mergeability {
    if asks_left == 0 {
        Mergeability::Known
    } else {
        Mergeability::Unknown { asks_left }
    }
}
