//! Deliveries come in whatever order they like.

use ampel_domain::light::{Light, ReasonCode};
use ampel_testkit::fake::Delivery;

use super::Anywhere;

pub async fn in_whatever_order_deliveries_come_the_light_is_the_same(world: &Anywhere) {
    let (pull, history) = eventful(world);
    let in_order = told(&world.elsewhere().await, &history, pull).await;
    assert_eq!(in_order.0, Light::Red, "{:?}", in_order.1);
    let reversed: Vec<Delivery> = history.iter().rev().cloned().collect();
    assert_eq!(
        told(&world.elsewhere().await, &reversed, pull).await,
        in_order
    );
    for seed in [1, 2] {
        let shuffled = shuffled(&history, seed);
        let light = told(&world.elsewhere().await, &shuffled, pull).await;
        assert_eq!(light, in_order, "shuffled by {seed}");
    }
}

/// A history with many kinds of change, whose head failed at last.
fn eventful(world: &Anywhere) -> (u64, Vec<Delivery>) {
    let at = &world.at;
    let pull = at.open("Add login");
    at.runs(pull, "build");
    at.passes(pull, "build");
    at.approve(pull, "grace");
    at.request_changes(pull, "alan");
    at.retitle(pull, "Add login, second try");
    at.to_draft(pull);
    at.withdraw(pull, "alan");
    at.ready(pull);
    at.push_to_base();
    at.push(pull);
    at.runs(pull, "build");
    at.fails(pull, "build");
    (pull, at.take_deliveries())
}

/// Delivers a history to a table that knows nothing yet; answers the light that comes of it.
async fn told(world: &Anywhere, history: &[Delivery], pull: u64) -> (Light, Vec<ReasonCode>) {
    for delivery in history {
        world.pipeline.take(std::slice::from_ref(delivery)).await;
        world.pipeline.handle_events().await;
        let light = world.light(pull).await;
        assert_ne!(light, Some(Light::Green), "not all is known yet");
    }
    world
        .settle_by_reading_unless(world.at.tells_checks() && world.at.tells_withdrawals())
        .await;
    world.is_true(pull).await;
    world.pipeline.light_of(pull).await.unwrap()
}

/// Another order, the same for the same seed.
fn shuffled(history: &[Delivery], seed: u64) -> Vec<Delivery> {
    let mut random = seed;
    let mut left = history.to_vec();
    let mut order = Vec::new();
    while !left.is_empty() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(random >> 33).unwrap() % left.len();
        order.push(left.swap_remove(place));
    }
    order
}
