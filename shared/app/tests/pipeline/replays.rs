//! Everything can arrive twice, late and out of order.

use ampel_app::ingest::Receipt;
use ampel_domain::light::Light;
use ampel_testkit::github::{PullStory, model};

use crate::world::World;

/// A history with many kinds of change; answers the pull request and every delivery of it.
async fn eventful(world: &World) -> (PullStory, Vec<model::Delivery>) {
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").starts();
    pull.check("build").fails();
    pull.request_changes("alan");
    pull.label("bug")
        .retitle("Add login, second try")
        .to_draft();
    pull.push();
    pull.check("build").passes();
    pull.approve("grace");
    pull.dismiss("alan");
    pull.ready();
    pull.close().reopen();
    (pull, world.hub.take_deliveries())
}

fn under_a_fresh_id(delivery: &model::Delivery, n: usize) -> model::Delivery {
    let mut again = delivery.clone();
    for (name, value) in &mut again.headers {
        if name.eq_ignore_ascii_case("x-github-delivery") {
            *value = format!("replay-{n}");
        }
    }
    again
}

#[tokio::test(flavor = "multi_thread")]
async fn replaying_every_body_of_a_history_under_fresh_ids_changes_nothing() {
    let world = World::tracked().await;
    let (pull, history) = eventful(&world).await;
    for delivery in &history {
        world.receive(delivery).await;
    }
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);
    let before = world.stored(&pull).await.unwrap();
    let counts = world.counts().await;

    for round in 0..2 {
        for (n, delivery) in history.iter().enumerate() {
            let replay = under_a_fresh_id(delivery, round * 1_000 + n);
            let receipt = world.receive(&replay).await;
            assert!(matches!(receipt, Receipt::Queued | Receipt::Ignored));
        }
    }
    world.hub.take_calls();
    world.settle().await;
    let after = world.stored(&pull).await.unwrap();
    assert_eq!(before, after, "not even its version moved");
    assert_eq!(counts, world.counts().await);
    assert!(
        world.hub.take_calls().is_empty(),
        "a replay asks the provider for nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_deliveries_does_not_matter() {
    let world = World::tracked().await;
    let (pull, mut history) = eventful(&world).await;
    history.reverse();
    for delivery in &history {
        world.receive(delivery).await;
    }
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);
    let stored = world.stored(&pull).await.unwrap().pull_request;
    assert_eq!(stored.title.shown(), "Add login, second try");
    assert_eq!(stored.head_sha().as_str(), pull.head_sha());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_came_before_the_first_sync_and_again_after_it_changes_nothing() {
    let world = World::tracked().await;
    let (pull, history) = eventful(&world).await;
    world.hub.advance(2);
    world.sync_fully().await;
    world.settle().await;
    let before = world.stored(&pull).await.unwrap();
    for delivery in &history {
        world.receive(delivery).await;
    }
    world.settle().await;
    assert_eq!(before, world.stored(&pull).await.unwrap());
}
