//! Health and the document, through the router.

use ampel_api_system::Context;
use ampel_store::Store;
use ampel_testkit::{api::Api, cloud::TestCloud};
use serde_json::json;

async fn api(table: Option<&str>) -> Api {
    let cloud = TestCloud::start().await;
    let client = aws_sdk_dynamodb::Client::new(cloud.config());
    let store = Store::new(client, table.unwrap_or(cloud.table()));
    Api::new(ampel_api_system::router(Context { store }))
}

#[tokio::test]
async fn a_deployment_that_works_says_so() {
    let answer = api(None).await.get("/health").send().await.expect(200);
    let expected = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "checks": { "table": "ok" },
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_said_without_saying_why() {
    let answer = api(Some("no-such-table"))
        .await
        .get("/health")
        .send()
        .await
        .expect(503);
    assert_eq!(answer.json()["checks"], json!({ "table": "unavailable" }));
    assert!(!answer.text().contains("no-such-table"));
}

#[tokio::test]
async fn the_document_is_served_under_both_prefixes() {
    let api = api(None).await;
    let answer = api.get("/api/v1/openapi.json").send().await.expect(200);
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(answer.header("content-type"), "application/json");
    let alias = api.get("/api/openapi.json").send().await.expect(200);
    assert_eq!(alias.text(), answer.text());
    let again = api
        .get("/api/v1/openapi.json")
        .header("if-none-match", answer.header("etag"));
    again.send().await.expect(304);
}
