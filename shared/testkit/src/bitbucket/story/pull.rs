//! Verbs of a pull request: what its author does.

use super::{CheckStory, RepoStory};
use crate::bitbucket::cloud::FakeBitbucket;
use crate::bitbucket::model::{Pull, PullRef, Repo};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Problem, told};

/// A pull request of a story.
#[derive(Clone)]
pub struct PullStory {
    pub(super) cloud: FakeBitbucket,
    pub(super) at: PullRef,
}

/// What it is.
impl PullStory {
    pub(super) fn new(cloud: &FakeBitbucket, at: PullRef) -> Self {
        Self {
            cloud: cloud.clone(),
            at,
        }
    }

    /// Its repository and number.
    pub fn at(&self) -> PullRef {
        self.at
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.at.number
    }

    /// The repository it aims at.
    pub fn repository(&self) -> RepoStory {
        RepoStory::with_key(&self.cloud, self.at.repo)
    }

    /// The present head, all 40 characters.
    pub fn head_sha(&self) -> String {
        self.look(|_, pull| pull.source.sha.clone())
    }

    /// The 12 characters of the head that Bitbucket shows.
    pub fn short_head(&self) -> String {
        self.look(|_, pull| shape::short(&pull.source.sha).to_owned())
    }

    /// Its data.
    pub fn data(&self) -> Pull {
        self.look(|_, pull| pull.clone())
    }

    /// The build of this key at the present head.
    pub fn check(&self, key: &str) -> CheckStory {
        CheckStory::new(&self.cloud, self.at, &self.head_sha(), key)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Repo, &Pull) -> T) -> T {
        let found = self.cloud.read(|world| {
            let found = world.pull(self.at);
            found.map(|(repo, pull)| look(repo, pull))
        });
        told(found)
    }

    pub(super) fn tell<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Problem>) -> T {
        told(self.cloud.change(change))
    }

    fn author(&self) -> String {
        self.look(|_, pull| pull.author.clone())
    }
}

/// Pushes.
impl PullStory {
    /// Pushes one more commit to its branch; returns the new head.
    pub fn push(&self) -> String {
        self.tell(|world| world.push_to_pull(self.at, None))
    }

    /// Pushes a commit that changes this file.
    pub fn push_touching(&self, file: &str) -> String {
        self.tell(|world| world.push_to_pull(self.at, Some(file)))
    }

    /// Replaces its commits by one new commit on the head of its destination.
    pub fn force_push(&self) -> String {
        self.tell(|world| world.force_push_to_pull(self.at))
    }

    /// Moves its branch back to a former head.
    pub fn force_push_back(&self, sha: &str) -> &Self {
        let by = self.author();
        self.tell(|world| {
            let (_, pull) = world.pull(self.at)?;
            let (from, branch) = (pull.source.repo, pull.source.branch.clone());
            world.clock.tick();
            world.move_branch(from, &branch, sha, &by)
        });
        self
    }

    /// Somebody changes the same files on the destination: it conflicts.
    pub fn conflict(&self) -> &Self {
        self.tell(|world| world.make_conflict(self.at));
        self
    }
}

/// Edits.
impl PullStory {
    /// Gives it another title.
    pub fn retitle(&self, title: &str) -> &Self {
        let by = self.author();
        self.tell(|world| world.edit_pull(self.at, Some(title), None, &by));
        self
    }

    /// Gives it another description.
    pub fn describe(&self, description: &str) -> &Self {
        let by = self.author();
        self.tell(|world| world.edit_pull(self.at, None, Some(description), &by));
        self
    }

    /// Aims it at another branch.
    pub fn retarget(&self, destination: &str) -> &Self {
        let by = self.author();
        self.tell(|world| world.retarget(self.at, destination, &by));
        self
    }

    /// Makes it a draft.
    pub fn to_draft(&self) -> &Self {
        let by = self.author();
        self.tell(|world| world.set_draft(self.at, true, &by));
        self
    }

    /// Ends the draft.
    pub fn ready(&self) -> &Self {
        let by = self.author();
        self.tell(|world| world.set_draft(self.at, false, &by));
        self
    }

    /// Removes its branch with the merge.
    pub fn closes_its_branch(&self) -> &Self {
        self.tell(|world| world.set_close_source_branch(self.at, true));
        self
    }

    /// Leaves so many tasks to do.
    pub fn open_tasks(&self, count: u64) -> &Self {
        self.tell(|world| world.set_open_tasks(self.at, count));
        self
    }

    /// Pull requests of Bitbucket have no labels.
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn label(&self, _label: &str) -> Result<(), Problem> {
        Err(no_labels())
    }

    /// Pull requests of Bitbucket have no labels.
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn unlabel(&self, _label: &str) -> Result<(), Problem> {
        Err(no_labels())
    }

    /// Asks somebody for a review.
    pub fn request_review(&self, from: &str) -> &Self {
        let by = self.author();
        self.tell(|world| world.request_review(self.at, from, &by));
        self
    }

    /// Asks somebody no longer.
    pub fn unrequest_review(&self, from: &str) -> &Self {
        let by = self.author();
        self.tell(|world| world.unrequest_review(self.at, from, &by));
        self
    }

    /// Declines it.
    pub fn close(&self) -> &Self {
        let by = self.author();
        self.tell(|world| world.decline_pull(self.at, &by));
        self
    }

    /// Tries to open it again, which Bitbucket does not do: what was declined stays declined.
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn reopen(&self) -> Result<(), Problem> {
        self.cloud.change(|world| world.reopen_pull(self.at))
    }
}

fn no_labels() -> Problem {
    Problem::refused("pull requests of Bitbucket have no labels")
}
