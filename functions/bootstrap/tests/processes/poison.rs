//! A message that nobody can ever handle leaves its group at once, whole.

use std::time::Duration;

use ampel_domain::{ids::PullRequestNumber, provider::Provider};
use ampel_testkit::{
    cloud::{Queue, ReceivedMessage},
    lambda::RuntimeApi,
};
use serde_json::{Value, json};

use crate::world::{World, batch, opened};

#[tokio::test(flavor = "multi_thread")]
async fn poison_goes_to_the_dead_letters_and_its_group_goes_on() {
    let world = World::start().await;
    let tracked = world.track(Provider::Github, "1").await;
    let mut ingest = RuntimeApi::start().await;
    let _ingest = world.function("webhook-ingest", &ingest);
    ingest.invoke(opened(tracked.hook)).await;
    let good = world
        .cloud
        .drain_at_least(Queue::Events, 1, Duration::from_secs(10))
        .await
        .remove(0);
    let poison = ReceivedMessage {
        body: r#"{"v":1,"event":"?"}"#.into(),
        ..good.clone()
    };

    let mut recompute = RuntimeApi::start().await;
    let _recompute = world.function("status-recompute", &recompute);
    let answer = recompute.invoke(batch(&[poison.clone(), good])).await;
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        answer["batchItemFailures"],
        json!([]),
        "nothing comes again"
    );

    let dead = world.cloud.drain(Queue::EventsDeadLetters).await;
    assert_eq!(
        dead.iter().map(|d| &d.body).collect::<Vec<_>>(),
        [&poison.body]
    );
    let id = tracked
        .repository
        .pull_request(PullRequestNumber::new(1).unwrap());
    let stored = world
        .store
        .pull_request(tracked.organization, id)
        .await
        .unwrap();
    assert!(
        stored.is_some(),
        "the message behind it in its group was handled"
    );
}
