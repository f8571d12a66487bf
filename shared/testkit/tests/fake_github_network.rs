//! The fake GitHub over a real connection: it delivers, refuses and hangs up.

use ampel_testkit::github::{FakeGithub, FaultKind, Matcher};
use serde_json::json;

const SECRET: &str = "It's a Secret to Everybody";

#[tokio::test]
async fn over_the_network_it_signs_fails_and_hangs_up() {
    let hub = FakeGithub::start().await.expect("a free port");
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let hook = format!(
        "http://{}/webhooks/github/h1",
        receiver.local_addr().expect("an address")
    );
    let (seen, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    let app =
        axum::Router::new().fallback(move |headers: http::HeaderMap, body: String| async move {
            drop(seen.send((headers, body)));
            http::StatusCode::ACCEPTED
        });
    tokio::spawn(async move { axum::serve(receiver, app).await });
    let repo = hub.repository("acme/web");
    let token = hub.token("acme");
    repo.hook(&hook, SECRET);
    let pull = repo.open_pull_request("Add login").create();
    hub.deliveries_done().await;
    let (headers, _) = inbox.recv().await.expect("the ping");
    assert_eq!(headers["x-github-event"], "ping");

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("{}/api/v3/repos/acme/web/pulls/1/merge", hub.url());
    let merge = || {
        client
            .put(&url)
            .bearer_auth(&token)
            .json(&json!({ "merge_method": "squash" }))
    };
    hub.fail_next(
        Matcher::path("/merge"),
        FaultKind::SecondaryLimit { retry_after: 7 },
        1,
    );
    let refused = merge().send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.headers()["retry-after"], "7");
    hub.fail_next(Matcher::path("/merge").method("put"), FaultKind::Hangup, 1);
    assert!(merge().send().await.is_err());
    assert!(pull.data().merged.is_some(), "the work was done");
    assert_eq!(merge().send().await.expect("an answer").status(), 405);
    assert_eq!(hub.count_calls("PUT", "/merge"), 3);
}

#[tokio::test]
async fn a_primary_limit_is_a_403_and_on_graphql_an_error_in_a_200() {
    let hub = FakeGithub::start().await.expect("a free port");
    let token = hub.token("ada");
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    hub.fail_next(Matcher::any(), FaultKind::PrimaryLimit { reset_in: 60 }, 2);
    let rest = client
        .get(format!("{}/api/v3/user", hub.url()))
        .bearer_auth(&token);
    let rest = rest.send().await.expect("an answer");
    assert_eq!(rest.status(), 403);
    assert_eq!(rest.headers()["x-ratelimit-remaining"], "0");
    let graphql = client
        .post(format!("{}/api/graphql", hub.url()))
        .bearer_auth(&token);
    let graphql = graphql
        .json(&json!({ "query": "{ viewer { login } }" }))
        .send()
        .await;
    let graphql = graphql.expect("an answer");
    assert_eq!(graphql.status(), 200);
    assert_eq!(graphql.headers()["x-ratelimit-resource"], "graphql");
    let body: serde_json::Value = graphql.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["type"], "RATE_LIMITED");
}
