//! What is taken and what is refused.

use ampel_app::ingest::{MAX_BODY_BYTES, Receipt};
use ampel_testkit::cloud::Queue;

use crate::world::{World, headers};

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_delivery_is_refused_and_changes_nothing() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    let mut deliveries = world.hub.take_deliveries();
    let delivery = deliveries.first_mut().unwrap();
    delivery.body = delivery.body.replace("Add login", "Add nothing");
    assert_eq!(world.receive(delivery).await, Receipt::Refused);
    assert_eq!(world.cloud.pending(Queue::Events).await, 0);
    assert_eq!(world.stored(&pull).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_not_json_or_too_large_has_its_own_answer() {
    let world = World::tracked().await;
    world.repo.open_pull_request("Add login").by("ada").create();
    let delivery = world.hub.take_deliveries().remove(0);
    let unsigned: Vec<_> = delivery
        .headers
        .iter()
        .filter(|(name, _)| !name.to_lowercase().contains("signature"))
        .cloned()
        .collect();
    let body = delivery.body.as_bytes();
    assert_eq!(
        world.receive_raw(&headers(&unsigned), body).await,
        Receipt::Refused
    );
    let large = vec![b' '; MAX_BODY_BYTES + 1];
    assert_eq!(
        world.receive_raw(&headers(&unsigned), &large).await,
        Receipt::TooLarge
    );
    assert_eq!(world.cloud.pending(Queue::Events).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_delivery_twice_is_one_event() {
    let world = World::tracked().await;
    world.repo.open_pull_request("Add login").by("ada").create();
    let delivery = world.hub.take_deliveries().remove(0);
    for _ in 0..3 {
        assert_eq!(world.receive(&delivery).await, Receipt::Queued);
    }
    assert_eq!(world.cloud.drain(Queue::Events).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_about_another_repository_is_taken_and_not_used() {
    let world = World::tracked().await;
    let other = world.hub.repository("acme/other");
    other.member("ada");
    other.hook(
        "http://ampel.test/webhooks/github/hook",
        crate::world::SECRET,
    );
    world.hub.take_deliveries();
    other.open_pull_request("Not ours").by("ada").create();
    for delivery in world.hub.take_deliveries() {
        assert_eq!(world.receive(&delivery).await, Receipt::Foreign);
    }
    assert_eq!(world.cloud.pending(Queue::Events).await, 0);
}
