//! Every recorded webhook, signed and posted: each is taken, gives the event that its provider's
//! table names, and leaves no dead letter.

use std::collections::BTreeMap;

use ampel_domain::provider::Provider;
use ampel_testkit::{
    cloud::Queue,
    lambda::RuntimeApi,
    recordings::{Recording, expected_events, webhooks},
    signing::Unsigned,
};
use ampel_wire::queue::{EventMessage, decode};
use serde_json::{Value, json};

use crate::world::{Tracked, World, batch, delivery};

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_webhook_of_github_gives_the_event_of_the_table() {
    post_all_of(Provider::Github).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_webhook_of_gitlab_gives_the_event_of_the_table() {
    post_all_of(Provider::Gitlab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_webhook_of_bitbucket_gives_the_event_of_the_table() {
    post_all_of(Provider::Bitbucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_webhook_of_gitea_and_forgejo_gives_the_event_of_the_table() {
    post_all_of(Provider::Gitea).await;
}

async fn post_all_of(provider: Provider) {
    let (world, table) = (World::start().await, expected_events(provider));
    let mut ingest = RuntimeApi::start().await;
    let _ingest = world.function("webhook-ingest", &ingest);
    let mut recompute = RuntimeApi::start().await;
    let _recompute = world.function("status-recompute", &recompute);
    let mut tracked: BTreeMap<String, Tracked> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let recordings = webhooks(provider);
    for recording in &recordings {
        let repository = repository(recording);
        if !tracked.contains_key(&repository) {
            let is_now = world.track(provider, &repository).await;
            tracked.insert(repository.clone(), is_now);
        }
        let unsigned = Unsigned {
            provider,
            event: &recording.event,
            id: &recording.file.replace('/', "-"),
            body: &recording.body,
        };
        let hook = tracked[&repository].hook;
        let answer = ingest.invoke(delivery(hook, &unsigned)).await;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer["statusCode"], 202, "{}: {answer}", recording.file);

        let given = take_in(&world, &mut recompute, &recording.file).await;
        let expected = &table[&(recording.event.clone(), recording.subject())];
        assert_eq!(&given, expected, "{}", recording.file);
        *kinds.entry(given).or_default() += 1;
    }
    assert_eq!(world.cloud.pending(Queue::EventsDeadLetters).await, 0);
    println!("{provider}: {} recordings: {kinds:?}", recordings.len());
}

/// The word for what a delivery was made of, once all of it was handled without a failure.
async fn take_in(world: &World, recompute: &mut RuntimeApi, file: &str) -> String {
    let events = world.cloud.drain(Queue::Events).await;
    let Some(first) = events.first() else {
        let refreshed = !world.cloud.drain(Queue::Sync).await.is_empty();
        return if refreshed { "unusable" } else { "ignored" }.to_owned();
    };
    let handled = recompute.invoke(batch(&events)).await;
    let handled: Value = serde_json::from_slice(&handled.body).unwrap();
    assert_eq!(handled["batchItemFailures"], json!([]), "{file}");
    let message = decode::<EventMessage>(&first.body).unwrap();
    message.event.kind().to_owned()
}

/// The repository's id as the payload has it.
fn repository(recording: &Recording) -> String {
    let body = recording.json();
    let id = match recording.provider {
        Provider::Github | Provider::Gitea => &body["repository"]["id"],
        Provider::Gitlab => body.pointer("/project/id").unwrap_or(&body["project_id"]),
        Provider::Bitbucket => &body["repository"]["uuid"],
    };
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}
