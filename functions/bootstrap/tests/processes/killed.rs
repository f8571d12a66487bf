//! `kill -9` in the middle of a message loses nothing and does nothing twice.

use std::time::Duration;

use ampel_domain::{
    ids::PullRequestNumber, light::Light, provider::Provider, repositories::OpenCounts,
};
use ampel_testkit::{
    aws_calls::HangAt,
    cloud::{Queue, ReceivedMessage},
    lambda::RuntimeApi,
};
use serde_json::{Value, json};

use crate::world::{Tracked, World, batch, opened};

/// The message that a delivery of an opened pull request leaves in `events.fifo`.
async fn queued(world: &World, tracked: Tracked) -> Vec<ReceivedMessage> {
    let mut api = RuntimeApi::start().await;
    let function = world.function("webhook-ingest", &api);
    let answer = api.invoke(opened(tracked.hook)).await;
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["statusCode"], 202, "{answer}");
    function.kill().await;
    world
        .cloud
        .drain_at_least(Queue::Events, 1, Duration::from_secs(10))
        .await
}

/// Kills `status-recompute` when its call after `calls_before` others hangs; answers whether it
/// made so many.
async fn kill_at(
    world: &World,
    messages: &[ReceivedMessage],
    calls_before: usize,
    at: HangAt,
) -> bool {
    let mut api = RuntimeApi::start().await;
    let hangs = world.aws.hang(calls_before, at);
    let function = world.function("status-recompute", &api);
    let killed = tokio::select! {
        hung = hangs => { hung.unwrap(); true }
        answer = api.invoke(batch(messages)) => { assert!(!answer.failed); false }
    };
    function.kill().await;
    world.aws.let_pass();
    killed
}

/// Hands the message to a fresh process, as SQS does when the visibility timeout is over.
async fn come_again(world: &World, messages: &[ReceivedMessage]) {
    let mut api = RuntimeApi::start().await;
    let function = world.function("status-recompute", &api);
    let answer = api.invoke(batch(messages)).await;
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
    function.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_at_any_call_has_handled_its_message_once_in_effect() {
    let mut points = 0;
    for at in [HangAt::BeforeTheCall, HangAt::AfterTheCall] {
        for calls_before in 0..12 {
            let world = World::start().await;
            let tracked = world.track(Provider::Github, "1").await;
            let messages = queued(&world, tracked).await;
            if !kill_at(&world, &messages, calls_before, at).await {
                break;
            }
            points += 1;
            come_again(&world, &messages).await;
            assert_once(&world, tracked).await;
        }
    }
    assert!(
        points >= 8,
        "reads, refresh and transaction were each killed twice, not {points} times"
    );
}

async fn assert_once(world: &World, tracked: Tracked) {
    let Tracked {
        organization,
        repository,
        ..
    } = tracked;
    let stored = world
        .store
        .repository(organization, repository)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored.open,
        OpenCounts {
            green: 0,
            yellow: 1,
            red: 0
        }
    );
    let id = repository.pull_request(PullRequestNumber::new(1).unwrap());
    let pull = world
        .store
        .pull_request(organization, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(pull.version, 1, "it was written once");
    assert_eq!(pull.judgement.unwrap().light, Light::Yellow);
    assert_eq!(world.cloud.pending(Queue::EventsDeadLetters).await, 0);
    let refreshes = world.cloud.pending(Queue::Delays).await;
    assert!(
        (1..=2).contains(&refreshes),
        "a refresh may be asked for twice, and never not at all"
    );
}
