//! Pushes: to a base branch, to a head, forced or not; and branches that go.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fake::{NewCommit, Problem};
use crate::gitea::events::Event;
use crate::gitea::judge::checking;
use crate::gitea::model::{PullRef, ReviewKind};
use crate::gitea::shape;
use crate::gitea::world::World;

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
        self.commit_and_move(repo, branch, by, message, (parents, files))
    }

    /// Replaces what a branch holds by one new commit onto another one.
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
        let message = format!("Rework {branch}");
        self.commit_and_move(repo, branch, by, &message, (vec![onto.to_owned()], files))
    }

    /// Makes a commit, and points a branch at it that may be new.
    pub(in crate::gitea) fn commit_and_move(
        &mut self,
        repo: u64,
        branch: &str,
        by: &str,
        message: &str,
        (parents, files): (Vec<String>, BTreeMap<String, String>),
    ) -> Result<String, Problem> {
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
        let changed = self.git.changed_files(&pull.head.sha, tip);
        let files = changed
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
        let before = target.branches.insert(branch.to_owned(), sha.to_owned());
        if before.as_deref() == Some(sha) {
            target.updated_at = now;
            return Ok(());
        }
        if before.is_none() {
            let body = json!({ "sha": sha, "ref": branch, "ref_type": "branch" });
            self.emit(repo, Event::Create, by, body)?;
        }
        self.emit_push(repo, branch, before.as_deref(), sha, by)?;
        // A push is told of before the repository counts as changed.
        self.repo_mut(repo)?.updated_at = now;
        let heads = self.open_pulls_where(|_, pull| {
            pull.head.repo == repo && pull.head.branch == branch && pull.head.sha != sha
        });
        for at in heads {
            self.synchronize(at, sha, by)?;
        }
        self.disturb_bases(repo, branch)
    }

    /// Deletes a branch. Open pull requests from it or to it are closed by that.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such branch.
    pub fn delete_branch(&mut self, repo: u64, branch: &str, by: &str) -> Result<(), Problem> {
        self.moved_now();
        let gone = self.repo_mut(repo)?.branches.remove(branch);
        gone.ok_or_else(|| Problem::missing(format!("branch {branch}")))?;
        let body = json!({ "ref": branch, "ref_type": "branch", "pusher_type": "user" });
        self.emit(repo, Event::Delete, by, body)?;
        let affected = self.open_pulls_where(|target, pull| {
            let is_head = pull.head.repo == repo && pull.head.branch == branch;
            is_head || (target.id == repo && pull.base_branch == branch)
        });
        for at in affected {
            self.close_pull(at, by)?;
        }
        Ok(())
    }

    /// Looks for conflicts anew in every open pull request that aims at the branch.
    fn disturb_bases(&mut self, repo: u64, branch: &str) -> Result<(), Problem> {
        let anew = checking(self.asks_until_mergeable);
        for pull in self.repo_mut(repo)?.pulls.values_mut() {
            if pull.open && pull.base_branch == branch {
                pull.mergeability = anew;
            }
        }
        Ok(())
    }

    fn synchronize(&mut self, at: PullRef, sha: &str, by: &str) -> Result<(), Problem> {
        let now = self.clock.now();
        let anew = checking(self.asks_until_mergeable);
        let (repo, pull) = self.pull(at)?;
        let base_tip = repo.head_of(&pull.base_branch).map(str::to_owned);
        let dismiss = repo
            .protection(&pull.base_branch)
            .is_some_and(|rule| rule.dismiss_stale_approvals);
        let pull = self.pull_mut(at)?;
        sha.clone_into(&mut pull.head.sha);
        pull.updated_at = now;
        pull.mergeability = anew;
        if let Some(tip) = base_tip {
            pull.base_sha = tip;
        }
        for review in &mut pull.reviews {
            // A push back to the reviewed commit makes a review fresh again.
            review.stale = review.kind != ReviewKind::Request && review.commit_id != sha;
            if dismiss && review.stale && review.kind == ReviewKind::Approve {
                review.dismissed = true;
                review.updated_at = now;
            }
        }
        let body = json!({ "action": "synchronized" });
        self.emit_pull(at, Event::PullRequestSync, by, body)
    }

    fn emit_push(
        &mut self,
        repo: u64,
        branch: &str,
        before: Option<&str>,
        after: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let known = before
            .or_else(|| target.head_of(&target.default_branch))
            .unwrap_or(NO_COMMIT);
        // Gitea lists the newest commit first.
        let new: Vec<_> = self
            .git
            .commits_beyond(after, known)
            .into_iter()
            .rev()
            .map(|commit| shape::payload_commit(self, target, commit))
            .collect();
        let head = self
            .git
            .get(after)
            .map(|commit| shape::payload_commit(self, target, commit));
        let body = json!({
            "ref": format!("refs/heads/{branch}"),
            "before": before.unwrap_or(NO_COMMIT),
            "after": after,
            "compare_url": shape::compare_url(self, target, known, after),
            "total_commits": new.len(),
            "commits": new,
            "head_commit": head,
        });
        self.emit(repo, Event::Push, by, body)
    }
}
