//! Merging and rebasing a merge request, with GitLab's refusals in GitLab's order: first the SHA
//! that must be named, then who may, then the SHA that must match, then whether it can.

use std::collections::BTreeMap;

use super::pulls::action;
use crate::fake::{NewCommit, Problem};
use crate::gitlab::model::{
    AutoMerge, DetailedStatus, Merge, MergeMethod, PipelineKind, PipelineStatus, Pull, PullRef,
    PullState, Repo, Role, SquashOption,
};
use crate::gitlab::world::World;

/// What a merge is asked for.
#[derive(Debug, Clone, Default)]
pub struct MergeOrder {
    /// The head it is meant for.
    pub sha: Option<String>,
    /// Squash, where the project leaves the choice.
    pub squash: Option<bool>,
    /// Delete the source branch.
    pub remove_source_branch: Option<bool>,
    /// Merge when the checks pass.
    pub auto_merge: bool,
    /// Message of the merge commit.
    pub message: Option<String>,
    /// Message of the squashed commit.
    pub squash_message: Option<String>,
}

/// Why a merge did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// No such merge request (404).
    #[error("there is no such merge request")]
    Missing,
    /// The project asks for a SHA (400).
    #[error("SHA must be provided when merging")]
    ShaNeeded,
    /// The role is too small for the target branch (401, not 403).
    #[error("401 Unauthorized")]
    Unauthorized,
    /// The head is another one (409); the real one is named.
    #[error("SHA does not match HEAD of source branch: {0}")]
    HeadMoved(String),
    /// Something is in the way (405).
    #[error("405 Method Not Allowed")]
    NotAllowed,
    /// It looked mergeable, and was not (422).
    #[error("Branch cannot be merged")]
    CannotMerge,
}

/// What became of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gitlab) enum Merged {
    /// It is merged.
    Now,
    /// It waits for its checks.
    Later,
}

impl World {
    /// Merges a merge request, or lets it wait for its checks.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where GitLab would refuse.
    pub(in crate::gitlab) fn merge_pull(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<Merged, MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        if repo.rules.merge_needs_sha && order.sha.is_none() {
            return Err(MergeRefusal::ShaNeeded);
        }
        if !may_merge(self, repo, pull, by) {
            return Err(MergeRefusal::Unauthorized);
        }
        if order.sha.as_ref().is_some_and(|sha| *sha != pull.head.sha) {
            return Err(MergeRefusal::HeadMoved(pull.head.sha.clone()));
        }
        let status = self.true_status(repo, pull);
        let pipeline = repo.head_pipeline(pull).map(|pipeline| pipeline.status);
        if order.auto_merge && can_wait(status, pipeline) {
            self.set_auto_merge(at, by, order)
                .map_err(|_| MergeRefusal::Missing)?;
            return Ok(Merged::Later);
        }
        let pipeline_allows = matches!(pipeline, None | Some(PipelineStatus::Success));
        if status != DetailedStatus::Mergeable || (order.auto_merge && !pipeline_allows) {
            return Err(MergeRefusal::NotAllowed);
        }
        self.perform_merge(at, by, order)
            .map_err(|_| MergeRefusal::CannotMerge)?;
        Ok(Merged::Now)
    }

    fn set_auto_merge(&mut self, at: PullRef, by: &str, order: &MergeOrder) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let squash = squashes(self.repo(at.repo)?, order.squash);
        let pull = self.touch_pull(at)?;
        pull.auto_merge = Some(AutoMerge {
            by: by.clone(),
            sha: pull.head.sha.clone(),
            squash,
            remove_source_branch: order.remove_source_branch.unwrap_or(false),
        });
        self.emit_pull(at, &by, &action("update"))
    }

    /// Takes a place in the merge train, and starts the pipeline that merges once it succeeds;
    /// returns the id of the place.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where GitLab would refuse.
    pub(in crate::gitlab) fn board_train(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<u64, MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        if order.sha.as_ref().is_some_and(|sha| *sha != pull.head.sha) {
            return Err(MergeRefusal::HeadMoved(pull.head.sha.clone()));
        }
        if self.true_status(repo, pull) != DetailedStatus::Mergeable {
            return Err(MergeRefusal::CannotMerge);
        }
        let jobs = ["train".to_owned()];
        self.set_auto_merge(at, by, order)
            .and_then(|()| self.create_pipeline(at, PipelineKind::MergedResult, by, &jobs))
            .map_err(|_| MergeRefusal::Missing)
    }

    /// Ends the waiting of a merge that was to come.
    pub(in crate::gitlab) fn cancel_auto_merge(
        &mut self,
        at: PullRef,
        by: &str,
    ) -> Result<(), Problem> {
        self.touch_pull(at)?.auto_merge = None;
        self.emit_pull(at, by, &action("update"))
    }

    /// Merges what waited for a pipeline that has just succeeded.
    pub(super) fn merge_what_waited(&mut self, repo: u64, pipeline: u64) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let waiting: Vec<(PullRef, AutoMerge)> = target
            .pulls
            .values()
            .filter(|pull| target.head_pipeline(pull).map(|own| own.id) == Some(pipeline))
            .filter(|pull| self.true_status(target, pull) == DetailedStatus::Mergeable)
            .filter_map(|pull| {
                let number = pull.number;
                let auto = pull.auto_merge.clone()?;
                Some((PullRef { repo, number }, auto))
            })
            .collect();
        for (at, auto) in waiting {
            let order = MergeOrder {
                squash: Some(auto.squash),
                remove_source_branch: Some(auto.remove_source_branch),
                ..MergeOrder::default()
            };
            self.perform_merge(at, &auto.by, &order)?;
        }
        Ok(())
    }

    fn perform_merge(&mut self, at: PullRef, by: &str, order: &MergeOrder) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let (repo, pull) = self.pull(at)?;
        let before = pull.clone();
        let tip = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        let base = tip.to_owned();
        let method = repo.rules.merge_method;
        let squash = squashes(repo, order.squash);
        let removes =
            order.remove_source_branch.unwrap_or(false) || repo.rules.remove_source_branch;
        let removable = pull.head.repo == repo.id && repo.protection(&pull.head.branch).is_none();
        let full_name = repo.full_name();
        let now = self.moved_now();
        let squash_commit = squash.then(|| {
            let message = order.squash_message.as_deref().unwrap_or(&before.title);
            let files = self.git.changed_files(&before.head.sha, &base);
            self.made(vec![base.clone()], &by, message, files)
        });
        let source = squash_commit.clone().unwrap_or(before.head.sha.clone());
        let merge_commit = (method != MergeMethod::FastForward).then(|| {
            let default = format!(
                "Merge branch '{}' into '{}'\n\n{}\n\nSee merge request {full_name}!{}",
                before.head.branch, before.base_branch, before.title, at.number
            );
            let message = order.message.as_deref().unwrap_or(&default);
            let parents = vec![base.clone(), source.clone()];
            self.made(parents, &by, message, BTreeMap::new())
        });
        let sha = merge_commit.clone().unwrap_or(source);
        let pull = self.pull_mut(at)?;
        pull.state = PullState::Merged;
        pull.updated_at = now;
        pull.auto_merge = None;
        pull.merged = Some(Merge {
            at: now,
            by: by.clone(),
            sha: sha.clone(),
            merge_commit,
            squash_commit,
        });
        self.move_branch(at.repo, &before.base_branch, &sha, &by)?;
        let locked = Pull {
            state: PullState::Locked,
            ..before.clone()
        };
        self.changed_state(at, &locked, "merge", &by)?;
        if removes && removable {
            self.delete_branch(at.repo, &before.head.branch, &by)?;
        }
        Ok(())
    }

    fn made(
        &mut self,
        parents: Vec<String>,
        author: &str,
        message: &str,
        files: BTreeMap<String, String>,
    ) -> String {
        let at = self.clock.now();
        self.git.commit(NewCommit {
            parents,
            author,
            message,
            at,
            files,
        })
    }

    /// Begins a rebase, which goes on in the background.
    pub(in crate::gitlab) fn begin_rebase(&mut self, at: PullRef) -> Result<(), Problem> {
        let asks = self.asks_until_checked;
        let pull = self.pull_mut(at)?;
        pull.merge_error = None;
        pull.rebasing = Some(asks);
        if asks == 0 {
            self.finish_rebase(at)?;
        }
        Ok(())
    }

    /// Notes a question about a rebase; after enough of them it is done.
    pub(in crate::gitlab) fn asked_for_rebase(&mut self, at: PullRef) -> Result<(), Problem> {
        let pull = self.pull_mut(at)?;
        match pull.rebasing {
            None => Ok(()),
            Some(0 | 1) => self.finish_rebase(at),
            Some(asks_left) => {
                pull.rebasing = Some(asks_left - 1);
                Ok(())
            }
        }
    }

    /// Ends a rebase: the commits again, on top of the target branch, or an error.
    pub(in crate::gitlab) fn finish_rebase(&mut self, at: PullRef) -> Result<(), Problem> {
        let (repo, pull) = self.pull(at)?;
        if pull.rebasing.is_none() {
            return Ok(());
        }
        let conflicts = self.conflicts(repo, pull);
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        let base = base.to_owned();
        let (head, author) = (pull.head.clone(), pull.author.clone());
        let beyond = self.git.commits_beyond(&head.sha, &base);
        let commits: Vec<_> = beyond.into_iter().cloned().collect();
        let pull = self.pull_mut(at)?;
        pull.rebasing = None;
        if conflicts {
            pull.merge_error = Some(
                "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."
                    .to_owned(),
            );
            return Ok(());
        }
        self.moved_now();
        let mut tip = base;
        for commit in commits {
            tip = self.made(vec![tip], &commit.author, &commit.message, commit.files);
        }
        self.move_branch(head.repo, &head.branch, &tip, &author)
    }
}

/// Whether a login may merge into the target branch.
fn may_merge(world: &World, repo: &Repo, pull: &Pull, by: &str) -> bool {
    let Some(role) = world.role(repo, by) else {
        return false;
    };
    let needed = repo
        .protection(&pull.base_branch)
        .map_or(Some(Role::Developer), |rule| rule.merge);
    !repo.archived && needed.is_some_and(|needed| role >= needed)
}

/// Whether a merge can wait: something is in the way that goes away by itself or by others.
fn can_wait(status: DetailedStatus, pipeline: Option<PipelineStatus>) -> bool {
    match status {
        DetailedStatus::Mergeable => pipeline.is_some_and(|status| !status.is_over()),
        DetailedStatus::CiStillRunning
        | DetailedStatus::CiMustPass
        | DetailedStatus::NotApproved
        | DetailedStatus::ApprovalsSyncing
        | DetailedStatus::RequestedChanges
        | DetailedStatus::DiscussionsNotResolved
        | DetailedStatus::DraftStatus
        | DetailedStatus::StatusChecksMustPass
        | DetailedStatus::MergeRequestBlocked
        | DetailedStatus::MergeTime
        | DetailedStatus::JiraAssociationMissing
        | DetailedStatus::TitleRegex => true,
        DetailedStatus::Checking
        | DetailedStatus::CommitsStatus
        | DetailedStatus::Conflict
        | DetailedStatus::LockedLfsFiles
        | DetailedStatus::LockedPaths
        | DetailedStatus::NeedRebase
        | DetailedStatus::NotOpen
        | DetailedStatus::Preparing
        | DetailedStatus::SecurityPolicyPipelineCheck
        | DetailedStatus::SecurityPolicyViolations
        | DetailedStatus::Unchecked => false,
    }
}

fn squashes(repo: &Repo, wanted: Option<bool>) -> bool {
    match repo.rules.squash {
        SquashOption::Never => false,
        SquashOption::DefaultOff => wanted.unwrap_or(false),
        SquashOption::DefaultOn => wanted.unwrap_or(true),
        SquashOption::Always => true,
    }
}
