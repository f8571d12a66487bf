//! Verbs of a pull request: what others do.

use super::PullStory;
use crate::bitbucket::actions::{MergeOrder, MergeRefusal};
use crate::bitbucket::model::{Opinion, Permission};
use crate::fake::broken_story;

impl PullStory {
    /// A colleague with write access approves.
    pub fn approve(&self, by: &str) -> &Self {
        self.opinion(by, Opinion::Approved)
    }

    /// A colleague asks for changes.
    pub fn request_changes(&self, by: &str) -> &Self {
        self.opinion(by, Opinion::ChangesRequested)
    }

    fn opinion(&self, by: &str, opinion: Opinion) -> &Self {
        self.tell(|world| {
            world.grant(self.at.repo, by, Permission::Write)?;
            world.give_opinion(self.at, by, opinion)
        });
        self
    }

    /// Somebody without write access approves.
    pub fn approve_as_outsider(&self, by: &str) -> &Self {
        self.tell(|world| world.give_opinion(self.at, by, Opinion::Approved));
        self
    }

    /// A colleague takes the present opinion back. Nobody can do that for somebody else.
    pub fn withdraw(&self, by: &str) -> &Self {
        let objects = self.look(|_, pull| {
            let objectors = pull.with_opinion(Opinion::ChangesRequested);
            objectors.contains(by)
        });
        let opinion = if objects {
            Opinion::ChangesRequested
        } else {
            Opinion::Approved
        };
        self.tell(|world| world.withdraw_opinion(self.at, by, opinion));
        self
    }

    /// Somebody comments; returns the comment's id.
    pub fn comment(&self, by: &str) -> u64 {
        self.comment_saying(by, "Interesting.")
    }

    /// Somebody writes this.
    pub fn comment_saying(&self, by: &str, text: &str) -> u64 {
        self.tell(|world| world.comment(self.at, by, text))
    }

    /// Merges it; returns the commit it became.
    pub fn merge(&self, by: &str) -> String {
        match self.try_merge(by) {
            Ok(sha) => sha,
            Err(refusal) => broken_story(&format!("the merge was refused: {refusal:?}")),
        }
    }

    /// Tries to merge it.
    ///
    /// # Errors
    /// Bitbucket's refusal.
    pub fn try_merge(&self, by: &str) -> Result<String, MergeRefusal> {
        self.cloud.hub.change(|world| {
            world
                .grant(self.at.repo, by, Permission::Write)
                .map_err(|_| MergeRefusal::Missing)?;
            let strategy = world
                .repo(self.at.repo)
                .ok()
                .and_then(|repo| repo.merge_strategies.first().copied());
            let mut order = MergeOrder::default();
            order.strategy = strategy.unwrap_or(order.strategy);
            world.merge_pull(self.at, by, &order)
        })
    }
}
