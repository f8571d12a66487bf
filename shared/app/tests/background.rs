//! What runs behind the scenes: the schedule, clean-up, stamps of hooks and the relay of changes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

#[path = "../../store/tests/support/mod.rs"]
mod support;

use std::{collections::BTreeMap, time::Duration};

use ampel_app::{
    changes::{Record, Relay},
    cleanup::Cleanup,
    moment::Moments,
    schedule::{Schedule, Ticked},
    stamps,
};
use ampel_cloud::{
    events::Bus,
    queues::{Queues, StandardQueue},
};
use ampel_domain::{
    hooks::{RefusalReason, RefusedDelivery},
    light::Light,
    secret::Sealed,
};
use ampel_store::{Store, keys};
use ampel_testkit::cloud::Queue;
use ampel_wire::{
    change::SOURCE,
    queue::{CleanupMessage, HookStampMessage, SyncJob, SyncMessage, decode},
};
use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::AfterDeserializationInterceptorContextRef,
    },
    error::BoxError,
    operation::update_item::UpdateItemOutput,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use support::*;

fn at(time: Timestamp) -> Moments {
    Moments::new(move || time, || 4)
}

/// The same cloud, but nothing answers.
fn unreachable(world: &World) -> SdkConfig {
    let config = world.cloud.config().to_builder();
    config
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(RetryConfig::disabled())
        .build()
}

fn queues(config: &SdkConfig) -> Queues {
    Queues::new(aws_sdk_sqs::Client::new(config))
}

fn schedule(world: &World, config: &SdkConfig, time: Timestamp) -> Schedule {
    Schedule {
        store: world.store.clone(),
        queues: queues(config),
        sync: StandardQueue::new(world.cloud.queue_url(Queue::Sync)),
        moments: at(time),
    }
}

async fn queued(world: &World) -> Vec<SyncJob> {
    let messages = world.cloud.drain(Queue::Sync).await;
    let job = |body: &str| {
        let message: SyncMessage = decode(body).unwrap();
        assert_eq!(message.organization_id, world.organization);
        assert_eq!(message.repository_id, world.repository);
        message.job
    };
    messages.iter().map(|message| job(&message.body)).collect()
}

#[tokio::test]
async fn two_ticks_at_once_forget_nothing_and_go_on_as_one() {
    let world = World::start().await;
    let tick = |seconds| {
        let schedule = schedule(&world, world.cloud.config(), later(seconds));
        async move { schedule.tick().await.unwrap() }
    };
    assert_eq!(tick(299).await, Ticked::default());
    let (a, b) = futures::join!(tick(300), tick(300));
    assert_eq!(a.queued + b.queued, 1);
    let jobs = queued(&world).await;
    assert!(matches!(jobs.len(), 1 | 2), "{jobs:?}");
    assert!(jobs.iter().all(|job| *job == SyncJob::Light));
    assert_eq!(tick(599).await.queued, 0);
    assert_eq!(tick(3700).await.queued, 1);
    let full = SyncJob::EVERYTHING;
    assert_eq!(queued(&world).await, [full]);
    assert_eq!(tick(4000).await.queued, 1);
    assert_eq!(queued(&world).await, [SyncJob::Light]);
}

#[tokio::test]
async fn what_can_not_be_queued_is_found_again() {
    let world = World::start().await;
    let failing = schedule(&world, &unreachable(&world), later(300));
    let ticked = failing.tick().await.unwrap();
    assert_eq!((ticked.queued, ticked.failed), (0, 1));
    let working = schedule(&world, world.cloud.config(), later(301));
    assert_eq!(working.tick().await.unwrap().queued, 1);
    assert_eq!(queued(&world).await.len(), 1);
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_forgets_nothing() {
    let world = World::start().await;
    let config = aws_sdk_dynamodb::config::Builder::from(world.cloud.config())
        .interceptor(LosesAnswersToUpdates)
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let schedule = Schedule {
        store: Store::new(client, world.cloud.table()),
        ..schedule(&world, world.cloud.config(), later(300))
    };
    let ticked = schedule.tick().await.unwrap();
    assert_eq!((ticked.queued, ticked.failed), (0, 1));
    assert_eq!(queued(&world).await, [SyncJob::Light]);
}

/// Updates are made, and their answers never come.
#[derive(Debug)]
struct LosesAnswersToUpdates;

impl Intercept for LosesAnswersToUpdates {
    fn name(&self) -> &'static str {
        "loses answers to updates"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.output_or_error() {
            Ok(output) if output.downcast_ref::<UpdateItemOutput>().is_some() => {
                Err("the answer is lost".into())
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_clean_up_out_of_time_goes_on_in_another_message() {
    let world = World::start().await;
    for number in 1..=5 {
        world.open(&draft(number), Light::Yellow).await;
    }
    let cleanup = Cleanup {
        store: world.store.clone(),
        queues: queues(world.cloud.config()),
        queue: StandardQueue::new(world.cloud.queue_url(Queue::Cleanup)),
        moments: at(now()),
    };
    let message = CleanupMessage::Repository {
        organization_id: world.organization,
        repository_id: world.repository,
        hook_id: world.tracked.hook.id,
        hops: 0,
    };
    let items = world.items().await;
    cleanup.run(message.clone(), later(60)).await.unwrap();
    assert_eq!(world.items().await, items, "a tracked repository is kept");

    world
        .store
        .untrack(world.organization, world.repository, now())
        .await
        .unwrap();
    cleanup.run(message, now()).await.unwrap();
    let mut next = world.cloud.drain(Queue::Cleanup).await;
    assert_eq!(next.len(), 1);
    let next: CleanupMessage = decode(&next.remove(0).body).unwrap();
    assert!(matches!(next, CleanupMessage::Repository { hops: 1, .. }));
    for _ in 0..2 {
        cleanup.run(next.clone(), later(60)).await.unwrap();
        assert_eq!(world.items().await, 0);
    }
    assert_eq!(world.cloud.pending(Queue::Cleanup).await, 0);
}

#[tokio::test]
async fn stamps_are_recorded_and_start_the_grace_once() {
    let world = World::start().await;
    let hook = world.tracked.hook.clone();
    let secrets = hook.secrets.rotated(Sealed::new(vec![2]), later(10));
    world.store.rotate_hook(hook.id, 1, &secrets).await.unwrap();
    for seconds in [20, 30] {
        let message = HookStampMessage {
            hook_id: hook.id,
            delivered_at: Some(later(seconds)),
            refused_at: Some(later(15)),
            refused_because: Some(RefusalReason::Unsigned),
            current_secret_of: Some(later(10)),
        };
        stamps::record(&world.store, message).await.unwrap();
    }
    let stored = world.store.hook(hook.id).await.unwrap().unwrap();
    assert_eq!(stored.last_delivery_at, Some(later(30)));
    let refused = RefusedDelivery {
        at: later(15),
        why: RefusalReason::Unsigned,
    };
    assert_eq!(stored.last_refusal, Some(refused));
    assert_eq!(stored.secrets.current_first_used_at, Some(later(20)));
}

/// The image of an item as a stream shows it.
async fn image(world: &World, number: u32) -> Value {
    let item = world.item(&keys::pull_request(world.id(number))).await;
    serde_json::to_value(serde_dynamo::Item::from(item)).unwrap()
}

fn record(sequence: u32, old: Option<Value>, new: Option<Value>) -> Record {
    let mut dynamodb = json!({"SequenceNumber": sequence.to_string()});
    if let Some(old) = old {
        dynamodb["OldImage"] = old;
    }
    if let Some(new) = new {
        dynamodb["NewImage"] = new;
    }
    Record(json!({"eventID": sequence.to_string(), "eventName": "MODIFY", "dynamodb": dynamodb}))
}

fn relay(world: &World, bus: &SdkConfig, sqs: &SdkConfig) -> Relay {
    Relay {
        bus: Bus::new(
            aws_sdk_eventbridge::Client::new(bus),
            world.cloud.event_bus(),
            SOURCE,
        ),
        queues: queues(sqs),
        unpublished: StandardQueue::new(world.cloud.queue_url(Queue::ChangesUnpublished)),
    }
}

#[tokio::test]
async fn changes_are_published_and_what_can_not_be_read_holds_nothing_up() {
    let world = World::start().await;
    let capture = world.cloud.capture_changes().await;
    let config = world.cloud.config();
    world.open(&draft(1), Light::Yellow).await;
    world.open(&draft(2), Light::Red).await;
    let (one, two) = (image(&world, 1).await, image(&world, 2).await);
    let mut broken = one.clone();
    broken["pull"] = json!({"S": "nonsense"});
    let mut expired = record(4, Some(one.clone()), None);
    expired.0["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
    let hook = json!({"pk": {"S": "HOOK#1"}, "type": {"S": "hook"}, "v": {"N": "1"}});
    let records = [
        record(1, None, Some(one)),
        record(2, None, Some(broken)),
        record(3, None, Some(two)),
        expired,
        record(5, None, Some(hook)),
    ];
    let failed = relay(&world, config, config).publish(&records).await;
    assert_eq!(failed, [""; 0]);

    let published = capture.take_at_least(4, Duration::from_secs(20)).await;
    let mut kinds: BTreeMap<(u64, &str), usize> = BTreeMap::new();
    for change in &published {
        assert_eq!(change.source, SOURCE);
        assert_eq!(change.detail["type"], change.detail_type.as_str());
        let number = change.detail["number"].as_u64().unwrap();
        *kinds.entry((number, &change.detail_type)).or_default() += 1;
    }
    let expected = [
        ((1, "pull_request.light_changed"), 1),
        ((1, "pull_request.opened"), 1),
        ((2, "pull_request.light_changed"), 1),
        ((2, "pull_request.opened"), 1),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
    let aside = world.cloud.drain(Queue::ChangesUnpublished).await;
    assert_eq!(aside.len(), 1);
    let whole: Value = serde_json::from_str(&aside[0].body).unwrap();
    assert_eq!(whole, records[1].0);
}

#[tokio::test]
async fn what_the_bus_does_not_take_is_set_aside_or_comes_again() {
    let world = World::start().await;
    world.open(&draft(1), Light::Yellow).await;
    let records = [record(11, None, Some(image(&world, 1).await))];
    let (cloud, nowhere) = (world.cloud.config().clone(), unreachable(&world));
    let failed = relay(&world, &nowhere, &cloud).publish(&records).await;
    assert_eq!(failed, [""; 0]);
    let aside = world.cloud.drain(Queue::ChangesUnpublished).await;
    assert_eq!(aside.len(), 1);
    let failed = relay(&world, &nowhere, &nowhere).publish(&records).await;
    assert_eq!(failed, ["11"]);
}
