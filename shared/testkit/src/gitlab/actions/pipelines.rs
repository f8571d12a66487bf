//! Pipelines: starting them, moving their jobs, and commit statuses of other services.

use std::collections::BTreeMap;

use crate::fake::{NewCommit, Problem};
use crate::gitlab::events;
use crate::gitlab::model::{
    External, Job, JobStatus, Pipeline, PipelineKind, PipelineStatus, PullRef,
};
use crate::gitlab::world::World;

/// A pipeline to start.
struct NewPipeline<'a> {
    repo: u64,
    kind: PipelineKind,
    pull: Option<u64>,
    source_repo: u64,
    branch: &'a str,
    sha: &'a str,
    merged_head: Option<String>,
    by: &'a str,
    jobs: &'a [String],
}

impl World {
    /// The pipeline a push to a branch starts, where the project has jobs.
    pub(super) fn start_branch_pipeline(
        &mut self,
        repo: u64,
        branch: &str,
        sha: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let jobs = self.repo(repo)?.ci_jobs.clone();
        if jobs.is_empty() {
            return Ok(());
        }
        let new = NewPipeline {
            repo,
            kind: PipelineKind::Branch,
            pull: None,
            source_repo: repo,
            branch,
            sha,
            merged_head: None,
            by,
            jobs: &jobs,
        };
        self.start(&new).map(|_| ())
    }

    /// The pipeline a merge request starts beside that of its branch, where the project has jobs
    /// for one.
    pub(super) fn start_pull_pipeline(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let (repo, _) = self.pull(at)?;
        let (jobs, kind) = (repo.ci_jobs.clone(), repo.ci_kind);
        let for_pulls = matches!(kind, PipelineKind::Detached | PipelineKind::MergedResult);
        if jobs.is_empty() || !for_pulls {
            return Ok(());
        }
        self.create_pipeline(at, kind, by, &jobs).map(|_| ())
    }

    /// Starts a pipeline of a kind at the head of a merge request; returns its id.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn create_pipeline(
        &mut self,
        at: PullRef,
        kind: PipelineKind,
        by: &str,
        jobs: &[String],
    ) -> Result<u64, Problem> {
        let (repo, pull) = self.pull(at)?;
        let (head, branch) = (pull.head.clone(), pull.head.branch.clone());
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        let base = base.to_owned();
        let (sha, merged_head) = match kind {
            PipelineKind::MergedResult => {
                (self.merge_ref(&base, &head.sha, by), Some(head.sha.clone()))
            }
            PipelineKind::Branch | PipelineKind::Detached | PipelineKind::External => {
                (head.sha.clone(), None)
            }
        };
        let own = matches!(kind, PipelineKind::Detached | PipelineKind::MergedResult);
        self.start(&NewPipeline {
            repo: at.repo,
            kind,
            pull: own.then_some(at.number),
            source_repo: head.repo,
            branch: &branch,
            sha: &sha,
            merged_head,
            by,
            jobs,
        })
    }

    /// The commit of `refs/merge-requests/<n>/merge`: what a merge would make now.
    fn merge_ref(&mut self, base: &str, head: &str, by: &str) -> String {
        let at = self.clock.now();
        self.git.commit(NewCommit {
            parents: vec![base.to_owned(), head.to_owned()],
            author: by,
            message: &format!("Merge {head} into {base}"),
            at,
            files: BTreeMap::new(),
        })
    }

    fn start(&mut self, new: &NewPipeline<'_>) -> Result<u64, Problem> {
        let user = self.ensure_user(new.by).login;
        let now = self.moved_now();
        let id = self.next_id();
        let mut jobs = Vec::new();
        for name in new.jobs {
            jobs.push(self.new_job(name));
        }
        let repo = self.repo_mut(new.repo)?;
        let number = repo.next_pipeline;
        repo.next_pipeline += 1;
        let status = if jobs.is_empty() {
            PipelineStatus::Created
        } else {
            PipelineStatus::Pending
        };
        let pipeline = Pipeline {
            id,
            number,
            kind: new.kind,
            pull: new.pull,
            source_repo: new.source_repo,
            branch: new.branch.to_owned(),
            sha: new.sha.to_owned(),
            merged_head: new.merged_head.clone(),
            status,
            user,
            jobs,
            created_at: now,
            updated_at: now,
            started_at: None,
            finished_at: None,
        };
        repo.pipelines.insert(id, pipeline);
        if status == PipelineStatus::Pending {
            self.emit_pipeline(new.repo, id)?;
        }
        Ok(id)
    }

    fn new_job(&mut self, name: &str) -> Job {
        Job {
            id: self.next_id(),
            name: name.to_owned(),
            stage: "test".to_owned(),
            status: JobStatus::Pending,
            allow_failure: false,
            retried: false,
            external: None,
            created_at: self.clock.now(),
            started_at: None,
            finished_at: None,
        }
    }

    /// The pipeline that speaks for the head of a merge request, started if there is none.
    pub(in crate::gitlab) fn ensure_pipeline(&mut self, at: PullRef) -> Result<u64, Problem> {
        let (repo, pull) = self.pull(at)?;
        if let Some(pipeline) = repo.head_pipeline(pull) {
            return Ok(pipeline.id);
        }
        let (author, kind) = (pull.author.clone(), repo.ci_kind);
        // A fork's branch has its pipelines in the fork; the target project runs one of its own.
        let foreign = pull.head.repo != at.repo;
        let kind = if foreign && kind == PipelineKind::Branch {
            PipelineKind::Detached
        } else {
            kind
        };
        self.create_pipeline(at, kind, &author, &[])
    }

    /// Moves one job of a pipeline, made on first mention; one that is over runs again first.
    /// GitLab sends an event when that moves the pipeline, not for the job. Returns the job's id.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pipeline.
    pub fn set_job(
        &mut self,
        repo: u64,
        pipeline: u64,
        name: &str,
        status: JobStatus,
    ) -> Result<u64, Problem> {
        let fresh = self.new_job(name);
        self.put_job(repo, pipeline, fresh, status)
    }

    /// Moves the present job of the fresh one's name, or takes the fresh one.
    fn put_job(
        &mut self,
        repo: u64,
        pipeline: u64,
        fresh: Job,
        status: JobStatus,
    ) -> Result<u64, Problem> {
        let now = self.moved_now();
        let found = pipeline_of(self, repo, pipeline)?;
        found.updated_at = now;
        let present = found
            .jobs
            .iter_mut()
            .find(|job| job.name == fresh.name && !job.retried);
        let id = match present {
            Some(job) if !job.status.is_over() => {
                move_job(job, status, now);
                job.id
            }
            Some(job) => {
                job.retried = true;
                found.finished_at = None;
                add_job(found, fresh, status, now)
            }
            None => add_job(found, fresh, status, now),
        };
        self.settle_pipeline(repo, pipeline)?;
        Ok(id)
    }

    /// Lets a job's failure count or not.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pipeline.
    pub fn allow_failure(&mut self, repo: u64, pipeline: u64, name: &str) -> Result<(), Problem> {
        let found = pipeline_of(self, repo, pipeline)?;
        for job in found.jobs.iter_mut().filter(|job| job.name == name) {
            job.allow_failure = true;
        }
        self.settle_pipeline(repo, pipeline)
    }

    /// Sets a commit status: a job in the pipeline of that commit, or in one of its own.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn set_status(
        &mut self,
        at: PullRef,
        name: &str,
        status: JobStatus,
        creator: &str,
    ) -> Result<u64, Problem> {
        let creator = self.ensure_user(creator).login;
        let (repo, pull) = self.pull(at)?;
        let pipeline = match repo.head_pipeline(pull) {
            Some(pipeline) => pipeline.id,
            None => self.create_pipeline(at, PipelineKind::External, &creator, &[])?,
        };
        let mut job = self.new_job(name);
        "external".clone_into(&mut job.stage);
        job.external = Some(External {
            target_url: Some(format!("https://ci.example/{}", job.id)),
            description: None,
            creator,
        });
        self.put_job(at.repo, pipeline, job, status)
    }

    /// Derives the status from the jobs, tells it if it moved, and merges what waited for it.
    fn settle_pipeline(&mut self, repo: u64, id: u64) -> Result<(), Problem> {
        let now = self.clock.now();
        let pipeline = pipeline_of(self, repo, id)?;
        let status = pipeline.derived_status();
        if status == pipeline.status {
            return Ok(());
        }
        pipeline.status = status;
        if status != PipelineStatus::Pending && pipeline.started_at.is_none() {
            pipeline.started_at = Some(now);
        }
        pipeline.finished_at = status.is_over().then_some(now);
        self.emit_pipeline(repo, id)?;
        if status == PipelineStatus::Success {
            self.merge_what_waited(repo, id)?;
        }
        Ok(())
    }

    fn emit_pipeline(&mut self, repo: u64, id: u64) -> Result<(), Problem> {
        let user = pipeline_of(self, repo, id)?.user.clone();
        let by = self.ensure_user(&user);
        let found = self.repo(repo)?;
        let pipeline = found.pipelines.get(&id);
        let pipeline = pipeline.ok_or_else(|| Problem::missing(format!("pipeline {id}")))?;
        let event = events::pipeline(self, found, pipeline, &by);
        self.emit(repo, &event)
    }
}

fn pipeline_of(world: &mut World, repo: u64, id: u64) -> Result<&mut Pipeline, Problem> {
    let found = world.repo_mut(repo)?.pipelines.get_mut(&id);
    found.ok_or_else(|| Problem::missing(format!("pipeline {id}")))
}

fn add_job(pipeline: &mut Pipeline, mut job: Job, status: JobStatus, now: jiff::Timestamp) -> u64 {
    move_job(&mut job, status, now);
    let id = job.id;
    pipeline.jobs.push(job);
    id
}

fn move_job(job: &mut Job, status: JobStatus, now: jiff::Timestamp) {
    job.status = status;
    let begun = !matches!(
        status,
        JobStatus::Created | JobStatus::Pending | JobStatus::Skipped | JobStatus::Manual
    );
    if begun && job.started_at.is_none() {
        job.started_at = Some(now);
    }
    job.finished_at = (status.is_over() && begun).then_some(now);
}
