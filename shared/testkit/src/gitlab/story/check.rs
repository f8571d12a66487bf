//! Verbs of a job in the pipeline of a merge request.

use crate::fake::told;
use crate::gitlab::FakeGitlab;
use crate::gitlab::model::{JobStatus, PullRef};

/// A job in the pipeline that speaks for the head a merge request has when the verb is said. The
/// first verb makes pipeline and job; one that ended before runs again as a new job. Each verb
/// returns the job's id.
pub struct CheckStory {
    gitlab: FakeGitlab,
    at: PullRef,
    name: String,
}

impl CheckStory {
    pub(super) fn new(gitlab: &FakeGitlab, at: PullRef, name: &str) -> Self {
        Self {
            gitlab: gitlab.clone(),
            at,
            name: name.to_owned(),
        }
    }

    /// It waits for a runner.
    pub fn queued(&self) -> u64 {
        self.becomes(JobStatus::Pending)
    }

    /// It runs.
    pub fn runs(&self) -> u64 {
        self.becomes(JobStatus::Running)
    }

    /// It ends well.
    pub fn succeeds(&self) -> u64 {
        self.becomes(JobStatus::Success)
    }

    /// It fails.
    pub fn fails(&self) -> u64 {
        self.becomes(JobStatus::Failed)
    }

    /// Somebody stops it.
    pub fn cancelled(&self) -> u64 {
        self.becomes(JobStatus::Canceled)
    }

    /// It does not run.
    pub fn skipped(&self) -> u64 {
        self.becomes(JobStatus::Skipped)
    }

    /// It waits for a person.
    pub fn waits_for_somebody(&self) -> u64 {
        self.becomes(JobStatus::Manual)
    }

    /// Somebody runs it again: a new job that waits.
    pub fn rerun(&self) -> u64 {
        self.becomes(JobStatus::Pending)
    }

    /// It fails, and its failure does not count.
    pub fn fails_harmlessly(&self) -> u64 {
        told(self.gitlab.change(|world| {
            let pipeline = world.ensure_pipeline(self.at)?;
            world.set_job(self.at.repo, pipeline, &self.name, JobStatus::Running)?;
            world.allow_failure(self.at.repo, pipeline, &self.name)?;
            world.set_job(self.at.repo, pipeline, &self.name, JobStatus::Failed)
        }))
    }

    fn becomes(&self, status: JobStatus) -> u64 {
        told(self.gitlab.change(|world| {
            let pipeline = world.ensure_pipeline(self.at)?;
            world.set_job(self.at.repo, pipeline, &self.name, status)
        }))
    }
}
