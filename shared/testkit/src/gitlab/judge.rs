//! What GitLab derives: conflicts and the detailed merge status.
//!
//! The order of the checks is that of GitLab's `DetailedMergeStatusService`: preparing, checking,
//! unchecked; then everything but the pipeline, the repository's own state last; then the pipeline.

use super::model::{
    DetailedStatus, MergeCheck, PipelineStatus, Pull, PullRef, PullState, Repo, ReviewerState,
};
use super::world::World;

impl World {
    /// Whether the head conflicts with the present target branch, as it really is.
    pub fn conflicts(&self, repo: &Repo, pull: &Pull) -> bool {
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        self.git.conflict(&pull.head.sha, base)
    }

    /// Whether GitLab says by now that it conflicts: false as long as nobody has checked.
    pub fn known_conflicts(&self, repo: &Repo, pull: &Pull) -> bool {
        pull.check == MergeCheck::Known && self.conflicts(repo, pull)
    }

    /// GitLab's older `merge_status`.
    pub fn merge_status(&self, repo: &Repo, pull: &Pull) -> &'static str {
        match pull.check {
            MergeCheck::Unchecked => "unchecked",
            MergeCheck::Checking { .. } => "checking",
            MergeCheck::Known if self.conflicts(repo, pull) => "cannot_be_merged",
            MergeCheck::Known => "can_be_merged",
        }
    }

    /// What a question is answered by now.
    pub fn detailed_status(&self, repo: &Repo, pull: &Pull) -> DetailedStatus {
        if pull.state != PullState::Opened {
            return DetailedStatus::NotOpen;
        }
        if pull.held == Some(DetailedStatus::Preparing) {
            return DetailedStatus::Preparing;
        }
        match pull.check {
            MergeCheck::Unchecked => DetailedStatus::Unchecked,
            MergeCheck::Checking { .. } => DetailedStatus::Checking,
            MergeCheck::Known => self.true_status(repo, pull),
        }
    }

    /// What the answer is once GitLab has checked.
    pub fn true_status(&self, repo: &Repo, pull: &Pull) -> DetailedStatus {
        self.hindrance(repo, pull)
            .or_else(|| pipeline_hindrance(repo, pull))
            .unwrap_or(DetailedStatus::Mergeable)
    }

    /// What else than the pipeline is in the way.
    pub(super) fn hindrance(&self, repo: &Repo, pull: &Pull) -> Option<DetailedStatus> {
        if pull.state != PullState::Opened {
            return Some(DetailedStatus::NotOpen);
        }
        if pull.held.is_some() {
            return pull.held;
        }
        if pull.is_draft() {
            return Some(DetailedStatus::DraftStatus);
        }
        if self.lacks_commits(repo, pull) {
            return Some(DetailedStatus::CommitsStatus);
        }
        if repo.rules.discussions_must_resolve && pull.open_discussions > 0 {
            return Some(DetailedStatus::DiscussionsNotResolved);
        }
        if !is_approved(repo, pull) {
            return Some(if pull.approvals_syncing > 0 {
                DetailedStatus::ApprovalsSyncing
            } else {
                DetailedStatus::NotApproved
            });
        }
        if repo.rules.requested_changes_block && wants_changes(pull) {
            return Some(DetailedStatus::RequestedChanges);
        }
        if self.conflicts(repo, pull) {
            return Some(DetailedStatus::Conflict);
        }
        self.must_rebase(repo, pull)
            .then_some(DetailedStatus::NeedRebase)
    }

    fn lacks_commits(&self, repo: &Repo, pull: &Pull) -> bool {
        let source = self.repos.get(&pull.head.repo);
        let exists = source.is_some_and(|source| source.head_of(&pull.head.branch).is_some());
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        !exists || self.git.commits_beyond(&pull.head.sha, base).is_empty()
    }

    fn must_rebase(&self, repo: &Repo, pull: &Pull) -> bool {
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        repo.rules.merge_method.needs_rebase() && self.git.is_behind(&pull.head.sha, base)
    }

    /// Notes that somebody asked in a way that makes GitLab check: after enough questions the
    /// answer is known.
    pub(super) fn asked_for_check(&mut self, at: PullRef) {
        let asks = self.asks_until_checked;
        let Ok(pull) = self.pull_mut(at) else { return };
        if pull.check == MergeCheck::Known {
            pull.approvals_syncing = pull.approvals_syncing.saturating_sub(1);
        }
        pull.check = match pull.check {
            MergeCheck::Known => MergeCheck::Known,
            MergeCheck::Unchecked => checking(asks),
            MergeCheck::Checking { asks_left } => checking(asks_left.saturating_sub(1)),
        };
    }

    /// The state right after a move: nobody has asked yet.
    pub(super) fn moved_check(&self) -> MergeCheck {
        if self.asks_until_checked == 0 {
            MergeCheck::Known
        } else {
            MergeCheck::Unchecked
        }
    }
}

fn checking(asks_left: u32) -> MergeCheck {
    match asks_left {
        0 => MergeCheck::Known,
        asks_left => MergeCheck::Checking { asks_left },
    }
}

/// Whether a rule about pipelines stops the merge.
fn pipeline_hindrance(repo: &Repo, pull: &Pull) -> Option<DetailedStatus> {
    if !repo.rules.pipeline_must_succeed {
        return None;
    }
    match repo.head_pipeline(pull).map(|pipeline| pipeline.status) {
        Some(PipelineStatus::Success) => None,
        Some(PipelineStatus::Skipped) if repo.rules.skipped_pipeline_passes => None,
        Some(PipelineStatus::Created | PipelineStatus::Pending | PipelineStatus::Running) => {
            Some(DetailedStatus::CiStillRunning)
        }
        None
        | Some(
            PipelineStatus::Failed
            | PipelineStatus::Canceled
            | PipelineStatus::Skipped
            | PipelineStatus::Manual,
        ) => Some(DetailedStatus::CiMustPass),
    }
}

/// Approvals that still are missing; those of the author do not count.
pub(super) fn approvals_left(repo: &Repo, pull: &Pull) -> u32 {
    let given = pull
        .approvals
        .iter()
        .filter(|approval| approval.by != pull.author)
        .count();
    repo.rules
        .approvals_required
        .saturating_sub(u32::try_from(given).unwrap_or(u32::MAX))
}

/// Whether all approvals that are needed are there.
pub(super) fn is_approved(repo: &Repo, pull: &Pull) -> bool {
    approvals_left(repo, pull) == 0
}

/// Whether a reviewer wants changes.
pub(super) fn wants_changes(pull: &Pull) -> bool {
    pull.reviewers
        .values()
        .any(|state| *state == ReviewerState::RequestedChanges)
}
