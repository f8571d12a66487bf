//! Letting repositories go.

use ampel_app::ingest::Receipt;
use ampel_domain::tenancy::Role;
use ampel_testkit::{
    cloud::Queue,
    github::{FaultKind, Matcher},
};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_untracked_repository_leaves_nothing_and_no_event_brings_it_back() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    world.run_syncs().await;
    pull.approve("grace");
    let deliveries = world.hub.take_deliveries();
    for delivery in &deliveries {
        world.receive(delivery).await;
    }
    let in_flight = world.events().await;
    assert!(!in_flight.is_empty());
    let partition = format!("REPO#{id}");
    assert!(world.items_in(partition.clone()).await > 0);

    let path = format!("/repositories/{id}");
    world
        .call(&world.ada, "DELETE", &path, serde_json::Value::Null)
        .await
        .expect(204);
    assert_eq!(
        world.cloud.pending(Queue::Cleanup).await,
        2,
        "one now, and one that would come even if the request had died half-way"
    );
    assert_eq!(repo.hooks(), 0, "the webhook is removed at the provider");
    world.get(&world.ada, &path).await.expect(404);
    for event in &in_flight {
        world.recompute.apply(event).await.unwrap();
    }
    world.clean_up().await;
    for event in &in_flight {
        world.recompute.apply(event).await.unwrap();
    }
    world.run_syncs().await;
    assert_eq!(world.items_in(partition).await, 0);
    let list = world.get(&world.ada, "/pull-requests").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 0);
    let summary = world
        .get(&world.ada, "/dashboard/summary")
        .await
        .expect(200);
    assert_eq!(summary["totalRepositories"], 0);
    assert_eq!(summary["totalOpenPrs"], 0);

    let again = world.track("web").await;
    assert_ne!(again, id);
    world.run_syncs().await;
    let list = world.get(&world.ada, "/pull-requests").await.expect(200);
    assert_eq!(list["items"][0]["repositoryId"], again);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_to_a_removed_hook_find_nothing() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let ping = world.hub.take_deliveries().remove(0);
    let path = format!("/repositories/{id}");
    world
        .call(&world.ada, "DELETE", &path, serde_json::Value::Null)
        .await
        .expect(204);
    world.clean_up().await;
    assert_eq!(world.receive(&ping).await, Receipt::UnknownHook);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_registration_was_never_answered_is_removed() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let hooks = Matcher::path("/hooks").method("POST");
    world.hub.fail_next(hooks, FaultKind::Hangup, 1);
    let id = world.track("web").await;
    assert_eq!(repo.hooks(), 1, "the provider has done it all the same");
    untrack(&world, &id).await;
    assert_eq!(repo.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_for_a_moment_is_asked_again() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let hooks = Matcher::path("/hooks").method("DELETE");
    world.hub.fail_next(hooks, FaultKind::Status(500), 2);
    untrack(&world, &id).await;
    assert_eq!(repo.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_on_failing_holds_nobody_up() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let hooks = || Matcher::path("/hooks").method("DELETE");
    world.hub.fail_next(hooks(), FaultKind::Status(500), 9);
    untrack(&world, &id).await;
    assert_eq!(world.hub.count_calls("DELETE", "/hooks"), 3);
    world.clean_up().await;
    world.hub.heal();
    let limit = FaultKind::TooManyRequests { retry_after: 60 };
    world.hub.fail_next(hooks(), limit, 9);
    let id = world.track("web").await;
    untrack(&world, &id).await;
    assert_eq!(
        world.hub.count_calls("DELETE", "/hooks"),
        4,
        "who asks to be left alone is"
    );
}

async fn untrack(world: &World, id: &str) {
    let path = format!("/repositories/{id}");
    world
        .call(&world.ada, "DELETE", &path, serde_json::Value::Null)
        .await
        .expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tracked_it_may_let_it_go_and_admins_may_always() {
    let world = World::new().await;
    for name in ["web", "api"] {
        world.hub.repository(&format!("acme/{name}")).member("ada");
    }
    let (web, api) = (world.track("web").await, world.track("api").await);
    let untrack = async |who: &crate::world::Person, id: &str| {
        let path = format!("/repositories/{id}");
        world
            .call(who, "DELETE", &path, serde_json::Value::Null)
            .await
            .status
            .as_u16()
    };
    let member = world.person(world.organization, Role::Member).await;
    let admin = world.person(world.organization, Role::Admin).await;
    assert_eq!(untrack(&member, &web).await, 403);
    assert_eq!(untrack(&admin, &web).await, 204);
    assert_eq!(untrack(&world.ada, &api).await, 204);
    assert_eq!(
        untrack(&world.ada, &api).await,
        204,
        "asking again mends a crash"
    );
    world.clean_up().await;
    assert_eq!(untrack(&world.ada, &api).await, 404);
}
