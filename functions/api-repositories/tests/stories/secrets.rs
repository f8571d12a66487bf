//! The secret of a webhook, rotated.

use ampel_app::ingest::Receipt;
use ampel_domain::{
    hooks::PREVIOUS_SECRET_GRACE,
    ids::{HookId, RepositoryId},
};
use ampel_testkit::github::{FaultKind, Matcher};
use jiff::{SignedDuration, Timestamp};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn old_and_new_secret_verify_until_the_grace_ends() {
    let mut world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let old = world.hub.take_deliveries().remove(0);

    let rotated = world
        .post(&world.ada, &format!("/repositories/{id}/webhook"))
        .await
        .expect(200);
    assert_eq!(rotated["status"], "registered");
    assert_eq!(repo.hooks(), 1, "the same webhook has another secret");
    world.hub.take_deliveries();
    repo.open_pull_request("Add login").by("ada").create();
    let new = world.hub.take_deliveries().remove(0);
    for _turn in 0..2 {
        assert_eq!(world.receive(&old).await, Receipt::Ignored);
        assert!(matches!(
            world.receive(&new).await,
            Receipt::Queued | Receipt::Ignored
        ));
    }

    // A day after the first delivery under the new one, the old one is nothing any more.
    let repository: RepositoryId = id.parse().unwrap();
    let hook = hook_of(&world, repository).await;
    let stored = world.store.hook(hook).await.unwrap().unwrap();
    let first_used = Timestamp::now() - PREVIOUS_SECRET_GRACE - SignedDuration::from_secs(1);
    let rotated_at = stored.secrets.rotated_at;
    world
        .store
        .secret_first_used(hook, rotated_at, first_used)
        .await
        .unwrap();
    world.restart_ingest();
    assert_eq!(world.receive(&old).await, Receipt::Refused);
    assert!(matches!(
        world.receive(&new).await,
        Receipt::Queued | Receipt::Ignored
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_keeps_what_it_signs_with() {
    let mut world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    world.hub.take_deliveries();
    let mut last = String::new();
    for _rotation in 0..3 {
        let hooks = Matcher::path("/hooks").method("PATCH");
        world.hub.fail_next(hooks, FaultKind::Status(500), 5);
        let path = format!("/repositories/{id}/webhook");
        let rotated = world.post(&world.ada, &path).await.expect(200);
        assert_eq!(rotated["status"], "broken");
        last = rotated["secret"].as_str().unwrap().to_owned();
    }
    world.hub.heal();
    repo.open_pull_request("Add login").by("ada").create();
    world.restart_ingest();
    for delivery in world.hub.take_deliveries() {
        assert_ne!(world.receive(&delivery).await, Receipt::Refused);
    }

    let path = format!("/repositories/{id}");
    world
        .post(&world.ada, &format!("{path}/sync"))
        .await
        .expect(202);
    world.run_syncs().await;
    let hooks = world
        .hub
        .read(|hub: &ampel_testkit::github::World| hub.repos[&repo.id()].hooks.clone())
        .into_values();
    let secrets: Vec<Option<String>> = hooks.map(|hook| hook.secret).collect();
    assert_eq!(secrets, [Some(last)], "the provider has the last one now");
    let told = world.get(&world.ada, &path).await.expect(200);
    assert_eq!(told["webhook"]["status"], "registered");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_secret_the_provider_may_have_taken_verifies() {
    let mut world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let mut deliveries = vec![world.hub.take_deliveries().remove(0)];
    for number in 1..=2 {
        // The provider takes the secret, and its answer is lost.
        let hooks = Matcher::path("/hooks").method("PATCH");
        world.hub.fail_next(hooks, FaultKind::Hangup, 1);
        let path = format!("/repositories/{id}/webhook");
        let rotated = world.post(&world.ada, &path).await.expect(200);
        assert_eq!(rotated["status"], "broken");
        world.hub.take_deliveries();
        let title = format!("Change {number}");
        repo.open_pull_request(&title).by("ada").create();
        deliveries.push(world.hub.take_deliveries().remove(0));
    }
    // A third rotation never reaches it: it goes on with the second.
    let hooks = Matcher::path("/hooks").method("PATCH");
    world.hub.fail_next(hooks, FaultKind::Status(500), 1);
    world
        .post(&world.ada, &format!("/repositories/{id}/webhook"))
        .await
        .expect(200);
    world.hub.heal();
    world.restart_ingest();
    for delivery in &deliveries {
        assert_ne!(world.receive(delivery).await, Receipt::Refused);
    }
}

async fn hook_of(world: &World, repository: RepositoryId) -> HookId {
    let stored = world
        .store
        .repository(world.organization, repository)
        .await
        .unwrap();
    stored.unwrap().hook
}
