//! Webhooks of the fake Bitbucket: who gets them, how they are signed, and what is lost.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of a test end it as the test itself would"
)]

use std::sync::{Arc, Mutex};

use ampel_testkit::bitbucket::{Delivery, FakeBitbucket, RepoStory, Response};
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

fn send(cloud: &FakeBitbucket, token: &str, method: &str, path: &str, body: &Value) -> Response {
    let answer = cloud.send(token, method, path, &body.to_string());
    answer.expect("an answer")
}

fn verifies(delivery: &Delivery, secret: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(delivery.body.as_bytes());
    let expected = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    delivery.header("X-Hub-Signature") == Some(&expected)
}

fn world() -> (FakeBitbucket, RepoStory) {
    let cloud = FakeBitbucket::in_process();
    let repo = cloud.repository("acme/web");
    repo.member("ada");
    (cloud, repo)
}

#[test]
fn a_delivery_is_signed_only_with_a_secret() {
    let (cloud, repo) = world();
    repo.hook(
        "https://ampel.example/hooks/1",
        "It's a Secret to Everybody",
    );
    repo.hook_for(
        "https://ampel.example/hooks/2",
        None,
        &["pullrequest:created"],
    );
    repo.open_pull_request("Add login").create();
    let sent = cloud.take_deliveries();
    let opened: Vec<&Delivery> = sent
        .iter()
        .filter(|sent| sent.event == "pullrequest:created")
        .collect();
    assert_eq!(opened.len(), 2);
    assert!(verifies(opened[0], "It's a Secret to Everybody"));
    assert!(!verifies(opened[0], "another"));
    assert!(opened[1].header("X-Hub-Signature").is_none());
    assert_eq!(opened[0].header("X-Event-Key"), Some("pullrequest:created"));
    assert_eq!(opened[0].header("X-Attempt-Number"), Some("1"));
    // Each hook gets a request of its own, and its UUID without braces.
    assert_ne!(
        opened[0].header("X-Request-UUID"),
        opened[1].header("X-Request-UUID")
    );
    let hook = repo.hook_data()[0].uuid.clone();
    assert_eq!(
        opened[0].header("X-Hook-UUID"),
        Some(hook.trim_matches(['{', '}']))
    );
    // The second hook did not ask for pushes.
    let pushes = sent.iter().filter(|sent| sent.event == "repo:push");
    assert_eq!(pushes.count(), 1);
}

#[test]
fn hooks_are_made_changed_and_removed_by_the_api() {
    let (cloud, repo) = world();
    let token = cloud.token("ada");
    let path = "/repositories/acme/web/hooks";
    let order = json!({
        "description": "Ampel",
        "url": "https://ampel.example/hooks/1",
        "active": true,
        "secret": "first",
        "events": ["pullrequest:created", "repo:push"],
    });
    let made = send(&cloud, &token, "POST", path, &order);
    assert_eq!(made.status, 201);
    let hook = made.body.unwrap();
    assert_eq!(hook["secret_set"], true);
    assert!(hook.get("secret").is_none());
    // No ping: the first delivery is the first event.
    assert!(cloud.take_deliveries().is_empty());

    let own = format!("{path}/{}", hook["uuid"].as_str().unwrap());
    let kept = json!({ "description": "Ampel", "url": "https://ampel.example/hooks/2" });
    assert_eq!(send(&cloud, &token, "PUT", &own, &kept).status, 200);
    repo.push("main");
    let sent = cloud.take_deliveries();
    assert_eq!(sent[0].url, "https://ampel.example/hooks/2");
    assert!(verifies(&sent[0], "first"));
    let bare = send(&cloud, &token, "PUT", &own, &json!({ "secret": null }));
    assert_eq!(bare.body.unwrap()["secret_set"], false);

    let wrong = send(&cloud, &token, "PUT", &own, &json!({ "events": ["push"] }));
    assert_eq!(wrong.status, 400);
    let wrong = send(&cloud, &token, "POST", path, &json!({ "url": "nowhere" }));
    assert_eq!(wrong.status, 400);

    let list = cloud.get(&token, path).unwrap().body.unwrap();
    assert_eq!(list["values"][0]["uuid"], hook["uuid"]);
    repo.disable_hook().push("main");
    assert!(cloud.take_deliveries().is_empty());
    assert_eq!(
        send(&cloud, &token, "DELETE", &own, &Value::Null).status,
        204
    );
    assert_eq!(cloud.get(&token, &own).unwrap().status, 404);
    assert_eq!(repo.hooks(), 0);
}

#[test]
fn a_payload_over_256_kilobytes_is_dropped_without_a_word() {
    let (cloud, repo) = world();
    repo.hook("https://ampel.example/hooks/1", "secret");
    let pull = repo.open_pull_request("Add login").create();
    cloud.take_deliveries();
    // The description stands in the payload several times.
    pull.describe(&"long ".repeat(20_000));
    assert!(cloud.take_deliveries().is_empty());
    assert_eq!(repo.hook_data()[0].dropped, 1);
    pull.approve("grace");
    assert!(cloud.take_deliveries().is_empty());
    // Builds do not carry it.
    pull.check("build").fails();
    assert_eq!(cloud.take_deliveries().len(), 1);
    pull.describe("short");
    assert_eq!(cloud.take_deliveries().len(), 1);
}

#[test]
fn a_push_lists_five_commits_and_says_that_there_are_more() {
    let (cloud, repo) = world();
    repo.hook("https://ampel.example/hooks/1", "secret");
    let pull = repo.open_pull_request("Add login").create();
    let first = pull.head_sha();
    for _ in 0..6 {
        pull.push();
    }
    let last = pull.head_sha();
    cloud.take_deliveries();
    pull.force_push_back(&first);
    let sent = cloud.take_deliveries();
    let change = sent[0].json()["push"]["changes"][0].clone();
    assert_eq!(
        (&change["forced"], &change["commits"]),
        (&json!(true), &json!([]))
    );
    pull.force_push_back(&last);
    let sent = cloud.take_deliveries();
    let change = sent[0].json()["push"]["changes"][0].clone();
    assert_eq!(
        (&change["forced"], &change["truncated"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(change["commits"].as_array().unwrap().len(), 5);
    assert_eq!(change["commits"][0]["hash"], json!(last));
    assert_eq!(change["new"]["target"]["hash"], json!(last));
    assert_eq!(sent[1].event, "pullrequest:updated");
}

/// What a receiver saw: attempt, request and signature of each delivery.
type Seen = Arc<Mutex<Vec<[String; 3]>>>;

/// A receiver that fails so often before it takes anything.
async fn receiver(failures: usize) -> (String, Seen) {
    let seen = Seen::default();
    let known = Arc::clone(&seen);
    let take = move |headers: HeaderMap| {
        let known = Arc::clone(&known);
        async move {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            let mut known = known.lock().unwrap();
            known.push(["x-attempt-number", "x-request-uuid", "x-hub-signature"].map(text));
            if known.len() <= failures {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::OK
            }
        }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/hook", axum::routing::post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

#[tokio::test]
async fn what_a_receiver_does_not_take_comes_twice_more() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let repo = cloud.repository("acme/web");
    let (url, seen) = receiver(2).await;
    repo.hook_for(&url, Some("secret"), &["pullrequest:created"]);
    repo.open_pull_request("Add login").create();
    cloud.deliveries_done().await;
    let attempts = seen.lock().unwrap().clone();
    let numbers: Vec<&str> = attempts.iter().map(|one| one[0].as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3"]);
    assert!(attempts.iter().all(|one| one[1..] == attempts[0][1..]));

    // Three attempts are all: the fourth never comes, and a 4xx or 2xx ends it at once.
    let (url, seen) = receiver(10).await;
    repo.hook_for(&url, Some("secret"), &["pullrequest:rejected"]);
    repo.pull(1).close();
    cloud.deliveries_done().await;
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn over_the_network_everything_lives_below_2_0() {
    let cloud = FakeBitbucket::start().await.unwrap();
    cloud.repository("acme/web").member("ada");
    cloud
        .repository("acme/web")
        .open_pull_request("Add login")
        .create();
    let (email, token) = (cloud.email("ada"), cloud.token("ada"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!(
        "{}/2.0/repositories/acme/web/pullrequests/1/diffstat",
        cloud.url()
    );
    let call = client.get(url).basic_auth(email, Some(&token)).send().await;
    // The redirect was followed, and it stayed on this host.
    let answer = call.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["values"][0]["status"], "modified");
    let page = client.get(format!("{}/acme/web/pull-requests/1", cloud.url()));
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Add login") && page.contains("stand-in for Bitbucket"));
    assert_eq!(cloud.count_calls("GET", "/diffstat"), 2);
}
