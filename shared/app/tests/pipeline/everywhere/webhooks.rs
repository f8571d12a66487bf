//! The webhook itself: registered by Ampel, lost at the provider, given another secret.

use ampel_app::{
    budget::Budgets,
    repositories::{Repositories, RotatedWebhook},
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
};
use ampel_cloud::{
    queues::{Queues, StandardQueue},
    vault::Vault,
};
use ampel_domain::{
    hooks::HookStatus,
    ids::UserId,
    instance::AddressRules,
    tenancy::{Caller, Role},
};
use ampel_providers::Providers;
use ampel_testkit::cloud::Queue;
use ampel_wire::queue::{HookStampMessage, decode};
use jiff::Timestamp;

use super::{Anywhere, is_reading};
use crate::pipeline::{SECRET, moments};

const PUBLIC_URL: &str = "http://ampel.test";

pub async fn one_that_was_forgotten_is_registered_again_by_the_full_reconcile(world: &Anywhere) {
    let world = &registered(world).await;
    world.at.forget_hooks();
    let pull = world.at.open("Add login");
    assert!(world.at.take_deliveries().is_empty(), "nobody is told");
    world.at.advance(2);

    world.pipeline.sync_fully().await;
    world.settle().await;
    assert_eq!(world.at.hooks(), 1);
    writes_webhooks_alone(world);
    is_registered(world).await;
    world.is_true(pull).await;

    world.at.retitle(pull, "Add logout");
    is_heard(world).await;
    world.is_true(pull).await;

    world.pipeline.sync_fully().await;
    world.settle().await;
    world.reads();
    assert_eq!(world.at.hooks(), 1, "one that delivers is left alone");
}

pub async fn a_new_secret_reaches_the_provider_and_its_deliveries_count(world: &Anywhere) {
    let world = &registered(world).await;
    let rotated = rotate(world).await;
    assert_eq!(rotated.status, HookStatus::Registered);
    assert_ne!(rotated.secret.expose(), SECRET);
    assert_eq!(world.at.hooks(), 1);
    writes_webhooks_alone(world);
    world.at.take_deliveries();
    world.pipeline.cloud.drain(Queue::HookStamps).await;

    let pull = world.at.open("Add login");
    is_heard(world).await;
    world.is_true(pull).await;
    let stamps = world.pipeline.cloud.drain(Queue::HookStamps).await;
    let is_of_the_new_one = |body: &str| {
        let stamp: HookStampMessage = decode(body).unwrap();
        stamp.current_secret_of.is_some()
    };
    assert!(
        stamps.iter().any(|stamp| is_of_the_new_one(&stamp.body)),
        "{stamps:?}"
    );
    is_registered(world).await;
}

/// The repository in a deployment that providers reach, whose webhook the first sync registered.
async fn registered(world: &Anywhere) -> Anywhere {
    world.at.forget_hooks();
    to_today(world);
    let mut reached = world.elsewhere().await;
    reached.pipeline.sync.webhooks.public_url = PublicUrl::new(Some(PUBLIC_URL.to_owned()));
    reached.pipeline.sync_fully().await;
    reached.settle().await;
    assert_eq!(reached.at.hooks(), 1);
    writes_webhooks_alone(&reached);
    is_registered(&reached).await;
    reached.at.take_deliveries();
    reached
}

/// A fake's clock starts on a fixed Monday, and what is signed with a time has to be of now.
fn to_today(world: &Anywhere) {
    let start: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    world
        .at
        .advance(Timestamp::now().duration_since(start).as_secs());
}

/// The calls since the last time changed webhooks, and nothing else.
fn writes_webhooks_alone(world: &Anywhere) {
    let calls = world.at.take_calls();
    let writes: Vec<&String> = calls.iter().filter(|call| !is_reading(call)).collect();
    assert!(!writes.is_empty(), "{calls:?}");
    assert!(
        writes.iter().all(|call| call.contains("/hooks")),
        "{writes:?}"
    );
}

async fn is_registered(world: &Anywhere) {
    let repository = world.pipeline.repository().await;
    assert_eq!(repository.hook_status, HookStatus::Registered);
    let hook = world.pipeline.store.hook(world.pipeline.hook).await;
    assert!(hook.unwrap().unwrap().registration.is_some());
}

/// The provider tells of a change, and everything that follows.
async fn is_heard(world: &Anywhere) {
    let deliveries = world.at.take_deliveries();
    assert!(!deliveries.is_empty());
    world.pipeline.take(&deliveries).await;
    world.pipeline.handle_events().await;
    world.settle().await;
}

/// The owner has the webhook given another secret.
async fn rotate(world: &Anywhere) -> RotatedWebhook {
    let pipeline = &world.pipeline;
    let caller = Caller {
        user: UserId::new(moments().id_seed()),
        organization: pipeline.scope.organization,
        role: Role::Owner,
    };
    let repositories = repositories(world);
    repositories
        .rotate_webhook(caller, pipeline.scope.repository)
        .await
        .unwrap()
}

/// What the API's function works with.
fn repositories(world: &Anywhere) -> Repositories {
    let cloud = &world.pipeline.cloud;
    let store = world.pipeline.store.clone();
    let vault = Vault::new(aws_sdk_kms::Client::new(cloud.config()), cloud.kms_key_id());
    let rules = AddressRules {
        allow_loopback: true,
        ..AddressRules::default()
    };
    let queue = |queue| StandardQueue::new(cloud.queue_url(queue));
    Repositories {
        providers: Providers::new(rules).unwrap(),
        budgets: Budgets::new(store.clone(), moments()),
        queues: Queues::new(aws_sdk_sqs::Client::new(cloud.config())),
        sync_queue: queue(Queue::Sync),
        cleanup_queue: queue(Queue::Cleanup),
        webhooks: Webhooks {
            store: store.clone(),
            vault: vault.clone(),
            public_url: PublicUrl::new(Some(PUBLIC_URL.to_owned())),
            moments: moments(),
        },
        tokens: Tokens {
            store: store.clone(),
            vault,
        },
        store,
        moments: moments(),
    }
}
