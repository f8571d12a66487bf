//! Verbs of a merge request: what it is, and what its author does.

use std::collections::BTreeMap;

use super::{CheckStory, RepoStory};
use crate::fake::{Problem, told};
use crate::gitlab::FakeGitlab;
use crate::gitlab::model::{DetailedStatus, JobStatus, PipelineKind, Pull, PullRef, Repo};
use crate::gitlab::world::World;

/// A merge request of a story.
#[derive(Clone)]
pub struct PullStory {
    pub(super) gitlab: FakeGitlab,
    pub(super) at: PullRef,
}

/// What it is.
impl PullStory {
    pub(super) fn new(gitlab: &FakeGitlab, at: PullRef) -> Self {
        Self {
            gitlab: gitlab.clone(),
            at,
        }
    }

    /// Its project and number.
    pub fn at(&self) -> PullRef {
        self.at
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.at.number
    }

    /// The project it aims at.
    pub fn repository(&self) -> RepoStory {
        RepoStory::with_id(&self.gitlab, self.at.repo)
    }

    /// The present head.
    pub fn head_sha(&self) -> String {
        self.look(|_, _, pull| pull.head.sha.clone())
    }

    /// Its data.
    pub fn data(&self) -> Pull {
        self.look(|_, _, pull| pull.clone())
    }

    /// What GitLab says is in the way by now.
    pub fn detailed_status(&self) -> DetailedStatus {
        self.look(World::detailed_status)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&World, &Repo, &Pull) -> T) -> T {
        told(self.gitlab.read(|world| {
            world
                .pull(self.at)
                .map(|(repo, pull)| look(world, repo, pull))
        }))
    }

    pub(super) fn tell<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Problem>) -> T {
        told(self.gitlab.change(change))
    }

    fn by_author(&self, change: impl FnOnce(&mut World, &str) -> Result<(), Problem>) -> &Self {
        let by = self.look(|_, _, pull| pull.author.clone());
        self.tell(|world| change(world, &by));
        self
    }
}

/// What its author pushes.
impl PullStory {
    /// Pushes one more commit to its branch; returns the new head.
    pub fn push(&self) -> String {
        self.tell(|world| world.push_to_pull(self.at, None))
    }

    /// Pushes one more commit that changes `file`; returns the new head.
    pub fn push_touching(&self, file: &str) -> String {
        self.tell(|world| world.push_to_pull(self.at, Some(file)))
    }

    /// Replaces its commits by one new one; returns the new head.
    pub fn force_push(&self) -> String {
        self.tell(|world| {
            let id = world.next_id();
            let (repo, pull) = world.pull(self.at)?;
            let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
            let (base, head) = (base.to_owned(), pull.head.clone());
            let by = pull.author.clone();
            let file = format!("src/change-{}.rs", self.at.number);
            let files = BTreeMap::from([(file, format!("change {id}"))]);
            world.force_push(head.repo, &head.branch, &by, &base, files)
        })
    }

    /// Points its branch back at a commit it had before.
    pub fn force_push_back(&self, sha: &str) -> &Self {
        self.by_author(|world, by| {
            let head = world.pull(self.at)?.1.head.clone();
            world.clock.tick();
            world.move_branch(head.repo, &head.branch, sha, by)
        })
    }

    /// Somebody changes the same lines on the target branch.
    pub fn conflict(&self) -> &Self {
        self.tell(|world| world.make_conflict(self.at));
        self
    }
}

/// What its author writes.
impl PullStory {
    /// Gives it another title.
    pub fn retitle(&self, title: &str) -> &Self {
        self.by_author(|world, by| world.retitle(self.at, title, by))
    }

    /// Gives it another description.
    pub fn describe(&self, body: &str) -> &Self {
        self.by_author(|world, by| world.describe(self.at, body, by))
    }

    /// Aims it at another branch.
    pub fn retarget(&self, base: &str) -> &Self {
        self.by_author(|world, by| world.retarget(self.at, base, by))
    }

    /// Makes it a draft.
    pub fn to_draft(&self) -> &Self {
        self.by_author(|world, by| world.set_draft(self.at, true, by))
    }

    /// Ends the draft.
    pub fn ready(&self) -> &Self {
        self.by_author(|world, by| world.set_draft(self.at, false, by))
    }

    /// Puts a label on.
    pub fn label(&self, label: &str) -> &Self {
        self.by_author(|world, by| world.set_label(self.at, label, true, by))
    }

    /// Takes a label off.
    pub fn unlabel(&self, label: &str) -> &Self {
        self.by_author(|world, by| world.set_label(self.at, label, false, by))
    }

    /// Asks somebody for a review, or once more.
    pub fn request_review(&self, from: &str) -> &Self {
        self.by_author(|world, by| world.request_review(self.at, from, by))
    }

    /// Asks somebody no longer.
    pub fn unrequest_review(&self, from: &str) -> &Self {
        self.by_author(|world, by| world.unrequest_review(self.at, from, by))
    }

    /// Closes it.
    pub fn close(&self) -> &Self {
        self.by_author(|world, by| world.close_pull(self.at, by))
    }

    /// Opens it again.
    pub fn reopen(&self) -> &Self {
        self.by_author(|world, by| world.reopen_pull(self.at, by))
    }
}

/// Its pipelines.
impl PullStory {
    /// The job of this name in the pipeline at the present head, made by its first verb.
    pub fn check(&self, name: &str) -> CheckStory {
        CheckStory::new(&self.gitlab, self.at, name)
    }

    /// Another service sets a commit status at the present head.
    pub fn status(&self, name: &str, status: JobStatus) -> &Self {
        self.tell(|world| world.set_status(self.at, name, status, "ci"));
        self
    }

    /// Starts a pipeline of a kind at the present head; returns its id.
    pub fn pipeline(&self, kind: PipelineKind, jobs: &[&str]) -> u64 {
        let jobs: Vec<String> = jobs.iter().map(|job| (*job).to_owned()).collect();
        let by = self.look(|_, _, pull| pull.author.clone());
        self.tell(|world| world.create_pipeline(self.at, kind, &by, &jobs))
    }

    /// Moves a job of a certain pipeline.
    pub fn job(&self, pipeline: u64, name: &str, status: JobStatus) -> &Self {
        self.tell(|world| world.set_job(self.at.repo, pipeline, name, status));
        self
    }
}
