//! Verbs of a merge request: what others do.

use super::PullStory;
use crate::fake::broken_story;
use crate::gitlab::actions::{MergeOrder, MergeRefusal};
use crate::gitlab::model::{DetailedStatus, Role};

/// Reviews.
impl PullStory {
    /// A colleague approves.
    pub fn approve(&self, by: &str) -> &Self {
        self.tell(|world| {
            world.add_member(self.at.repo, by, Role::Developer)?;
            world.approve(self.at, by)
        });
        self
    }

    /// A colleague takes the approval back.
    pub fn withdraw(&self, by: &str) -> &Self {
        self.tell(|world| world.withdraw_approval(self.at, by));
        self
    }

    /// A colleague asks for changes.
    pub fn request_changes(&self, by: &str) -> &Self {
        self.tell(|world| {
            world.add_member(self.at.repo, by, Role::Developer)?;
            world.request_changes(self.at, by)
        });
        self
    }

    /// Ends what a reviewer wanted: by being asked once more.
    pub fn dismiss(&self, reviewer: &str) -> &Self {
        self.request_review(reviewer)
    }

    /// A reviewer ends a review without an opinion.
    pub fn review_without_opinion(&self, by: &str) -> &Self {
        self.tell(|world| world.review_without_opinion(self.at, by));
        self
    }

    /// Somebody comments.
    pub fn comment(&self, by: &str) -> u64 {
        self.tell(|world| world.comment(self.at, "Interesting.", by))
    }

    /// Somebody opens a thread that must be resolved.
    pub fn open_thread(&self, by: &str) -> &Self {
        self.tell(|world| world.discuss(self.at, true, by));
        self
    }

    /// Somebody resolves a thread.
    pub fn resolve_thread(&self, by: &str) -> &Self {
        self.tell(|world| world.discuss(self.at, false, by));
        self
    }
}

/// Merging.
impl PullStory {
    /// Something this fake does not have is in the way, such as a security policy. GitLab sends
    /// no webhook for that.
    pub fn held_by(&self, status: DetailedStatus) -> &Self {
        self.tell(|world| {
            world.clock.tick();
            world.pull_mut(self.at)?.held = Some(status);
            Ok(())
        });
        self
    }

    /// Nothing of that kind is in the way any more.
    pub fn released(&self) -> &Self {
        self.tell(|world| {
            world.clock.tick();
            world.pull_mut(self.at)?.held = None;
            Ok(())
        });
        self
    }

    /// Merges it; returns the commit its target branch got.
    pub fn merge(&self, by: &str) -> String {
        match self.try_merge(by) {
            Ok(sha) => sha,
            Err(refusal) => broken_story(&format!("the merge was refused: {refusal:?}")),
        }
    }

    /// Tries to merge it.
    ///
    /// # Errors
    /// GitLab's refusal.
    pub fn try_merge(&self, by: &str) -> Result<String, MergeRefusal> {
        self.gitlab.hub.change(|world| {
            world
                .add_member(self.at.repo, by, Role::Maintainer)
                .map_err(|_| MergeRefusal::Missing)?;
            world.merge_pull(self.at, by, &MergeOrder::default())?;
            let (_, pull) = world.pull(self.at).map_err(|_| MergeRefusal::Missing)?;
            let merge = pull.merged.as_ref().map(|merge| merge.sha.clone());
            merge.ok_or(MergeRefusal::CannotMerge)
        })
    }

    /// Lets it merge by itself when its checks pass.
    pub fn merge_when_checks_pass(&self, by: &str) -> &Self {
        let order = MergeOrder {
            auto_merge: true,
            ..MergeOrder::default()
        };
        let done = self.gitlab.hub.change(|world| {
            world
                .add_member(self.at.repo, by, Role::Maintainer)
                .map_err(|_| MergeRefusal::Missing)?;
            world.merge_pull(self.at, by, &order)
        });
        match done {
            Ok(_) => self,
            Err(refusal) => broken_story(&format!("auto-merge was refused: {refusal:?}")),
        }
    }
}
