//! Choosing and tracking repositories.

use ampel_domain::tenancy::Role;
use ampel_testkit::{
    cloud::Queue,
    github::{FaultKind, Matcher},
};
use serde_json::{Value, json};

use crate::world::{PUBLIC_URL, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_tracked_repository_gets_its_webhook_and_its_first_sync() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    assert_eq!(repo.hooks(), 1);
    let waiting = world
        .get(&world.ada, &format!("/repositories/{id}"))
        .await
        .expect(200);
    assert_eq!(waiting["webhook"]["status"], "registered");
    assert_eq!(waiting["sync"]["state"], "waiting");
    assert_eq!(waiting["light"], "none");
    assert_eq!(waiting["pollIntervalSeconds"], 300);
    assert_eq!(waiting["fullName"], "acme/web");
    assert_eq!(waiting["isGone"], false);
    // The ping under the registered secret verifies.
    let deliveries = world.hub.take_deliveries();
    assert_eq!(deliveries.len(), 1);
    assert!(
        deliveries[0]
            .url
            .starts_with(&format!("{PUBLIC_URL}/webhooks/github/"))
    );
    assert_eq!(
        world.receive(&deliveries[0]).await,
        ampel_app::ingest::Receipt::Ignored
    );

    world.run_syncs().await;
    let synced = world
        .get(&world.ada, &format!("/repositories/{id}"))
        .await
        .expect(200);
    assert_eq!(synced["sync"]["state"], "done");
    assert_eq!(synced["sync"]["lastError"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_tracked_is_refused_with_a_reason() {
    let world = World::new().await;
    world.hub.repository("acme/web").member("ada");
    let track = async |who: &crate::world::Person, body: Value| {
        let answer = world.call(who, "POST", "/repositories", body).await;
        (
            answer.status.as_u16(),
            answer.body["error"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let web = json!({ "provider": "github", "owner": "acme", "name": "web" });
    let mut odd = web.clone();
    odd["poll_interval_seconds"] = json!(59);
    let (status, error) = track(&world.ada, odd).await;
    assert_eq!(status, 400);
    assert!(error.starts_with("pollIntervalSeconds"), "{error}");

    let missing = json!({ "provider": "github", "owner": "acme", "name": "nothing" });
    assert_eq!(
        track(&world.ada, missing).await,
        (404, "Repository not found".into())
    );

    let grace = world.person(world.organization, Role::Member).await;
    assert_eq!(
        track(&grace, web.clone()).await,
        (400, "Provider not connected".into())
    );

    assert_eq!(track(&world.ada, web.clone()).await.0, 201);
    assert_eq!(
        track(&world.ada, web).await,
        (400, "Repository already added".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_provider_than_the_named_one_is_refused() {
    let world = World::new().await;
    world.hub.repository("acme/web").member("ada");
    let accounts = world.store.accounts(world.organization).await.unwrap();
    let account = accounts[0].id;
    for (provider, tracked, discovered) in [("gitlab", 400, 400), ("github", 201, 200)] {
        let path = format!("/repositories/discover?provider={provider}&accountId={account}");
        let found = world.get(&world.ada, &path).await.expect(discovered);
        let body = json!({
            "provider": provider, "accountId": account, "owner": "acme", "name": "web",
        });
        let added = world.call(&world.ada, "POST", "/repositories", body).await;
        let added = added.expect(tracked);
        if provider == "gitlab" {
            for refused in [found, added] {
                assert_eq!(refused["errors"][0]["field"], "provider", "{refused}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_can_not_be_registered_leaves_a_tracked_repository() {
    let world = World::new().await;
    for (name, fault, expected) in [("forbidden", 404, "manual"), ("failing", 500, "broken")] {
        let repo = world.hub.repository(&format!("acme/{name}"));
        repo.member("ada");
        let hooks = Matcher::path("/hooks").method("POST");
        world.hub.fail_next(hooks, FaultKind::Status(fault), 5);
        let id = world.track(name).await;
        let path = format!("/repositories/{id}");
        let tracked = world.get(&world.ada, &path).await.expect(200);
        assert_eq!(tracked["webhookStatus"], expected, "{name}");
        assert_eq!(repo.hooks(), 0);
        world.hub.heal();
        let again = world
            .post(&world.ada, &format!("{path}/webhook"))
            .await
            .expect(200);
        assert_eq!(again["status"], "registered");
        assert_eq!(repo.hooks(), 1);
        assert!(
            again["events"]
                .as_array()
                .unwrap()
                .contains(&json!("pull_request_review"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_address_nothing_is_registered_and_a_hand_can_still_deliver() {
    let world = World::reached_at(None).await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    let rotated = world
        .post(&world.ada, &format!("/repositories/{id}/webhook"))
        .await
        .expect(200);
    assert_eq!(rotated["status"], "polling");
    assert!(
        rotated["url"]
            .as_str()
            .unwrap()
            .starts_with("/webhooks/github/")
    );
    assert_eq!(rotated["secret"].as_str().unwrap().len(), 64);
    assert_eq!(repo.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn discovering_tells_what_is_tracked() {
    let world = World::new().await;
    for name in ["web", "api", "docs"] {
        world.hub.repository(&format!("acme/{name}")).member("ada");
    }
    let id = world.track("api").await;
    let discover = async |query: &str| {
        let path = format!("/repositories/discover?provider=github{query}");
        world.get(&world.ada, &path).await.expect(200)
    };
    let all = discover("").await;
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for item in items {
        let tracked = item["name"] == "api";
        assert_eq!(item["isTracked"], tracked);
        assert_eq!(
            item["repositoryId"],
            if tracked { json!(id) } else { Value::Null }
        );
    }
    let first = discover("&page=1&perPage=2").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    assert_eq!(first["nextPage"], 2);
    let last = discover("&page=2&per_page=2").await;
    assert_eq!(last["items"].as_array().unwrap().len(), 1);
    assert_eq!(last["nextPage"], Value::Null);
    let found = discover("&search=DOC").await;
    assert_eq!(found["items"][0]["fullName"], "acme/docs");
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_and_a_sync_can_be_asked_for() {
    let world = World::new().await;
    world.hub.repository("acme/web").member("ada");
    let id = world.track("web").await;
    let path = format!("/repositories/{id}");
    world.run_syncs().await;
    for (method, key, seconds) in [
        ("PUT", "poll_interval_seconds", 60),
        ("PATCH", "pollIntervalSeconds", 3600),
    ] {
        let body = json!({ key: seconds });
        let changed = world
            .call(&world.ada, method, &path, body)
            .await
            .expect(200);
        assert_eq!(changed["pollIntervalSeconds"], seconds);
    }
    let grace = world.person(world.organization, Role::Member).await;
    let account = world.connect(&grace, world.organization, "other").await;
    let foreign = json!({ "accountId": account.to_string() });
    assert_eq!(
        world.call(&world.ada, "PATCH", &path, foreign).await.status,
        404
    );
    world
        .post(&world.ada, &format!("{path}/sync"))
        .await
        .expect(202);
    assert_eq!(world.cloud.pending(Queue::Sync).await, 1);
}
