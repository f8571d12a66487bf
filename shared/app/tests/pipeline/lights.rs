//! From a change at the provider to a stored light.

use ampel_domain::{
    light::{Light, ReasonCode},
    repositories::OpenCounts,
};
use ampel_testkit::github::model::StatusState;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_goes_its_way_from_opened_to_merged() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").starts();
    world.settle().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(light, Light::Yellow, "{codes:?}");
    assert_eq!(
        codes,
        [ReasonCode::CheckPending, ReasonCode::ReviewRequired]
    );

    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);
    assert_eq!(
        world.counts().await,
        OpenCounts {
            green: 1,
            yellow: 0,
            red: 0
        }
    );

    pull.request_changes("alan");
    world.settle().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(
        (light, codes),
        (Light::Red, vec![ReasonCode::ChangesRequested])
    );

    pull.dismiss("alan");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    pull.merge("ada");
    world.settle().await;
    assert_eq!(world.light(&pull).await, None);
    let stored = world.stored(&pull).await.unwrap();
    assert!(stored.pull_request.lifecycle.shown().is_merged());
    assert_eq!(world.counts().await, OpenCounts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_counts_only_on_the_current_head() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    let first = pull.head_sha();
    let second = pull.push();
    world.hear().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(
        light,
        Light::Yellow,
        "a new head is never green before its checks are known"
    );
    assert!(codes.contains(&ReasonCode::ChecksComputing), "{codes:?}");
    assert_ne!(first, second);

    pull.check("build").fails();
    world.settle().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!((light, codes), (Light::Red, vec![ReasonCode::CheckFailed]));
    assert!(
        world
            .stored(&pull)
            .await
            .unwrap()
            .pull_request
            .former_heads
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_does_not_hide_behind_another_workflows_check_of_the_same_name() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.approve("grace");
    pull.check("build").in_workflow("On push").fails();
    pull.check("build").in_workflow("On pull request").passes();
    world.settle().await;
    assert_ne!(world.light(&pull).await.unwrap().0, Light::Green);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_and_a_status_replace_what_they_were() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.approve("grace");
    pull.check("build").fails();
    pull.status("coverage", StatusState::Failure);
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Red);

    pull.check("build").reruns();
    pull.status("coverage", StatusState::Success);
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Yellow);

    pull.check("build").passes();
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_the_base_makes_mergeability_be_worked_out_again() {
    let world = World::tracked().await;
    let pull = world
        .repo
        .open_pull_request("Add login")
        .by("ada")
        .touching("login.rs")
        .create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    // From now on the provider works mergeability out only when asked twice.
    world.hub.mergeable_after(1);
    world.repo.push("main", "alan", "login.rs");
    world.hear().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!(
        (light, codes),
        (Light::Yellow, vec![ReasonCode::MergeabilityComputing])
    );

    world.settle().await;
    let (light, codes) = world.light(&pull).await.unwrap();
    assert_eq!((light, codes), (Light::Red, vec![ReasonCode::Conflicts]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_waits_and_a_closed_one_has_no_light_until_it_is_reopened() {
    let world = World::tracked().await;
    let pull = world
        .repo
        .open_pull_request("Add login")
        .by("ada")
        .draft()
        .create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(
        world.light(&pull).await.unwrap(),
        (Light::Yellow, vec![ReasonCode::Draft])
    );

    pull.ready();
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    pull.close();
    world.settle().await;
    assert_eq!(world.light(&pull).await, None);
    assert_eq!(world.counts().await.total(), 0);

    pull.reopen();
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);
    assert_eq!(
        world.counts().await,
        OpenCounts {
            green: 1,
            yellow: 0,
            red: 0
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_a_fork_reaches_its_pull_request_by_commit() {
    let world = World::tracked().await;
    let pull = world
        .repo
        .open_pull_request("From outside")
        .by("ada")
        .from_fork()
        .create();
    pull.approve("grace");
    world.settle().await;

    pull.check("build").fails();
    world.hear().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Red);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pull_requests_on_one_head_are_judged_together() {
    let world = World::tracked().await;
    world.repo.branch("release");
    let one = world
        .repo
        .open_pull_request("Into main")
        .by("ada")
        .from_branch("topic")
        .create();
    one.check("build").passes();
    let other = world
        .repo
        .open_pull_request("Into release")
        .by("ada")
        .from_branch("topic")
        .onto("release")
        .create();
    one.approve("grace");
    other.approve("grace");
    world.settle().await;
    assert_eq!(one.head_sha(), other.head_sha());
    for pull in [&one, &other] {
        assert_eq!(world.light(pull).await.unwrap().0, Light::Green);
    }

    one.check("build").fails();
    let unseen = world.hub.take_deliveries();
    world.hub.advance(2);
    world.read(&one).await;
    for pull in [&one, &other] {
        assert_eq!(world.light(pull).await.unwrap().0, Light::Red);
    }
    for delivery in &unseen {
        world.receive(delivery).await;
    }
    world.settle().await;
    assert_eq!(
        world.counts().await,
        OpenCounts {
            green: 0,
            yellow: 0,
            red: 2
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_the_base_of_a_closed_one_is_not_forgotten_when_it_is_reopened() {
    let world = World::tracked().await;
    let pull = world
        .repo
        .open_pull_request("Add login")
        .by("ada")
        .touching("login.rs")
        .create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Green);

    pull.close();
    world.hear().await;
    world.repo.push("main", "alan", "login.rs");
    world.hear().await;
    world.hub.mergeable_after(1);
    pull.reopen();
    world.hear().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Yellow);
    world.hub.mergeable_after(0);
    world.settle().await;
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Red);
}
