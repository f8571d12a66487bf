//! Webhooks: looked after, tried, and told of.

use ampel_app::ingest::Receipt;
use ampel_domain::{accounts::ValidationStatus, secret::Sealed};
use ampel_testkit::{
    cloud::Queue,
    github::{FaultKind, Matcher},
};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_switched_off_or_forgotten_is_put_right_by_the_next_full_reconcile() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    world.run_syncs().await;
    let registered = hooks(&world, repo.id());
    assert_eq!(registered.len(), 1);

    world.hub.take_calls();
    world.read_everything(&id).await;
    let writes = world.hub.take_calls();
    let writes = writes
        .iter()
        .filter(|call| call.method != "GET" && call.path != "/graphql");
    assert_eq!(writes.count(), 0, "a webhook that delivers is left alone");

    change_hooks(&world, repo.id(), |hooks| {
        for hook in hooks.values_mut() {
            hook.active = false;
        }
    });
    world.read_everything(&id).await;
    let switched_on = hooks(&world, repo.id());
    assert!(switched_on.iter().all(|hook| hook.active));
    assert_eq!(switched_on[0].id, registered[0].id, "the same webhook");

    change_hooks(&world, repo.id(), |hooks| {
        for hook in hooks.values_mut() {
            hook.events = vec!["push".to_owned()];
        }
    });
    world.read_everything(&id).await;
    assert_eq!(hooks(&world, repo.id())[0].events, registered[0].events);

    change_hooks(&world, repo.id(), |hooks| hooks.clear());
    world.hub.take_deliveries();
    world.read_everything(&id).await;
    assert_eq!(repo.hooks(), 1);
    let ping = world.hub.take_deliveries();
    assert_eq!(
        world.receive(&ping[0]).await,
        Receipt::Ignored,
        "its secret is ours"
    );
    assert_eq!(webhook(&world, &id).await["status"], "registered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_failed_to_be_registered_is_registered_later() {
    let world = World::new().await;
    for (name, status) in [("failing", 500), ("forbidden", 404)] {
        let repo = world.hub.repository(&format!("acme/{name}"));
        repo.member("ada");
        let hooks = Matcher::path("/hooks").method("POST");
        world.hub.fail_next(hooks, FaultKind::Status(status), 1);
        let id = world.track(name).await;
        assert_eq!(repo.hooks(), 0);
        world.run_syncs().await;
        assert_eq!(repo.hooks(), 1, "{name}");
        assert_eq!(webhook(&world, &id).await["status"], "registered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_refused_is_told_with_its_reason_and_the_secret_is_given_again() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    world.run_syncs().await;
    world.hub.take_deliveries();
    assert_eq!(webhook(&world, &id).await["lastRefusal"], Value::Null);

    change_hooks(&world, repo.id(), |hooks| {
        for hook in hooks.values_mut() {
            hook.secret = Some("somebody typed another one".to_owned());
        }
    });
    repo.open_pull_request("Add login").by("ada").create();
    for delivery in world.hub.take_deliveries() {
        assert_eq!(world.receive(&delivery).await, Receipt::Refused);
    }
    world.stamp_hooks().await;
    let told = webhook(&world, &id).await;
    let why = told["lastRefusal"].as_str().unwrap();
    assert!(why.contains("another secret"), "{why}");

    world.read_everything(&id).await;
    let pull = repo.open_pull_request("Add logout").by("ada").create();
    for delivery in world.hub.take_deliveries() {
        assert_ne!(world.receive(&delivery).await, Receipt::Refused);
    }
    assert_eq!(pull.number(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_tried_and_its_deliveries_are_listed() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let id = world.track("web").await;
    world.hub.take_deliveries();
    let path = format!("/repositories/{id}/webhook");
    let tried = world
        .post(&world.ada, &format!("{path}/test"))
        .await
        .expect(200);
    assert_eq!(tried["isSent"], true);
    let sent = world.hub.take_deliveries();
    assert_eq!(sent.len(), 1);
    assert_ne!(world.receive(&sent[0]).await, Receipt::Refused);
    let listed = world
        .get(&world.ada, &format!("{path}/deliveries"))
        .await
        .expect(200);
    assert_eq!(listed["isListed"], true);
    assert!(listed["items"].is_array(), "{listed}");

    change_hooks(&world, repo.id(), |hooks| hooks.clear());
    let gone = world.post(&world.ada, &format!("{path}/test")).await;
    assert!(gone.status.is_client_error() || gone.status.is_server_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_address_there_is_no_webhook_to_try() {
    let world = World::reached_at(None).await;
    world.hub.repository("acme/web").member("ada");
    let id = world.track("web").await;
    let path = format!("/repositories/{id}/webhook/test");
    let refused = world.post(&world.ada, &path).await.expect(422);
    assert!(
        refused["error"].as_str().unwrap().contains("PUBLIC_URL"),
        "{refused}"
    );
    world.run_syncs().await;
    assert_eq!(webhook(&world, &id).await["status"], "polling");
    assert_eq!(world.hub.count_calls("GET", "/hooks"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_token_is_refused_says_so() {
    let world = World::new().await;
    world.hub.repository("acme/web").member("ada");
    let id = world.track("web").await;
    world.run_syncs().await;
    let validation = async || {
        let accounts = world.store.accounts(world.organization).await.unwrap();
        accounts[0].validation
    };
    assert_eq!(validation().await, ValidationStatus::Valid);
    let account = world.store.accounts(world.organization).await.unwrap()[0].id;
    let (former, now) = (Sealed::new(vec![1]), jiff::Timestamp::now());
    let tokens = &world.sync.snapshots.tokens;
    tokens
        .refused(world.organization, account, &former, now)
        .await
        .unwrap();
    assert_eq!(
        validation().await,
        ValidationStatus::Valid,
        "another token was refused"
    );
    let refused = Matcher::any();
    world.hub.fail_next(refused, FaultKind::Unauthorized, 1);
    world.read_everything(&id).await;
    assert_eq!(validation().await, ValidationStatus::Invalid);
    let told = world
        .get(&world.ada, &format!("/repositories/{id}"))
        .await
        .expect(200);
    let why = told["sync"]["lastError"].as_str().unwrap();
    assert!(why.contains("refused the token"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_repositories_are_tracked_at_once_and_each_is_reported() {
    let world = World::new().await;
    let mut wanted = Vec::new();
    for n in 0..20 {
        world
            .hub
            .repository(&format!("acme/service-{n}"))
            .member("ada");
        wanted.push(json!({ "owner": "acme", "name": format!("service-{n}") }));
    }
    world.track("service-3").await;
    wanted.push(json!({ "owner": "acme", "name": "nothing" }));
    wanted.push(json!({ "owner": "acme", "name": "../secrets" }));
    let body = json!({ "provider": "github", "repositories": wanted });
    let answer = world
        .call(&world.ada, "POST", "/repositories", body)
        .await
        .expect(200);
    let items = answer["items"].as_array().unwrap();
    let statuses: Vec<u64> = items
        .iter()
        .map(|item| item["status"].as_u64().unwrap())
        .collect();
    let mut expected = [201; 22];
    (expected[3], expected[20], expected[21]) = (400, 404, 400);
    assert_eq!(statuses, expected);
    assert_eq!(items[3]["error"], "Repository already added");
    assert_eq!(items[21]["errors"][0]["field"], "name");
    assert_eq!(items[0]["repository"]["fullName"], "acme/service-0");
    let status = &items[0]["repository"]["webhook"]["status"];
    assert_eq!(status, "polling", "nobody has to do anything by hand");

    world.run_syncs().await;
    for item in items.iter().filter(|item| item["status"] == 201) {
        let id = item["repository"]["id"].as_str().unwrap();
        let tracked = world
            .get(&world.ada, &format!("/repositories/{id}"))
            .await
            .expect(200);
        assert_eq!(tracked["webhook"]["status"], "registered");
        assert_eq!(tracked["sync"]["state"], "done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_waits_for_its_turn_has_nothing_read_again() {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada");
    let body = json!({
        "provider": "github",
        "repositories": [{ "owner": "acme", "name": "web" }],
    });
    let answer = world
        .call(&world.ada, "POST", "/repositories", body)
        .await
        .expect(200);
    let id = answer["items"][0]["repository"]["id"].as_str().unwrap();
    let limit = FaultKind::SecondaryLimit { retry_after: 1 };
    let hooks = Matcher::path("/hooks").method("POST");
    world.hub.fail_next(hooks, limit, 1);
    world.hub.take_calls();
    world.run_syncs().await;
    assert_eq!(repo.hooks(), 1);
    let told = world
        .get(&world.ada, &format!("/repositories/{id}"))
        .await
        .expect(200);
    assert_eq!(told["webhook"]["status"], "registered");
    assert_eq!(told["sync"]["state"], "done");
    assert_eq!(told["sync"]["lastError"], Value::Null);
    let full_reads = world.hub.take_calls().into_iter().filter(|call| {
        let operation = call.operation.as_deref();
        operation.is_some_and(|name| name.contains("OpenPullRequests"))
    });
    assert_eq!(full_reads.count(), 1);
}

type Hooks = std::collections::BTreeMap<u64, ampel_testkit::github::model::Hook>;

fn hooks(world: &World, repo: u64) -> Vec<ampel_testkit::github::model::Hook> {
    let hooks = |world: &ampel_testkit::github::World| world.repos[&repo].hooks.clone();
    world.hub.read(hooks).into_values().collect()
}

fn change_hooks(world: &World, repo: u64, change: impl FnOnce(&mut Hooks)) {
    let changed = world.hub.change(|world| {
        change(&mut world.repos.get_mut(&repo).unwrap().hooks);
        Ok(())
    });
    changed.unwrap();
}

async fn webhook(world: &World, id: &str) -> Value {
    let path = format!("/repositories/{id}");
    let mut repository = world.get(&world.ada, &path).await.expect(200);
    repository["webhook"].take()
}

impl World {
    async fn read_everything(&self, id: &str) {
        let path = format!("/repositories/{id}/sync");
        self.post(&self.ada, &path).await.expect(202);
        self.run_syncs().await;
    }

    async fn stamp_hooks(&self) {
        for message in self.cloud.drain(Queue::HookStamps).await {
            let message = ampel_wire::queue::decode(&message.body).unwrap();
            ampel_app::stamps::record(&self.store, message)
                .await
                .unwrap();
        }
    }
}
