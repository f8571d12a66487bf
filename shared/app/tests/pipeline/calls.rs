//! How many calls things take, counted exactly, with a warm container.

use std::collections::BTreeMap;

use crate::world::World;

/// The calls that lead from a request to a stored light.
fn total(calls: &BTreeMap<String, usize>) -> usize {
    calls.values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_takes_four_calls_to_aws_and_none_to_the_provider() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    world.settle().await;

    pull.approve("grace");
    world.aws.take();
    world.hub.take_calls();
    world.hear().await;
    let calls = world.aws.take();
    assert_eq!(total(&calls), 4, "{calls:?}");
    assert!(world.hub.take_calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_takes_one_call_more_at_most() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.approve("grace");
    pull.check("build").starts();
    world.settle().await;

    pull.status(
        "coverage",
        ampel_testkit::github::model::StatusState::Success,
    );
    world.aws.take();
    world.hub.take_calls();
    world.hear().await;
    let calls = world.aws.take();
    assert!(total(&calls) <= 5, "{calls:?}");
    assert!(world.hub.take_calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn syncing_a_hundred_pull_requests_takes_four_calls_to_the_provider() {
    let world = World::tracked().await;
    for n in 0..100 {
        let title = format!("Change {n}");
        let file = format!("file-{n}.rs");
        let pull = world
            .repo
            .open_pull_request(&title)
            .by("ada")
            .touching(&file)
            .create();
        pull.check("build").passes();
        pull.approve("grace");
    }
    world.hub.take_deliveries();
    world.hub.settle();
    world.hub.advance(2);
    world.hub.take_calls();
    world.sync_fully().await;
    let calls = world.hub.take_calls();
    assert!(calls.len() <= 4, "{calls:#?}");
    assert_eq!(world.counts().await.green, 100);
}
