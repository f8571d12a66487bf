//! The same stories at every provider: what a provider does differently, its own tests tell.

mod bystander;
mod orders;
mod signed;
mod stories;
mod webhooks;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use ampel_domain::{
    facts::CommitSha,
    light::{Light, ReasonCode},
};
use ampel_testkit::{
    cloud::Queue,
    stories::{self as providers, StoryProvider},
};

use crate::{
    pipeline::{Pipeline, SECRET, moments_of},
    tracked::Source,
};
use bystander::Bystander;

/// A tracked repository at a fake provider, and everything between it and the table.
struct Anywhere {
    pipeline: Pipeline,
    at: Arc<dyn StoryProvider>,
    /// Rereads that a story leaves behind because nobody has to wait for them.
    left_behind: AtomicU64,
}

impl Anywhere {
    /// A repository with one pull request that no story is about, read for the first time.
    async fn tracked(at: std::io::Result<Box<dyn StoryProvider>>) -> (Self, Bystander) {
        let at: Arc<dyn StoryProvider> = at.unwrap().into();
        let bystander = Bystander::opened(&*at);
        let path = format!("http://ampel.test/webhooks/{}/hook", at.provider());
        at.hook(&path, SECRET);
        at.take_deliveries();
        at.advance(2);
        let world = Self::of(at).await;
        world.pipeline.sync_fully().await;
        world.settle().await;
        let bystander = bystander.seen(&world).await;
        world.reads();
        (world, bystander)
    }

    /// The same repository in a table of its own, of which nothing was read yet.
    async fn elsewhere(&self) -> Self {
        Self::of(Arc::clone(&self.at)).await
    }

    async fn of(at: Arc<dyn StoryProvider>) -> Self {
        let source = Source {
            provider: at.provider(),
            url: at.url(),
            repository_id: at.repository_id(),
            credential: at.credential(),
        };
        let mut pipeline = Pipeline::of(&source).await;
        let there = Arc::clone(&at);
        // Deliveries are received when they were sent.
        pipeline.ingest.moments = moments_of(move || there.now());
        Self {
            pipeline,
            at,
            left_behind: AtomicU64::new(0),
        }
    }

    /// What every story leaves behind: nothing.
    async fn finish(&self, bystander: &Bystander) {
        self.reads();
        let cloud = &self.pipeline.cloud;
        let rereads = cloud.pending(Queue::Delays).await;
        assert!(
            rereads <= self.left_behind.load(Ordering::Relaxed),
            "{rereads}"
        );
        // The stamps of deliveries are another function's to take.
        let others = Queue::ALL
            .into_iter()
            .filter(|queue| !matches!(queue, Queue::Delays | Queue::HookStamps));
        for queue in others {
            assert_eq!(cloud.pending(queue).await, 0, "{queue:?}");
        }
        bystander.is_as_it_was(self).await;
    }

    /// Takes the calls made since the last time, none of which may change anything there.
    fn reads(&self) -> Vec<String> {
        let calls = self.at.take_calls();
        let wrote: Vec<&String> = calls.iter().filter(|call| !is_reading(call)).collect();
        assert!(wrote.is_empty(), "{wrote:?}");
        calls
    }

    /// Handles what the provider sent, and no refresh it asks for.
    async fn hear(&self) {
        let deliveries = self.at.take_deliveries();
        self.pipeline.take(&deliveries).await;
        self.pipeline.handle_events().await;
    }

    /// Delivers and handles until nothing is left to do, refreshes included.
    async fn settle(&self) {
        loop {
            self.hear().await;
            self.at.advance(2);
            self.pipeline.handle_syncs().await;
            if self.pipeline.is_settled().await {
                break;
            }
        }
    }

    /// The repository gets another name, and everything that follows.
    async fn renamed(&self, name: &str) {
        self.at.rename(name);
        self.settle_by_reading_unless(self.at.tells_renames()).await;
    }

    /// A check ends or begins, and everything that follows.
    async fn checked(&self, act: impl FnOnce(&dyn StoryProvider)) {
        act(&*self.at);
        self.settle_by_reading_unless(self.at.tells_checks()).await;
    }

    /// An opinion is taken back, and everything that follows.
    async fn withdrawn(&self, pull: u64, by: &str) {
        self.at.withdraw(pull, by);
        self.settle_by_reading_unless(self.at.tells_withdrawals())
            .await;
    }

    /// What a provider tells nobody is found by reading.
    async fn settle_by_reading_unless(&self, told: bool) {
        self.settle().await;
        if !told {
            self.pipeline.sync_fully().await;
            self.settle().await;
        }
    }

    /// What just happened reaches nobody, and is found by the next light reconcile.
    async fn unheard(&self) {
        self.at.take_deliveries();
        self.at.advance(2);
        self.pipeline.reconcile_lightly().await;
        self.settle().await;
    }

    async fn light(&self, pull: u64) -> Option<Light> {
        Some(self.pipeline.light_of(pull).await?.0)
    }

    async fn reasons(&self, pull: u64) -> Vec<ReasonCode> {
        self.pipeline.light_of(pull).await.unwrap().1
    }

    async fn is_green(&self, pull: u64) {
        let light = self.light(pull).await;
        assert_eq!(light, Some(Light::Green), "{:?}", self.reasons(pull).await);
    }

    async fn blocked_by_a_check(&self, pull: u64) {
        let reasons = self.reasons(pull).await;
        assert_eq!(
            reasons.first(),
            Some(&ReasonCode::CheckFailed),
            "{reasons:?}"
        );
    }

    /// What is stored is what the provider has.
    async fn is_true(&self, pull: u64) {
        let truth = self.at.truth(pull);
        let stored = self.pipeline.stored_number(pull).await.unwrap();
        let stored = stored.pull_request;
        assert_eq!(*stored.title.shown(), truth.title);
        assert_eq!(*stored.base.shown(), truth.base);
        let head: CommitSha = stored.head_sha().clone();
        assert!(
            truth.head.starts_with(head.as_str()),
            "{head} {}",
            truth.head
        );
        assert_eq!(stored.is_open(), truth.open);
        assert_eq!(stored.lifecycle.shown().is_merged(), truth.merged);
        assert_eq!(*stored.draft.shown(), truth.draft);
    }

    /// A pull request that is ready to merge.
    async fn ready(&self) -> u64 {
        let pull = self.at.open("Add login");
        self.at.passes(pull, "build");
        self.at.approve(pull, "grace");
        self.settle().await;
        assert_eq!(
            self.light(pull).await,
            Some(Light::Green),
            "{:?}",
            self.reasons(pull).await
        );
        pull
    }
}

/// Whether a call changes nothing: every query of ours is asked by `POST`.
fn is_reading(call: &str) -> bool {
    call.starts_with("GET ") || call == "POST /graphql"
}

/// Tells every story at one provider.
macro_rules! told_at {
    ($($chapter:ident::$name:ident),+ $(,)?) => {
        told_at!(@each github, providers::github(), $($chapter::$name),+);
        told_at!(@each gitlab, providers::gitlab(), $($chapter::$name),+);
        told_at!(@each bitbucket, providers::bitbucket(), $($chapter::$name),+);
        told_at!(@each gitea, providers::gitea(), $($chapter::$name),+);
        told_at!(@each forgejo, providers::forgejo(), $($chapter::$name),+);
    };
    (@each $provider:ident, $start:expr, $($chapter:ident::$name:ident),+) => {
        mod $provider {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let (world, bystander) = Anywhere::tracked($start.await).await;
                    super::$chapter::$name(&world).await;
                    world.finish(&bystander).await;
                }
            )+
        }
    };
}

told_at! {
    stories::a_pull_request_goes_its_way_from_opened_to_merged,
    stories::a_push_takes_the_green_away_until_the_new_head_is_known,
    stories::an_opinion_counts_until_it_is_taken_back,
    stories::a_closed_pull_request_has_no_light_and_may_come_back,
    stories::a_retargeted_pull_request_is_tried_again,
    stories::a_conflict_takes_the_green_away,
    stories::a_push_to_the_base_has_it_tried_again,
    stories::a_push_of_commits_of_any_date_has_it_tried_again,
    stories::a_trial_that_takes_its_time_is_asked_for_again,
    stories::a_draft_is_never_green,
    stories::a_renamed_repository_is_followed,
    stories::what_was_lost_is_found_by_reconciling,
    stories::a_check_that_begins_late_or_again_is_found,
    stories::every_delivery_again_changes_nothing,
    stories::an_unreachable_provider_makes_nothing_green,
    webhooks::one_that_was_forgotten_is_registered_again_by_the_full_reconcile,
    webhooks::a_new_secret_reaches_the_provider_and_its_deliveries_count,
    orders::in_whatever_order_deliveries_come_the_light_is_the_same,
}
