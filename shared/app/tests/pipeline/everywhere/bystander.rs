//! The pull request that no story is about.

use ampel_store::StoredPullRequest;
use ampel_testkit::stories::StoryProvider;

use super::Anywhere;

/// A pull request with a check and without an opinion, into a branch of its own.
pub(super) struct Bystander {
    number: u64,
    seen: Option<StoredPullRequest>,
}

impl Bystander {
    pub(super) fn opened(at: &dyn StoryProvider) -> Self {
        let number = at.open("Look on");
        at.retarget(number, "elsewhere");
        at.passes(number, "build");
        Self { number, seen: None }
    }

    /// The same, as the table has it now.
    pub(super) async fn seen(self, world: &Anywhere) -> Self {
        world.is_true(self.number).await;
        let seen = world.pipeline.stored_number(self.number).await;
        Self { seen, ..self }
    }

    /// Nothing that a story told was about it: its light stands, and nobody wrote it who had not
    /// read it again.
    pub(super) async fn is_as_it_was(&self, world: &Anywhere) {
        world.is_true(self.number).await;
        let before = self.seen.as_ref().unwrap();
        let after = world.pipeline.stored_number(self.number).await.unwrap();
        assert_eq!(after.judgement, before.judgement);
        if after.pull_request.snapshot_at == before.pull_request.snapshot_at {
            assert_eq!(after.version, before.version);
        }
    }
}
