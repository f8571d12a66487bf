//! Pushes: to a destination branch, to a source, forced or not.

use std::collections::BTreeMap;

use serde_json::json;

use crate::bitbucket::events;
use crate::bitbucket::model::{Opinion, PullRef, RestrictionKind};
use crate::bitbucket::world::World;
use crate::fake::{NewCommit, Problem};

/// What a push brings.
pub(in crate::bitbucket) struct Pushed<'a> {
    pub(in crate::bitbucket) repo: u64,
    pub(in crate::bitbucket) branch: &'a str,
    pub(in crate::bitbucket) by: &'a str,
    pub(in crate::bitbucket) message: &'a str,
    pub(in crate::bitbucket) files: BTreeMap<String, String>,
}

impl World {
    /// Adds one commit to a branch, made from the main branch if it is new, and pushes it. Pull
    /// requests from the branch feel it; those into it are not even told.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub(in crate::bitbucket) fn push(&mut self, pushed: Pushed<'_>) -> Result<String, Problem> {
        let target = self.repo(pushed.repo)?;
        let tip = target
            .head_of(pushed.branch)
            .or_else(|| target.head_of(&target.main_branch));
        let parents = tip.map(|sha| vec![sha.to_owned()]).unwrap_or_default();
        self.push_onto(pushed, parents)
    }

    /// Replaces the commits of a branch by one new commit on top of `onto`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub(in crate::bitbucket) fn force_push(
        &mut self,
        pushed: Pushed<'_>,
        onto: &str,
    ) -> Result<String, Problem> {
        self.push_onto(pushed, vec![onto.to_owned()])
    }

    fn push_onto(&mut self, pushed: Pushed<'_>, parents: Vec<String>) -> Result<String, Problem> {
        let by = self.ensure_user(pushed.by).login;
        let at = self.moved_now();
        let sha = self.git.commit(NewCommit {
            parents,
            author: &by,
            message: pushed.message,
            at,
            files: pushed.files,
        });
        self.move_branch(pushed.repo, pushed.branch, &sha, &by)?;
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
        let (from, branch) = (pull.source.repo, pull.source.branch.clone());
        let (author, title) = (pull.author.clone(), pull.title.clone());
        let own = format!("src/change-{}.rs", at.number);
        let file = file.unwrap_or(&own).to_owned();
        self.push(Pushed {
            repo: from,
            branch: &branch,
            by: &author,
            message: &format!("Continue: {title}"),
            files: BTreeMap::from([(file, format!("change {id}"))]),
        })
    }

    /// Replaces the commits of a pull request by one new commit on its destination.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn force_push_to_pull(&mut self, at: PullRef) -> Result<String, Problem> {
        let id = self.next_id();
        let (repo, pull) = self.pull(at)?;
        let onto = repo.destination_of(pull).to_owned();
        let (from, branch) = (pull.source.repo, pull.source.branch.clone());
        let author = pull.author.clone();
        let file = format!("src/change-{}.rs", at.number);
        let pushed = Pushed {
            repo: from,
            branch: &branch,
            by: &author,
            message: &format!("Rework {branch}"),
            files: BTreeMap::from([(file, format!("change {id}"))]),
        };
        self.force_push(pushed, &onto)
    }

    /// Changes the files of a pull request on its destination, too, so that it conflicts.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn make_conflict(&mut self, at: PullRef) -> Result<(), Problem> {
        let id = self.next_id();
        let (repo, pull) = self.pull(at)?;
        let (owner, destination) = (repo.workspace.clone(), pull.destination.clone());
        let tip = repo.destination_of(pull);
        let files = self
            .git
            .changed_files(&pull.source.sha, tip)
            .into_keys()
            .map(|path| (path, format!("another change {id}")))
            .collect();
        self.push(Pushed {
            repo: at.repo,
            branch: &destination,
            by: &owner,
            message: "Change the same lines",
            files,
        })
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
        target.updated_at = now;
        let before = target.branches.insert(branch.to_owned(), sha.to_owned());
        if before.as_deref() == Some(sha) {
            return Ok(());
        }
        self.emit_push(repo, branch, before.as_deref(), Some(sha), by)?;
        for at in self.open_from(repo, branch) {
            self.follow_source(at, sha, by)?;
        }
        Ok(())
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

    /// The open pull requests that come from a branch, in any repository.
    fn open_from(&self, repo: u64, branch: &str) -> Vec<PullRef> {
        let all = self
            .repos
            .values()
            .flat_map(|target| target.pulls.values().map(move |pull| (target.id, pull)));
        all.filter(|(_, pull)| {
            pull.is_open() && pull.source.repo == repo && pull.source.branch == branch
        })
        .map(|(target, pull)| PullRef {
            repo: target,
            number: pull.number,
        })
        .collect()
    }

    /// Moves the head of a pull request after its branch.
    fn follow_source(&mut self, at: PullRef, sha: &str, by: &str) -> Result<(), Problem> {
        let now = self.clock.now();
        let (repo, pull) = self.pull(at)?;
        let tip = repo.destination_of(pull).to_owned();
        let reset = repo
            .restriction(RestrictionKind::ResetApprovalsOnChange, &pull.destination)
            .is_some();
        let pull = self.pull_mut(at)?;
        sha.clone_into(&mut pull.source.sha);
        pull.destination_sha = tip;
        pull.updated_at = now;
        if reset {
            for own in &mut pull.participants {
                own.opinions.remove(&Opinion::Approved);
            }
        }
        self.updated(at, by)
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
        let change = events::push_change(self, target, branch, before, after);
        let body = json!({ "push": { "changes": [change] } });
        self.emit(repo, "repo:push", by, body)
    }
}
