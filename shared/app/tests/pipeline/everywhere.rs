//! The same stories at every provider: what a provider does differently, its own tests tell.

use ampel_app::ingest::Receipt;
use ampel_domain::{
    facts::CommitSha,
    light::{Light, ReasonCode},
};
use ampel_testkit::{
    fake::Delivery,
    stories::{self, StoryProvider},
};

use crate::{
    pipeline::{Pipeline, SECRET},
    tracked::Source,
};

/// A tracked repository at a fake provider, and everything between it and the table.
struct Anywhere {
    pipeline: Pipeline,
    at: Box<dyn StoryProvider>,
}

impl Anywhere {
    async fn tracked(at: std::io::Result<Box<dyn StoryProvider>>) -> Self {
        let at = at.unwrap();
        let source = Source {
            provider: at.provider(),
            url: at.url(),
            repository_id: at.repository_id(),
            credential: at.credential(),
        };
        let pipeline = Pipeline::of(&source).await;
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

async fn a_pull_request_goes_its_way_from_opened_to_merged(world: &Anywhere) {
    let pull = world.at.open("Add login");
    world.hear().await;
    let light = world.light(pull).await;
    assert_eq!(light, Some(Light::Yellow), "nothing is known of it yet");
    world.checked(|at| at.runs(pull, "build")).await;
    let reasons = world.reasons(pull).await;
    assert!(reasons.contains(&ReasonCode::CheckPending), "{reasons:?}");
    world.is_true(pull).await;

    world.checked(|at| at.fails(pull, "build")).await;
    world.blocked_by_a_check(pull).await;

    world.at.approve(pull, "grace");
    world.checked(|at| at.passes(pull, "build")).await;
    world.is_green(pull).await;
    assert_eq!(world.pipeline.counts().await.green, 1);

    world.at.merge(pull, "ada");
    world.settle().await;
    assert_eq!(world.light(pull).await, None);
    world.is_true(pull).await;
    assert_eq!(world.pipeline.counts().await.green, 0);
}

async fn a_push_takes_the_green_away_until_the_new_head_is_known(world: &Anywhere) {
    let pull = world.ready().await;
    let first = world.at.truth(pull).head;
    let second = world.at.push(pull);
    assert_ne!(first, second);
    world.hear().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.checked(|at| at.fails(pull, "build")).await;
    assert_eq!(world.light(pull).await, Some(Light::Red));
    world.is_true(pull).await;

    world.at.force_push_back(pull, &first);
    world.settle().await;
    world.is_true(pull).await;
    let reasons = world.reasons(pull).await;
    assert!(
        !reasons.contains(&ReasonCode::CheckFailed),
        "the first head passed: {reasons:?}"
    );
}

async fn an_opinion_counts_until_it_is_taken_back(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.comment(pull, "alan");
    world.settle().await;
    assert_eq!(
        world.light(pull).await,
        Some(Light::Green),
        "a comment is no opinion"
    );

    world.at.request_changes(pull, "alan");
    world.settle().await;
    assert_eq!(world.light(pull).await, Some(Light::Red));
    let reasons = world.reasons(pull).await;
    assert!(
        reasons.contains(&ReasonCode::ChangesRequested),
        "{reasons:?}"
    );

    world.withdrawn(pull, "alan").await;
    world.is_green(pull).await;

    world.withdrawn(pull, "grace").await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    let reasons = world.reasons(pull).await;
    assert!(reasons.contains(&ReasonCode::ReviewRequired), "{reasons:?}");
}

async fn a_closed_pull_request_has_no_light_and_may_come_back(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.close(pull);
    world.settle().await;
    assert_eq!(world.light(pull).await, None);
    world.is_true(pull).await;
    let reopened = world.at.reopen(pull);
    world.settle().await;
    world.is_true(pull).await;
    assert_eq!(world.light(pull).await.is_some(), reopened);
}

async fn a_retargeted_pull_request_is_tried_again(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.retarget(pull, "release");
    world.settle().await;
    world.is_true(pull).await;
    world.is_green(pull).await;
}

async fn a_conflict_takes_the_green_away(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.conflict(pull);
    world.hear().await;
    assert_ne!(
        world.light(pull).await,
        Some(Light::Green),
        "its base moved"
    );
    // A provider that does not say why it does not merge is asked again for half a minute, in case
    // it is still trying; nobody has to wait for that.
    let said = [ReasonCode::Conflicts, ReasonCode::MergeHeld];
    let is_told = async || {
        let reasons = world.reasons(pull).await;
        reasons.iter().any(|code| said.contains(code))
    };
    while !is_told().await {
        world.at.advance(2);
        world.pipeline.handle_syncs().await;
        if world.pipeline.is_settled().await {
            break;
        }
    }
    let reasons = world.reasons(pull).await;
    assert!(is_told().await, "{reasons:?}");
}

async fn a_push_to_the_base_has_it_tried_again(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.push_to_base();
    world.hear().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.settle().await;
    world.is_green(pull).await;
}

async fn a_draft_is_never_green(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.to_draft(pull);
    world.settle().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    assert!(world.reasons(pull).await.contains(&ReasonCode::Draft));
    world.is_true(pull).await;
    world.at.ready(pull);
    world.settle().await;
    world.is_green(pull).await;
    world.at.retitle(pull, "Add single sign-on");
    world.settle().await;
    world.is_true(pull).await;
}

async fn a_renamed_repository_is_followed(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.rename("site");
    world.settle().await;
    world.pipeline.sync_fully().await;
    world.settle().await;
    assert_eq!(world.pipeline.repository().await.facts.name, "site");
    world.checked(|at| at.fails(pull, "build")).await;
    assert_eq!(
        world.light(pull).await,
        Some(Light::Red),
        "its deliveries still count"
    );
}

async fn what_was_lost_is_found_by_reconciling(world: &Anywhere) {
    let (stays, merged, closed) = (
        world.ready().await,
        world.ready().await,
        world.ready().await,
    );
    world.at.retitle(stays, "Add logout");
    world.at.request_changes(stays, "alan");
    world.at.merge(merged, "ada");
    world.at.close(closed);
    let opened = world.at.open("Opened unheard");
    world.at.take_deliveries();
    world.at.advance(2);
    world.pipeline.reconcile_lightly().await;
    world.settle().await;
    for pull in [stays, merged, closed, opened] {
        world.is_true(pull).await;
    }
    assert_eq!(world.light(stays).await, Some(Light::Red));
    assert_eq!(world.light(merged).await, None);

    world.at.withdraw(stays, "alan");
    world.at.fails(stays, "build");
    world.at.take_deliveries();
    world.at.advance(2);
    world.pipeline.sync_fully().await;
    world.settle().await;
    world.blocked_by_a_check(stays).await;
}

async fn every_delivery_again_changes_nothing(world: &Anywhere) {
    let pull = world.at.open("Add login");
    world.at.runs(pull, "build");
    world.at.passes(pull, "build");
    world.at.approve(pull, "grace");
    world.at.request_changes(pull, "alan");
    world.at.withdraw(pull, "alan");
    world.at.push_to_base();
    let history = world.at.take_deliveries();
    world.pipeline.take(&history).await;
    world.pipeline.handle_events().await;
    world.settle().await;
    let before = world.pipeline.stored_number(pull).await.unwrap();
    assert!(!history.is_empty());
    for (n, delivery) in history.iter().rev().enumerate() {
        let again = world.pipeline.receive(&under_a_fresh_id(delivery, n)).await;
        assert!(
            matches!(again, Receipt::Queued | Receipt::Ignored),
            "{again:?}"
        );
    }
    world.pipeline.handle_events().await;
    world.at.take_calls();
    world.settle().await;
    let after = world.pipeline.stored_number(pull).await.unwrap();
    assert_eq!(after.version, before.version);
    assert_eq!(after.judgement, before.judgement);
    assert_eq!(world.at.take_calls(), Vec::<String>::new());
}

async fn an_unreachable_provider_makes_nothing_green(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.push(pull);
    world.at.fail_next(500, 1000);
    world.hear().await;
    world.pipeline.sync_fully().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
}

/// The same body, as a provider would send it for another change.
fn under_a_fresh_id(delivery: &Delivery, n: usize) -> Delivery {
    const IDS: [&str; 5] = [
        "x-github-delivery",
        "idempotency-key",
        "x-request-uuid",
        "x-gitea-delivery",
        "x-forgejo-delivery",
    ];
    let mut again = delivery.clone();
    for (name, value) in &mut again.headers {
        if IDS.contains(&name.to_ascii_lowercase().as_str()) {
            *value = format!("replay-{n}");
        }
    }
    again
}

/// Tells every story at one provider.
macro_rules! told_at {
    ($($name:ident),+ $(,)?) => {
        told_at!(@each github, stories::github(), $($name),+);
        told_at!(@each gitlab, stories::gitlab(), $($name),+);
        told_at!(@each bitbucket, stories::bitbucket(), $($name),+);
        told_at!(@each gitea, stories::gitea(), $($name),+);
        told_at!(@each forgejo, stories::forgejo(), $($name),+);
    };
    (@each $provider:ident, $start:expr, $($name:ident),+) => {
        mod $provider {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(&Anywhere::tracked($start.await).await).await;
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
    a_draft_is_never_green,
    a_renamed_repository_is_followed,
    what_was_lost_is_found_by_reconciling,
    every_delivery_again_changes_nothing,
    an_unreachable_provider_makes_nothing_green,
}
