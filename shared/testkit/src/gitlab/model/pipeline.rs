//! Pipelines and their jobs. A commit status of another service is a job, too, in a pipeline of
//! its own kind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Pull;

/// Status of a pipeline. Words from <https://docs.gitlab.com/api/pipelines/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PipelineStatus {
    /// Made, nothing runs.
    Created,
    /// Waits for a runner.
    Pending,
    /// Runs.
    Running,
    /// Passed.
    Success,
    /// Failed.
    Failed,
    /// Stopped by somebody.
    Canceled,
    /// Nothing of it ran.
    Skipped,
    /// Waits for a person.
    Manual,
}

/// Jobs have the same words.
pub type JobStatus = PipelineStatus;

impl PipelineStatus {
    /// GitLab's word in REST and webhooks; GraphQL writes it in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Skipped => "skipped",
            Self::Manual => "manual",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_over(self) -> bool {
        match self {
            Self::Success | Self::Failed | Self::Canceled | Self::Skipped | Self::Manual => true,
            Self::Created | Self::Pending | Self::Running => false,
        }
    }

    /// The word people see.
    pub fn label(self) -> &'static str {
        match self {
            Self::Success => "passed",
            Self::Created
            | Self::Pending
            | Self::Running
            | Self::Failed
            | Self::Canceled
            | Self::Skipped
            | Self::Manual => self.as_str(),
        }
    }
}

/// What a pipeline runs for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PipelineKind {
    /// A push to a branch.
    Branch,
    /// A merge request, at its head: `detached`.
    Detached,
    /// A merge request, at its head merged into the target branch: its SHA is not the head.
    MergedResult,
    /// Another service set commit statuses.
    External,
}

impl PipelineKind {
    /// GitLab's word in `source`.
    pub fn source(self) -> &'static str {
        match self {
            Self::Branch => "push",
            Self::Detached | Self::MergedResult => "merge_request_event",
            Self::External => "external",
        }
    }

    /// GraphQL's `mergeRequestEventType`.
    pub fn event_type(self) -> Option<&'static str> {
        match self {
            Self::Detached => Some("DETACHED"),
            Self::MergedResult => Some("MERGED_RESULT"),
            Self::Branch | Self::External => None,
        }
    }
}

/// What another service says beside a status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct External {
    /// Where to read more.
    pub target_url: Option<String>,
    /// One line.
    pub description: Option<String>,
    /// Who set it.
    pub creator: String,
}

/// One job of a pipeline, or one commit status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// Numeric id; a rerun gets a new one.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// How far it is.
    pub status: JobStatus,
    /// Its failure does not count.
    pub allow_failure: bool,
    /// A later run of the same job replaced it.
    pub retried: bool,
    /// Only for commit statuses.
    pub external: Option<External>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pipeline {
    /// Numeric id.
    pub id: u64,
    /// Number in its project (`iid`).
    pub number: u64,
    /// What it runs for.
    pub kind: PipelineKind,
    /// The merge request it was made for; none for a branch.
    pub pull: Option<u64>,
    /// The project whose branch it runs on; a fork's runs in the target project.
    pub source_repo: u64,
    /// The branch it runs on.
    pub branch: String,
    /// The commit it runs on.
    pub sha: String,
    /// The head merged into `sha`, for merged results.
    pub merged_head: Option<String>,
    /// How far it is; derived from its jobs.
    pub status: PipelineStatus,
    /// Who caused it.
    pub user: String,
    /// In the order they were made, replaced ones too.
    pub jobs: Vec<Job>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Pipeline {
    /// The head it speaks for.
    pub fn source_sha(&self) -> &str {
        self.merged_head.as_deref().unwrap_or(&self.sha)
    }

    /// GitLab's `ref`.
    pub fn reference(&self) -> String {
        match (self.kind, self.pull) {
            (PipelineKind::Detached, Some(number)) => format!("refs/merge-requests/{number}/head"),
            (PipelineKind::MergedResult, Some(number)) => {
                format!("refs/merge-requests/{number}/merge")
            }
            (
                PipelineKind::Branch
                | PipelineKind::Detached
                | PipelineKind::MergedResult
                | PipelineKind::External,
                _,
            ) => self.branch.clone(),
        }
    }

    /// Whether it belongs to a merge request of the project `repo`: made for it, or for the
    /// branch it comes from.
    pub fn is_of(&self, repo: u64, pull: &Pull) -> bool {
        match self.pull {
            Some(number) => number == pull.number,
            None => {
                self.source_repo == pull.head.repo
                    && pull.head.repo == repo
                    && self.branch == pull.head.branch
            }
        }
    }

    /// The jobs that count: without those a rerun replaced.
    pub fn present_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| !job.retried)
    }

    /// What its jobs make of it.
    pub fn derived_status(&self) -> PipelineStatus {
        let has = |wanted: JobStatus| self.present_jobs().any(|job| job.status == wanted);
        let fails = self
            .present_jobs()
            .any(|job| job.status == JobStatus::Failed && !job.allow_failure);
        let mut all = self.present_jobs().peekable();
        if all.peek().is_none() {
            return self.status;
        }
        if has(JobStatus::Running) {
            return PipelineStatus::Running;
        }
        if has(JobStatus::Pending) || has(JobStatus::Created) {
            let begun = self.present_jobs().any(|job| job.started_at.is_some());
            return if begun {
                PipelineStatus::Running
            } else {
                PipelineStatus::Pending
            };
        }
        if fails {
            PipelineStatus::Failed
        } else if has(JobStatus::Canceled) {
            PipelineStatus::Canceled
        } else if has(JobStatus::Manual) {
            PipelineStatus::Manual
        } else if all.all(|job| job.status == JobStatus::Skipped) {
            PipelineStatus::Skipped
        } else {
            PipelineStatus::Success
        }
    }
}
