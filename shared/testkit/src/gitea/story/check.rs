//! Verbs of a check, which is a commit status to Gitea.

use super::told;
use crate::gitea::actions::NewStatus;
use crate::gitea::hub::FakeGitea;
use crate::gitea::model::{PullRef, StatusState};

/// A check at one commit. Each verb sets a new status of its context; each returns the status's id.
pub struct CheckStory {
    gitea: FakeGitea,
    at: PullRef,
    sha: String,
    context: String,
}

impl CheckStory {
    pub(super) fn new(gitea: &FakeGitea, at: PullRef, sha: &str, context: &str) -> Self {
        Self {
            gitea: gitea.clone(),
            at,
            sha: sha.to_owned(),
            context: context.to_owned(),
        }
    }

    /// It waits for a runner.
    pub fn queued(&self) -> u64 {
        self.set(StatusState::Pending, "Waiting to run")
    }

    /// It runs, which Gitea tells only in the description.
    pub fn runs(&self) -> u64 {
        self.set(StatusState::Pending, "Has started running")
    }

    /// It ends well.
    pub fn succeeds(&self) -> u64 {
        self.ends(StatusState::Success)
    }

    /// It fails.
    pub fn fails(&self) -> u64 {
        self.ends(StatusState::Failure)
    }

    /// Somebody stops it: a failure to Gitea.
    pub fn cancelled(&self) -> u64 {
        self.set(StatusState::Failure, "Has been cancelled")
    }

    /// It does not have to run.
    pub fn skipped(&self) -> u64 {
        self.set(StatusState::Skipped, "Has been skipped")
    }

    /// It ends in a chosen way.
    pub fn ends(&self, end: StatusState) -> u64 {
        self.set(end, "Ended")
    }

    /// Somebody runs it again: it waits once more.
    pub fn rerun(&self) -> u64 {
        self.queued()
    }

    fn set(&self, state: StatusState, description: &str) -> u64 {
        let status = NewStatus {
            repo: self.at.repo,
            sha: &self.sha,
            context: &self.context,
            state,
            description,
        };
        told(
            self.gitea
                .change(|world| world.set_status(&status, "ci-bot")),
        )
    }
}
