//! The fake GitLab over a real connection: it delivers, and gives up on receivers that fail.

#![expect(
    clippy::expect_used,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::fake::{FaultKind, Matcher};
use ampel_testkit::gitlab::FakeGitlab;
use serde_json::{Value, json};

async fn receiver(status: u16) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let status = http::StatusCode::from_u16(status).expect("a status");
    let app = axum::Router::new().fallback(move || async move { status });
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/webhooks/gitlab/h1")
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_hook_that_fails_is_paused_and_its_deliveries_can_be_read() {
    let gitlab = FakeGitlab::start().await.expect("a free port");
    let repo = gitlab.repository("acme/web");
    repo.member("ada");
    let hook = repo.hook(&receiver(500).await, "secret");
    let token = gitlab.token("ada");
    let pull = repo.open_pull_request("Add login").create();
    pull.push();
    gitlab.deliveries_done().await;
    let url = format!("{}/api/v4/projects/acme%2Fweb/hooks/{hook}", gitlab.url());
    let ask = async |url: String| -> Value {
        let asked = client().get(url).header("private-token", &token);
        let answer = asked.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    };
    let shown = ask(url.clone()).await;
    assert_eq!(shown["alert_status"], "temporarily_disabled");
    assert!(shown["disabled_until"].is_string());
    let events = ask(format!("{url}/events?status=server_failure")).await;
    assert_eq!(events.as_array().map(Vec::len), Some(4));
    assert_eq!(events[0]["response_status"], "500");
    assert_eq!(events[0]["request_headers"]["x-gitlab-token"], "[REDACTED]");
    pull.push();
    gitlab.deliveries_done().await;
    let events = ask(format!("{url}/events")).await;
    assert_eq!(events.as_array().map(Vec::len), Some(4), "nothing was sent");
    gitlab.advance(3_600);
    pull.push();
    gitlab.deliveries_done().await;
    let events = ask(format!("{url}/events")).await;
    assert!(events.as_array().is_some_and(|events| events.len() > 4));
}

#[tokio::test]
async fn a_merge_whose_answer_is_lost_is_done() {
    let gitlab = FakeGitlab::start().await.expect("a free port");
    let repo = gitlab.repository("acme/web");
    repo.member("ada");
    repo.hook(&receiver(204).await, "secret");
    let token = gitlab.token("ada");
    let pull = repo.open_pull_request("Add login").create();
    let url = format!(
        "{}/api/v4/projects/{}/merge_requests/1/merge",
        gitlab.url(),
        repo.id()
    );
    let merge = || {
        client()
            .put(&url)
            .bearer_auth(&token)
            .json(&json!({ "sha": pull.head_sha() }))
    };
    gitlab.fail_next(Matcher::path("/merge").method("put"), FaultKind::Hangup, 1);
    assert!(merge().send().await.is_err());
    assert!(pull.data().merged.is_some(), "the work was done");
    assert_eq!(merge().send().await.expect("an answer").status(), 405);
    gitlab.deliveries_done().await;
    let page = client()
        .get(format!("{}/acme/web/-/merge_requests/1", gitlab.url()))
        .send()
        .await
        .expect("a page");
    let page = page.text().await.expect("text");
    assert!(page.contains("merged"), "{page}");
}
