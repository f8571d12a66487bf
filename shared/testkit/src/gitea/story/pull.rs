//! Verbs of a pull request.

use std::collections::BTreeMap;

use super::{CheckStory, RepoStory, told};
use crate::fake::Problem;
use crate::gitea::hub::FakeGitea;
use crate::gitea::model::{Pull, PullRef};
use crate::gitea::world::World;

/// A pull request of a story.
#[derive(Clone)]
pub struct PullStory {
    pub(super) gitea: FakeGitea,
    pub(super) at: PullRef,
}

/// What it is.
impl PullStory {
    pub(super) fn new(gitea: &FakeGitea, at: PullRef) -> Self {
        Self {
            gitea: gitea.clone(),
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
        RepoStory::with_id(&self.gitea, self.at.repo)
    }

    /// The present head.
    pub fn head_sha(&self) -> String {
        self.data().head.sha
    }

    /// Its data.
    pub fn data(&self) -> Pull {
        told(
            self.gitea
                .read(|world| world.pull(self.at).map(|(_, pull)| pull.clone())),
        )
    }

    /// The check of this name at the present head.
    pub fn check(&self, name: &str) -> CheckStory {
        CheckStory::new(&self.gitea, self.at, &self.head_sha(), name)
    }

    /// Does something in its author's name.
    fn author_does<T>(
        &self,
        change: impl FnOnce(&mut World, PullRef, &str) -> Result<T, Problem>,
    ) -> T {
        let author = self.data().author;
        told(self.gitea.change(|world| change(world, self.at, &author)))
    }
}

/// What breaks at the server.
impl PullStory {
    /// Neither its branch nor its ref leads to a commit any more: it is shown without one
    /// ("unable to resolve PR head ref" in `ToAPIPullRequest`).
    pub fn lose_head(&self) -> &Self {
        told(self.gitea.change(|world| {
            let pull = world.pull_mut(self.at)?;
            pull.head.sha = String::new();
            let (from, branch) = (pull.head.repo, pull.head.branch.clone());
            world.repo_mut(from)?.branches.remove(&branch);
            Ok(())
        }));
        self
    }
}

/// What its author pushes.
impl PullStory {
    /// Pushes one more commit to its branch; returns the new head.
    pub fn push(&self) -> String {
        self.author_does(|world, at, _| world.push_to_pull(at, None))
    }

    /// Pushes a commit that changes this file.
    pub fn push_touching(&self, file: &str) -> String {
        self.author_does(|world, at, _| world.push_to_pull(at, Some(file)))
    }

    /// Replaces its commits by one new commit on the head of the base branch.
    pub fn force_push(&self) -> String {
        self.author_does(|world, at, author| {
            let id = world.next_id();
            let (repo, pull) = world.pull(at)?;
            let onto = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
            let (onto, from) = (onto.to_owned(), pull.head.repo);
            let branch = pull.head.branch.clone();
            let file = format!("src/change-{}.rs", at.number);
            let files = BTreeMap::from([(file, format!("change {id}"))]);
            world.force_push(from, &branch, author, &onto, files)
        })
    }

    /// Moves its branch to a commit that it had before.
    pub fn force_push_back(&self, sha: &str) -> &Self {
        self.author_does(|world, at, author| {
            world.moved_now();
            let (_, pull) = world.pull(at)?;
            let (from, branch) = (pull.head.repo, pull.head.branch.clone());
            world.move_branch(from, &branch, sha, author)
        });
        self
    }

    /// Somebody changes the same files on the base branch: it conflicts.
    pub fn conflict(&self) -> &Self {
        self.author_does(|world, at, _| world.make_conflict(at));
        self
    }
}

/// What its author changes.
impl PullStory {
    /// Gives it another title. It stays a draft only if that says so.
    pub fn retitle(&self, title: &str) -> &Self {
        self.author_does(|world, at, author| world.retitle(at, title, author));
        self
    }

    /// Gives it another description.
    pub fn describe(&self, body: &str) -> &Self {
        self.author_does(|world, at, author| world.describe(at, body, author));
        self
    }

    /// Aims it at another branch.
    pub fn retarget(&self, base: &str) -> &Self {
        self.author_does(|world, at, author| world.retarget(at, base, author));
        self
    }

    /// Makes it a draft.
    pub fn to_draft(&self) -> &Self {
        self.author_does(|world, at, author| world.set_draft(at, true, author));
        self
    }

    /// Ends the draft.
    pub fn ready(&self) -> &Self {
        self.author_does(|world, at, author| world.set_draft(at, false, author));
        self
    }

    /// Puts a label on.
    pub fn label(&self, label: &str) -> &Self {
        self.author_does(|world, at, author| world.label(at, label, author));
        self
    }

    /// Takes a label off.
    pub fn unlabel(&self, label: &str) -> &Self {
        self.author_does(|world, at, author| world.unlabel(at, label, author));
        self
    }

    /// Takes all labels off at once.
    pub fn clear_labels(&self) -> &Self {
        self.author_does(|world, at, author| world.clear_labels(at, author));
        self
    }

    /// Asks somebody for a review.
    pub fn request_review(&self, from: &str) -> &Self {
        self.author_does(|world, at, author| world.request_review(at, from, author));
        self
    }

    /// Asks somebody no longer.
    pub fn unrequest_review(&self, from: &str) -> &Self {
        self.author_does(|world, at, author| world.unrequest_review(at, from, author));
        self
    }

    /// Closes it.
    pub fn close(&self) -> &Self {
        self.author_does(|world, at, author| world.close_pull(at, author));
        self
    }

    /// Opens it again.
    pub fn reopen(&self) -> &Self {
        self.author_does(|world, at, author| world.reopen_pull(at, author));
        self
    }
}
