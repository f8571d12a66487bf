//! The fake Gitea over a real connection: it delivers once, refuses and hangs up.

use ampel_testkit::fake::{FaultKind, Matcher};
use ampel_testkit::gitea::FakeGitea;
use serde_json::json;

const SECRET: &str = "It's a Secret to Everybody";

#[tokio::test]
async fn over_the_network_it_delivers_once_and_hangs_up() {
    let gitea = FakeGitea::start_forgejo().await.expect("a free port");
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = receiver.local_addr().expect("an address");
    let (seen, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    let app =
        axum::Router::new().fallback(move |headers: http::HeaderMap, body: String| async move {
            drop(seen.send((headers, body)));
            http::StatusCode::INTERNAL_SERVER_ERROR
        });
    tokio::spawn(async move { axum::serve(receiver, app).await });
    let repo = gitea.repository("acme/web");
    let hook = repo.hook(&format!("http://{address}/webhooks/gitea/h1"), SECRET);
    let pull = repo.open_pull_request("Add login").create();
    gitea.deliveries_done().await;
    let mut events = Vec::new();
    while let Ok((headers, _)) = inbox.try_recv() {
        events.push(headers["x-forgejo-event"].clone());
    }
    assert_eq!(
        events,
        ["create", "push", "pull_request"],
        "none came twice"
    );
    assert_eq!(repo.hook_data(hook).last_status, Some(500));
    assert!(repo.hook_data(hook).active, "failures switch nothing off");

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let token = gitea.token("acme");
    let url = format!("{}/api/v1/repos/acme/web/pulls/1/merge", gitea.url());
    let merge = || {
        client
            .post(&url)
            .header("authorization", format!("token {token}"))
            .json(&json!({ "do": "squash" }))
    };
    gitea.settle();
    gitea.fail_next(
        Matcher::path("/merge"),
        FaultKind::TooManyRequests { retry_after: 7 },
        1,
    );
    let refused = merge().send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "7");
    gitea.fail_next(Matcher::path("/merge").method("post"), FaultKind::Hangup, 1);
    assert!(merge().send().await.is_err());
    assert!(pull.data().merged.is_some(), "the work was done");
    let again = merge().send().await.expect("an answer");
    assert_eq!(again.status(), 405);
    assert!(again.headers().contains_key("date"));
    assert_eq!(gitea.count_calls("POST", "/merge"), 3);
}

#[tokio::test]
async fn a_link_out_of_the_product_leads_somewhere() {
    let gitea = FakeGitea::start().await.expect("a free port");
    let repo = gitea.repository("acme/web");
    repo.open_pull_request("Say <hello>").create();
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let page = client.get(format!("{}/acme/web/pulls/1", gitea.url()));
    let page = page.send().await.expect("an answer").text().await;
    let page = page.expect("a page");
    assert!(page.contains("Say &lt;hello&gt;"), "{page}");
}

#[tokio::test]
async fn the_world_outlives_a_restart() {
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    let pull = repo.open_pull_request("Add login").create();
    pull.approve("grace");
    let token = gitea.token("acme");
    let saved = gitea.read(serde_json::to_vec).expect("JSON");
    let world = serde_json::from_slice(&saved).expect("a world");
    let again = FakeGitea::start_with(world, ([127, 0, 0, 1], 0).into()).await;
    let again = again.expect("a free port");
    let shown = again.get(&token, "/repos/acme/web/pulls/1");
    let shown = shown.expect("an answer").body.expect("a body");
    assert_eq!(shown["head"]["sha"], pull.head_sha());
    let link = shown["html_url"].as_str().expect("a link");
    assert!(link.starts_with(&again.url()), "{link}");
}
