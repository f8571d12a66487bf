//! What others do with a pull request.

use super::{PullStory, broken_story, told};
use crate::gitea::actions::{MergeOrder, MergeRefusal};
use crate::gitea::model::{Mergeability, Power, ReviewKind};

impl PullStory {
    /// A colleague with write access approves; returns the review's id.
    pub fn approve(&self, by: &str) -> u64 {
        self.review(by, ReviewKind::Approve, "Looks good to me.")
    }

    /// A colleague asks for changes.
    pub fn request_changes(&self, by: &str) -> u64 {
        self.review(by, ReviewKind::Reject, "Please look at this once more.")
    }

    /// A colleague reviews without an opinion.
    pub fn review_without_opinion(&self, by: &str) -> u64 {
        self.review(by, ReviewKind::Comment, "Interesting.")
    }

    fn review(&self, by: &str, kind: ReviewKind, body: &str) -> u64 {
        told(self.gitea.change(|world| {
            world.add_collaborator(self.at.repo, by, Power::Write)?;
            world.submit_review(self.at, by, kind, body)
        }))
    }

    /// Somebody without write access approves, which is not official and counts for nothing.
    pub fn approve_as_outsider(&self, by: &str) -> u64 {
        told(
            self.gitea
                .change(|world| world.submit_review(self.at, by, ReviewKind::Approve, "+1")),
        )
    }

    /// Somebody takes the weight of the newest opinion of a reviewer. Gitea tells nobody.
    pub fn dismiss(&self, reviewer: &str) -> &Self {
        told(self.gitea.change(|world| {
            let (_, pull) = world.pull(self.at)?;
            let opinion = pull
                .reviews
                .iter()
                .rfind(|own| own.author == reviewer && own.kind.is_opinion());
            let id = opinion.map(|own| own.id).unwrap_or_default();
            world.dismiss_review(self.at, id)
        }));
        self
    }

    /// Somebody writes on the conversation, apart from any review; returns the comment's id.
    pub fn comment(&self, by: &str) -> u64 {
        told(
            self.gitea
                .change(|world| world.comment(self.at, "I wonder.", by)),
        )
    }

    /// Merges it at Gitea; returns the commit it became.
    pub fn merge(&self, by: &str) -> String {
        match self.try_merge(by) {
            Ok(sha) => sha,
            Err(refusal) => broken_story(&format!("the merge was refused: {refusal:?}")),
        }
    }

    /// Tries to merge it, once Gitea has looked for conflicts.
    ///
    /// # Errors
    /// Gitea's refusal.
    pub fn try_merge(&self, by: &str) -> Result<String, MergeRefusal> {
        self.gitea.hub.change(|world| {
            world
                .add_collaborator(self.at.repo, by, Power::Write)
                .map_err(|_| MergeRefusal::Missing)?;
            let pull = world.pull_mut(self.at).map_err(|_| MergeRefusal::Missing)?;
            pull.mergeability = Mergeability::Known;
            let order = MergeOrder {
                style: "merge".to_owned(),
                ..MergeOrder::default()
            };
            world.merge_pull(self.at, by, &order)
        })
    }

    /// Brings the base branch into it; returns the new head.
    pub fn update(&self, by: &str) -> String {
        match self
            .gitea
            .hub
            .change(|world| world.update_pull(self.at, by, false))
        {
            Ok(sha) => sha,
            Err(refusal) => broken_story(&format!("the update was refused: {refusal:?}")),
        }
    }
}
