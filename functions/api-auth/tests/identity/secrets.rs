//! What is in no log line and not in clear in the table.

use ampel_testkit::captured_log::CapturedLog;
use serde_json::json;

use crate::world::{COOKIE, PASSWORD, Someone, World};

/// Everything of ours, and what the SDK says in production.
const FILTER: &str = "info,ampel_api_auth=trace,ampel_app=trace,ampel_store=trace,\
    ampel_cloud=trace,ampel_lambda_kit=trace";

#[tokio::test]
async fn no_secret_and_no_address_is_logged() {
    let log = CapturedLog::start(FILTER);
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    world
        .login("ada@example.org", "a wrong password")
        .await
        .expect(401);
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    world
        .api
        .post("/api/v1/auth/register")
        .json(&body)
        .send()
        .await
        .expect(400);
    let garbled = json!({ "email": "ada@example.org", "password": ["in a list"] });
    world
        .api
        .post("/api/v1/auth/login")
        .json(&garbled)
        .send()
        .await
        .expect(400);
    world
        .api
        .get("/api/v1/auth/me?email=ada@example.org")
        .bearer(&ada.token)
        .send()
        .await
        .expect(200);
    world
        .api
        .get("/api/v1/ada@example.org")
        .send()
        .await
        .expect(404);
    let next = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    world.wait(60);
    world.refresh(&ada.cookie).await.expect(401);
    world
        .api
        .post("/api/v1/auth/logout")
        .cookie(COOKIE, &next.cookie)
        .send()
        .await
        .expect(204);

    let text = log.text();
    assert!(
        text.contains("a refresh token was used twice"),
        "the log was captured"
    );
    assert!(text.contains("/api/v1/auth/login"), "routes are logged");
    for secret in [
        "ada@",
        PASSWORD,
        "a wrong password",
        "in a list",
        "session.id",
        &ada.cookie,
        &ada.token,
        &next.cookie,
        &next.token,
    ] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn neither_passwords_nor_refresh_tokens_are_stored_and_no_key_holds_an_address() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let next = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    world
        .login("ada@example.org", "a wrong password")
        .await
        .expect(401);
    let items = world.items().await.join("\n");
    assert!(items.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [
        PASSWORD,
        "a wrong password",
        &ada.cookie,
        &next.cookie,
        &next.cookie[43..],
    ] {
        assert!(!items.contains(secret), "{secret} is stored");
    }
    let client = aws_sdk_dynamodb::Client::new(world.cloud.config());
    let scanned = client
        .scan()
        .table_name(world.cloud.table())
        .send()
        .await
        .unwrap();
    for item in scanned.items() {
        for key in ["pk", "sk"] {
            let key = item[key].as_s().unwrap();
            assert!(!key.contains("ada") && !key.contains('@'), "{key}");
        }
    }
}
