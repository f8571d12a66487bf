//! Verbs of a pull request.

use std::collections::BTreeMap;

use super::{CheckStory, RepoStory, told};
use crate::github::actions::MergeRefusal;
use crate::github::hub::FakeGithub;
use crate::github::model::{Pull, PullRef, Repo, ReviewState, StatusState};
use crate::github::shape;
use crate::github::world::World;

/// A pull request of a story.
#[derive(Clone)]
pub struct PullStory {
    github: FakeGithub,
    at: PullRef,
}

/// What it is.
impl PullStory {
    pub(super) fn new(github: &FakeGithub, at: PullRef) -> Self {
        Self {
            github: github.clone(),
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
        RepoStory::with_id(&self.github, self.at.repo)
    }

    /// Its GraphQL id.
    pub fn node_id(&self) -> String {
        self.look(|_, _, pull| shape::node_id("PR", pull.id))
    }

    /// The present head.
    pub fn head_sha(&self) -> String {
        self.look(|_, _, pull| pull.head.sha.clone())
    }

    /// Its data.
    pub fn data(&self) -> Pull {
        self.look(|_, _, pull| pull.clone())
    }

    fn look<T>(&self, look: impl FnOnce(&World, &Repo, &Pull) -> T) -> T {
        told(self.github.read(|world| {
            world
                .pull(self.at)
                .map(|(repo, pull)| look(world, repo, pull))
        }))
    }

    fn author(&self) -> String {
        self.look(|_, _, pull| pull.author.clone())
    }
}

/// What its author does.
impl PullStory {
    /// Pushes one more commit to its branch; returns the new head.
    pub fn push(&self) -> String {
        told(
            self.github
                .change(|world| world.push_to_pull(self.at, None)),
        )
    }

    /// Pushes a commit that changes this file.
    pub fn push_touching(&self, file: &str) -> String {
        told(
            self.github
                .change(|world| world.push_to_pull(self.at, Some(file))),
        )
    }

    /// Somebody changes the same files on the base branch: it conflicts.
    pub fn conflict(&self) -> &Self {
        told(self.github.change(|world| world.make_conflict(self.at)));
        self
    }

    /// Replaces its commits by one new commit on the head of the base branch.
    pub fn force_push(&self) -> String {
        told(self.github.change(|world| {
            let id = world.next_id();
            let (repo, pull) = world.pull(self.at)?;
            let onto = repo
                .head_of(&pull.base_branch)
                .unwrap_or(&pull.base_sha)
                .to_owned();
            let (from, branch) = (pull.head.repo, pull.head.branch.clone());
            let author = pull.author.clone();
            let file = format!("src/change-{}.rs", self.at.number);
            let files = BTreeMap::from([(file, format!("change {id}"))]);
            world.force_push(from, &branch, &author, &onto, files)
        }))
    }

    /// Points its branch back at a commit it had before.
    pub fn force_push_back(&self, sha: &str) -> &Self {
        let by = self.author();
        told(self.github.change(|world| {
            let head = world.pull(self.at)?.1.head.clone();
            world.clock.tick();
            world.move_branch(head.repo, &head.branch, sha, &by)
        }));
        self
    }

    /// Gives it another title.
    pub fn retitle(&self, title: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.edit_pull(self.at, Some(title), None, &by)),
        );
        self
    }

    /// Gives it another description.
    pub fn describe(&self, body: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.edit_pull(self.at, None, Some(body), &by)),
        );
        self
    }

    /// Aims it at another branch.
    pub fn retarget(&self, base: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.retarget(self.at, base, &by)),
        );
        self
    }

    /// Makes it a draft.
    pub fn to_draft(&self) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.set_draft(self.at, true, &by)),
        );
        self
    }

    /// Ends the draft.
    pub fn ready(&self) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.set_draft(self.at, false, &by)),
        );
        self
    }

    /// Puts a label on.
    pub fn label(&self, label: &str) -> &Self {
        let by = self.author();
        told(self.github.change(|world| world.label(self.at, label, &by)));
        self
    }

    /// Takes a label off.
    pub fn unlabel(&self, label: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.unlabel(self.at, label, &by)),
        );
        self
    }

    /// Asks somebody for a review.
    pub fn request_review(&self, from: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.request_review(self.at, from, &by)),
        );
        self
    }

    /// Asks a team for a review.
    pub fn request_team_review(&self, team: &str) -> &Self {
        let by = self.author();
        told(
            self.github
                .change(|world| world.request_team_review(self.at, team, &by)),
        );
        self
    }

    /// Closes it.
    pub fn close(&self) -> &Self {
        let by = self.author();
        told(self.github.change(|world| world.close_pull(self.at, &by)));
        self
    }

    /// Opens it again.
    pub fn reopen(&self) -> &Self {
        let by = self.author();
        told(self.github.change(|world| world.reopen_pull(self.at, &by)));
        self
    }
}

/// What others do.
impl PullStory {
    /// A colleague with write access approves; returns the review's id.
    pub fn approve(&self, by: &str) -> u64 {
        self.review(by, ReviewState::Approved, "Looks good to me.")
    }

    /// A colleague asks for changes.
    pub fn request_changes(&self, by: &str) -> u64 {
        self.review(
            by,
            ReviewState::ChangesRequested,
            "Please look at this once more.",
        )
    }

    /// A colleague comments without an opinion.
    pub fn comment(&self, by: &str) -> u64 {
        self.review(by, ReviewState::Commented, "Interesting.")
    }

    /// Says something in the conversation, outside of any review; returns the comment's id.
    pub fn say(&self, by: &str, text: &str) -> u64 {
        told(
            self.github
                .change(|world| world.comment_on(self.at, by, text)),
        )
    }

    /// Takes back what was said.
    pub fn unsay(&self, by: &str, comment: u64) -> &Self {
        told(
            self.github
                .change(|world| world.delete_comment(self.at, comment, by)),
        );
        self
    }

    fn review(&self, by: &str, state: ReviewState, body: &str) -> u64 {
        told(self.github.change(|world| {
            world.add_writer(self.at.repo, by)?;
            world.submit_review(self.at, by, state, body)
        }))
    }

    /// Somebody without write access approves, which counts for nothing.
    pub fn approve_as_outsider(&self, by: &str) -> u64 {
        told(
            self.github
                .change(|world| world.submit_review(self.at, by, ReviewState::Approved, "+1")),
        )
    }

    /// Takes back the newest opinion of a reviewer.
    pub fn dismiss(&self, reviewer: &str) -> &Self {
        told(self.github.change(|world| {
            let (repo, pull) = world.pull(self.at)?;
            let review = pull
                .opinions()
                .into_iter()
                .find(|own| own.author == reviewer);
            let id = review.map(|review| review.id).unwrap_or_default();
            let owner = repo.owner.clone();
            world.dismiss_review(self.at, id, &owner)
        }));
        self
    }

    /// The check of this name at the present head, by GitHub Actions unless said otherwise.
    pub fn check(&self, name: &str) -> CheckStory {
        CheckStory::new(&self.github, self.at, &self.head_sha(), name)
    }

    /// Sets a commit status at the present head.
    pub fn status(&self, context: &str, state: StatusState) -> &Self {
        let sha = self.head_sha();
        told(
            self.github
                .change(|world| world.set_status(self.at.repo, &sha, context, state, "ci-bot")),
        );
        self
    }

    /// Merges it; returns the commit it became.
    pub fn merge(&self, by: &str) -> String {
        match self.try_merge(by) {
            Ok(sha) => sha,
            Err(refusal) => super::broken_story(&format!("the merge was refused: {refusal:?}")),
        }
    }

    /// Tries to merge it.
    ///
    /// # Errors
    /// GitHub's refusal.
    pub fn try_merge(&self, by: &str) -> Result<String, MergeRefusal> {
        self.github.hub.change(|world| {
            world
                .add_writer(self.at.repo, by)
                .map_err(|_| MergeRefusal::Missing)?;
            world.merge_pull(self.at, by, "merge", None)
        })
    }
}
