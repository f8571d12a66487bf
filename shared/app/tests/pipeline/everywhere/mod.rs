//! The same stories at every provider: what a provider does differently, its own tests tell.

mod stories;

use std::sync::Arc;

use ampel_domain::{
    facts::CommitSha,
    light::{Light, ReasonCode},
};
use ampel_testkit::stories::{self as providers, StoryProvider};

use crate::{
    pipeline::{Pipeline, SECRET, moments_of},
    tracked::Source,
};

/// A tracked repository at a fake provider, and everything between it and the table.
struct Anywhere {
    pipeline: Pipeline,
    at: Arc<dyn StoryProvider>,
}

impl Anywhere {
    async fn tracked(at: std::io::Result<Box<dyn StoryProvider>>) -> Self {
        let at: Arc<dyn StoryProvider> = Arc::from(at.unwrap());
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
        let path = format!("http://ampel.test/webhooks/{}/hook", at.provider());
        at.hook(&path, SECRET);
        at.take_deliveries();
        Self { pipeline, at }
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

/// Tells every story at one provider.
macro_rules! told_at {
    ($($name:ident),+ $(,)?) => {
        told_at!(@each github, providers::github(), $($name),+);
        told_at!(@each gitlab, providers::gitlab(), $($name),+);
        told_at!(@each bitbucket, providers::bitbucket(), $($name),+);
        told_at!(@each gitea, providers::gitea(), $($name),+);
        told_at!(@each forgejo, providers::forgejo(), $($name),+);
    };
    (@each $provider:ident, $start:expr, $($name:ident),+) => {
        mod $provider {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::stories::$name(&Anywhere::tracked($start.await).await).await;
                }
            )+
        }
    };
}

told_at! {
    a_pull_request_goes_its_way_from_opened_to_merged,
    a_push_takes_the_green_away_until_the_new_head_is_known,
    an_opinion_counts_until_it_is_taken_back,
    a_closed_pull_request_has_no_light_and_may_come_back,
    a_retargeted_pull_request_is_tried_again,
    a_conflict_takes_the_green_away,
    a_push_to_the_base_has_it_tried_again,
    a_push_of_commits_of_any_date_has_it_tried_again,
    a_draft_is_never_green,
    a_renamed_repository_is_followed,
    what_was_lost_is_found_by_reconciling,
    every_delivery_again_changes_nothing,
    an_unreachable_provider_makes_nothing_green,
}
