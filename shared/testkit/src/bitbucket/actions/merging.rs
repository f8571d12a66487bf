//! Merging a pull request, with Bitbucket's refusals.

use std::collections::BTreeMap;

use serde_json::json;

use crate::bitbucket::model::{
    ActivityKind, MergeStrategy, MergeTask, Permission, Pull, PullRef, PullState, Repo,
    RestrictionKind,
};
use crate::bitbucket::world::World;
use crate::fake::{NewCommit, Problem};

/// How to merge.
#[derive(Debug, Clone)]
pub struct MergeOrder {
    /// The way.
    pub strategy: MergeStrategy,
    /// The message of the new commit; Bitbucket's own otherwise.
    pub message: Option<String>,
}

impl Default for MergeOrder {
    /// The API merges so where nothing is said, whatever the branch's own default is.
    fn default() -> Self {
        Self {
            strategy: MergeStrategy::MergeCommit,
            message: None,
        }
    }
}

/// Why a merge did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// No such pull request (404).
    #[error("there is no such pull request")]
    Missing,
    /// They may not merge here (403).
    #[error("{0}")]
    Forbidden(String),
    /// Closed, a draft, conflicts, a check, a strategy that is not allowed (400).
    #[error("{0}")]
    Refused(String),
}

impl World {
    /// Merges a pull request as it is: Bitbucket takes no expected head.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where Bitbucket would refuse.
    pub fn merge_pull(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, MergeRefusal> {
        self.may_merge(at, by, order)?;
        self.perform_merge(at, by, order)
            .map_err(|_| MergeRefusal::Missing)
    }

    /// Begins a merge that its caller polls; returns the id of the task.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where Bitbucket would refuse at once.
    pub fn begin_merge(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, MergeRefusal> {
        self.may_merge(at, by, order)?;
        let id = self.next_uuid();
        let task = MergeTask {
            at,
            by: by.to_owned(),
            strategy: order.strategy,
            message: order.message.clone(),
            polls_left: self.merge_polls.max(1),
            failure: None,
        };
        self.merge_tasks.insert(id.clone(), task);
        Ok(id)
    }

    /// Notes that somebody asked for a task: with the last question the merge happens, or fails.
    pub(in crate::bitbucket) fn poll_task(&mut self, id: &str) -> Option<MergeTask> {
        let before = self.merge_tasks.get(id)?.clone();
        if before.polls_left == 1 {
            self.finish_task(id);
        }
        if let Some(task) = self.merge_tasks.get_mut(id) {
            task.polls_left = task.polls_left.saturating_sub(1);
        }
        Some(before)
    }

    /// Ends a task now.
    pub(in crate::bitbucket) fn finish_task(&mut self, id: &str) {
        let Some(task) = self.merge_tasks.get(id).cloned() else {
            return;
        };
        let order = MergeOrder {
            strategy: task.strategy,
            message: task.message,
        };
        let failure = self.merge_or_queue(task.at, &task.by, &order).err();
        if let Some(task) = self.merge_tasks.get_mut(id) {
            task.polls_left = 0;
            task.failure = failure.map(|refusal| refusal.to_string());
        }
    }

    /// Merges, or puts it into the queue of its destination: the task is over then, too.
    fn merge_or_queue(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<(), MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        if !repo.merge_queues.contains(&pull.destination) {
            return self.merge_pull(at, by, order).map(|_| ());
        }
        self.may_merge(at, by, order)?;
        let queue = |world: &mut Self| {
            world.moved_now();
            world.pull_mut(at)?.queued = true;
            world.updated(at, by)
        };
        queue(self).map_err(|_| MergeRefusal::Missing)
    }

    fn may_merge(&self, at: PullRef, by: &str, order: &MergeOrder) -> Result<(), MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        let closed_to_all = repo.restriction(RestrictionKind::RestrictMerges, &pull.destination);
        let may_write = repo.permission_of(by) >= Some(Permission::Write);
        if !may_write || closed_to_all.is_some() {
            return Err(MergeRefusal::Forbidden(format!(
                "You don't have permission to merge to {}.",
                pull.destination
            )));
        }
        match self.obstacle(repo, pull, order.strategy) {
            Some(why) => Err(MergeRefusal::Refused(why)),
            None => Ok(()),
        }
    }

    fn obstacle(&self, repo: &Repo, pull: &Pull, strategy: MergeStrategy) -> Option<String> {
        if !pull.is_open() {
            return Some("This pull request is already closed.".to_owned());
        }
        if pull.draft {
            return Some("You can't merge a draft pull request.".to_owned());
        }
        if !repo.merge_strategies.contains(&strategy) {
            let word = strategy.as_str();
            return Some(format!("The merge strategy {word} is not allowed."));
        }
        let destination = repo.destination_of(pull);
        if self.git.conflict(&pull.source.sha, destination) {
            return Some("You can't merge until you resolve all merge conflicts.".to_owned());
        }
        let moved = self.git.is_behind(&pull.source.sha, destination);
        if moved && needs_fast_forward(strategy) {
            return Some("This pull request can't be fast-forwarded.".to_owned());
        }
        let enforced = repo.restriction(RestrictionKind::EnforceMergeChecks, &pull.destination);
        let unmet = enforced.and_then(|_| self.unmet_checks(repo, pull).into_iter().next())?;
        Some(format!("You can't merge until you {unmet}."))
    }

    fn perform_merge(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, Problem> {
        let by = self.ensure_user(by).login;
        let now = self.moved_now();
        let (repo, pull) = self.pull(at)?;
        let tip = repo.destination_of(pull).to_owned();
        let (destination, source) = (pull.destination.clone(), pull.source.clone());
        let close = pull.close_source_branch && source.repo == at.repo;
        let message = order.message.clone().unwrap_or_else(|| {
            let (branch, number) = (&source.branch, at.number);
            format!(
                "Merged in {branch} (pull request #{number})\n\n{}",
                pull.title
            )
        });
        let sha = match order.strategy {
            MergeStrategy::FastForward => source.sha.clone(),
            MergeStrategy::MergeCommit | MergeStrategy::RebaseMerge => self.git.commit(NewCommit {
                parents: vec![tip.clone(), source.sha.clone()],
                author: &by,
                message: &message,
                at: now,
                files: BTreeMap::new(),
            }),
            MergeStrategy::Squash
            | MergeStrategy::SquashFastForward
            | MergeStrategy::RebaseFastForward => {
                let files = self.git.changed_files(&source.sha, &tip);
                self.git.commit(NewCommit {
                    parents: vec![tip.clone()],
                    author: &by,
                    message: &message,
                    at: now,
                    files,
                })
            }
        };
        let pull = self.pull_mut(at)?;
        pull.state = PullState::Merged;
        pull.queued = false;
        pull.destination_sha = tip;
        pull.merge_commit = Some(sha.clone());
        pull.closed_by = Some(by.clone());
        pull.updated_at = now;
        self.note(at, ActivityKind::Update, &by)?;
        self.emit_pull(at, "pullrequest:fulfilled", &by, json!({}))?;
        self.move_branch(at.repo, &destination, &sha, &by)?;
        if close {
            self.delete_branch(at.repo, &source.branch, &by)?;
        }
        Ok(sha)
    }
}

fn needs_fast_forward(strategy: MergeStrategy) -> bool {
    match strategy {
        MergeStrategy::FastForward | MergeStrategy::SquashFastForward => true,
        MergeStrategy::MergeCommit
        | MergeStrategy::Squash
        | MergeStrategy::RebaseFastForward
        | MergeStrategy::RebaseMerge => false,
    }
}
