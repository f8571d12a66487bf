//! Deliveries that never came, and providers that do not answer.

use ampel_domain::light::{Light, ReasonCode};
use ampel_testkit::{
    cloud::Queue,
    github::{FakeGithub, FaultKind, Matcher},
};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sync_finds_what_was_there_before_us() {
    let world = World::tracked().await;
    let ready = world.repo.open_pull_request("Ready").by("ada").create();
    ready.check("build").passes();
    ready.approve("grace");
    let broken = world.repo.open_pull_request("Broken").by("ada").create();
    broken.check("build").fails();
    world.hub.take_deliveries();
    world.hub.advance(2);
    world.sync_fully().await;
    world.settle().await;
    assert_eq!(world.light(&ready).await.unwrap().0, Light::Green);
    assert_eq!(world.light(&broken).await.unwrap().0, Light::Red);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_heals_every_loss_and_finds_nothing_afterwards() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    let merged = world
        .repo
        .open_pull_request("Merged unseen")
        .by("ada")
        .create();
    for pull in [&pull, &merged] {
        pull.check("build").passes();
        pull.approve("grace");
    }
    world.settle().await;

    pull.check("build").fails();
    merged.merge("ada");
    let unseen = world
        .repo
        .open_pull_request("Opened unseen")
        .by("alan")
        .create();
    world.hub.take_deliveries();
    world.hub.advance(2);
    world.reconcile().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Red);
    assert_eq!(world.light(&unseen).await.unwrap().0, Light::Yellow);
    assert_eq!(world.light(&merged).await, None);
    assert!(
        world
            .stored(&merged)
            .await
            .unwrap()
            .pull_request
            .lifecycle
            .shown()
            .is_merged()
    );

    world.hub.take_calls();
    world.reconcile().await;
    assert_eq!(
        world.hub.take_calls().len(),
        1,
        "a light reconcile that finds nothing is one call"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_for_and_nothing_turns_green_meanwhile() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    pull.approve("grace");
    world.hear().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Yellow);
    world.hub.fail_next(
        Matcher::any(),
        FaultKind::SecondaryLimit { retry_after: 1 },
        1,
    );
    world.settle().await;
    assert_eq!(
        world.light(&pull).await.unwrap().0,
        Light::Green,
        "it is asked again after the limit"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_read_checks_leaves_the_light_yellow_and_says_what_helps() {
    let hub = FakeGithub::start().await.unwrap();
    let token = hub.token_without_checks("octo");
    let world = World::tracked_with(hub, token).await;
    world.repo.private();
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.approve("grace");
    pull.check("build").passes();
    world.settle().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(light, Light::Yellow);
    assert_eq!(codes, [ReasonCode::ChecksUnavailable]);
    let judgement = world.stored(&pull).await.unwrap().judgement.unwrap();
    assert!(
        judgement.reasons[0].text.contains("token"),
        "{}",
        judgement.reasons[0].text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_gone_is_visible_and_never_green() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    world.repo.delete();
    world.hub.take_deliveries();
    world.sync_fully().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(
        (light, codes),
        (Light::Yellow, vec![ReasonCode::ReviewsUnavailable])
    );
    assert_eq!(world.counts().await.green, 0);
    world.cloud.drain(Queue::Delays).await;
}
