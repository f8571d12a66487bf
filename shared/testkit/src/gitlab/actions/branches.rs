//! Pushes: to a target branch, to a head, forced or not.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fake::{NewCommit, Problem};
use crate::gitlab::events::{self, PullEvent, Push};
use crate::gitlab::judge;
use crate::gitlab::model::{PullRef, ReviewerState};
use crate::gitlab::shape;
use crate::gitlab::world::World;

/// One commit to push.
pub(in crate::gitlab) struct Work<'a> {
    pub(in crate::gitlab) message: &'a str,
    pub(in crate::gitlab) parents: Vec<String>,
    pub(in crate::gitlab) files: BTreeMap<String, String>,
}

impl World {
    /// Adds one commit to a branch, made from the default branch if it is new, and pushes it.
    /// Merge requests from and to the branch feel it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
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
        let new = Work {
            message,
            parents,
            files,
        };
        self.push_work(repo, branch, by, new)
    }

    /// Replaces what a branch has by one new commit on top of `onto`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn force_push(
        &mut self,
        repo: u64,
        branch: &str,
        by: &str,
        onto: &str,
        files: BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let new = Work {
            message: &format!("Rework {branch}"),
            parents: vec![onto.to_owned()],
            files,
        };
        self.push_work(repo, branch, by, new)
    }

    /// Adds one commit to a branch, wherever it stood before; a new branch begins with it.
    pub(in crate::gitlab) fn push_work(
        &mut self,
        repo: u64,
        branch: &str,
        by: &str,
        new: Work<'_>,
    ) -> Result<String, Problem> {
        self.ensure_user(by);
        let at = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents: new.parents,
            author: by,
            message: new.message,
            at,
            files: new.files,
        });
        self.move_branch(repo, branch, &sha, by)?;
        Ok(sha)
    }

    /// Pushes one more commit to the branch of a merge request, by its author. Without a file it
    /// changes one of its own.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
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

    /// Changes the files of a merge request on its target branch, too, so that it conflicts.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn make_conflict(&mut self, at: PullRef) -> Result<(), Problem> {
        let id = self.next_id();
        let (repo, pull) = self.pull(at)?;
        let (by, base) = (self.keeper(repo), pull.base_branch.clone());
        let tip = repo.head_of(&base).unwrap_or(&pull.base_sha);
        let files = self
            .git
            .changed_files(&pull.head.sha, tip)
            .into_keys()
            .map(|path| (path, format!("another change {id}")))
            .collect();
        self.push(at.repo, &base, &by, "Change the same lines", files)
            .map(|_| ())
    }

    /// Points a branch at a commit that exists, and tells everybody: first of the push, then of
    /// the merge requests it moved.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the project or the commit is unknown.
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
        target.last_activity_at = now;
        let before = target.branches.insert(branch.to_owned(), sha.to_owned());
        if before.as_deref() == Some(sha) {
            return Ok(());
        }
        self.emit_push(repo, branch, before.as_deref(), Some(sha), by)?;
        self.start_branch_pipeline(repo, branch, sha, by)?;
        self.move_heads(repo, branch, sha, by)?;
        self.disturb_bases(repo, branch)
    }

    /// Deletes a branch; merge requests from it stay open, without commits to merge.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such branch.
    pub fn delete_branch(&mut self, repo: u64, branch: &str, by: &str) -> Result<(), Problem> {
        self.moved_now();
        let before = self.repo_mut(repo)?.branches.remove(branch);
        let before = before.ok_or_else(|| Problem::missing(format!("branch {branch}")))?;
        self.emit_push(repo, branch, Some(&before), None, by)
    }

    /// Forgets what is known about conflicts of every open merge request that aims at the branch.
    fn disturb_bases(&mut self, repo: u64, branch: &str) -> Result<(), Problem> {
        let check = self.moved_check();
        for pull in self.repo_mut(repo)?.pulls.values_mut() {
            if pull.is_open() && pull.base_branch == branch {
                pull.check = check;
            }
        }
        Ok(())
    }

    fn move_heads(&mut self, repo: u64, branch: &str, sha: &str, by: &str) -> Result<(), Problem> {
        let affected: Vec<PullRef> = self
            .repos
            .values()
            .flat_map(|target| target.pulls.values().map(move |pull| (target.id, pull)))
            .filter(|(_, pull)| {
                pull.is_open() && pull.head.repo == repo && pull.head.branch == branch
            })
            .map(|(target, pull)| PullRef {
                repo: target,
                number: pull.number,
            })
            .collect();
        for at in affected {
            self.move_head(at, sha, by)?;
        }
        Ok(())
    }

    fn move_head(&mut self, at: PullRef, sha: &str, by: &str) -> Result<(), Problem> {
        let now = self.clock.now();
        let check = self.moved_check();
        let (repo, pull) = self.pull(at)?;
        let base_tip = repo.head_of(&pull.base_branch).map(str::to_owned);
        let previous = pull.updated_at;
        let pull = self.pull_mut(at)?;
        let before = std::mem::replace(&mut pull.head.sha, sha.to_owned());
        pull.updated_at = now;
        pull.check = check;
        pull.auto_merge = None;
        if let Some(tip) = base_tip {
            pull.base_sha = tip;
        }
        let changes = json!({ "updated_at": {
            "previous": shape::hook_time(previous),
            "current": shape::hook_time(now),
        } });
        let event = PullEvent {
            action: Some("update"),
            changes,
            oldrev: Some(before),
            ..PullEvent::default()
        };
        self.emit_pull(at, by, &event)?;
        self.start_pull_pipeline(at, by)?;
        self.reset_approvals(at, by)
    }

    /// A push takes approvals back where the project says so. GitLab names the one who pushed,
    /// and not whose approvals are gone.
    fn reset_approvals(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let asks = self.asks_until_checked;
        let (repo, pull) = self.pull(at)?;
        if !repo.rules.reset_approvals_on_push || pull.approvals.is_empty() {
            return Ok(());
        }
        let was_approved = judge::is_approved(repo, pull);
        let pull = self.pull_mut(at)?;
        pull.approvals_syncing = asks;
        for approval in std::mem::take(&mut pull.approvals) {
            if let Some(state) = pull.reviewers.get_mut(&approval.by) {
                *state = ReviewerState::Unapproved;
            }
        }
        let (repo, pull) = self.pull(at)?;
        let lost = was_approved && !judge::is_approved(repo, pull);
        let event = PullEvent {
            action: Some(if lost { "unapproved" } else { "unapproval" }),
            system_action: Some("approvals_reset_on_push"),
            ..PullEvent::default()
        };
        self.emit_pull(at, by, &event)
    }

    fn emit_push(
        &mut self,
        repo: u64,
        branch: &str,
        before: Option<&str>,
        after: Option<&str>,
        by: &str,
    ) -> Result<(), Problem> {
        let by = self.ensure_user(by);
        let moved = Push {
            branch,
            before,
            after,
        };
        let event = events::push(self, self.repo(repo)?, &moved, &by);
        self.emit(repo, &event)
    }
}
