//! Access tokens: what they open, and for how long.

use ampel_cloud::signing_keys::SigningKeys;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::world::{Someone, World};

const REFUSED: &str = "Invalid or expired access token";

#[tokio::test]
async fn an_access_token_lives_for_fifteen_minutes() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    world.wait(15 * 60 - 1);
    ada.me(&world).await;
    world.wait(1);
    let answer = world.me(&ada.token).await.expect(401);
    assert_eq!(answer.json()["error"], REFUSED);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_token_that_we_did_not_sign_opens_nothing() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let parts: Vec<&str> = ada.token.split('.').collect();
    // {"alg":"none","kid":"test"} and {"alg":"HS256","kid":"other"}, in Base64.
    let none = "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9";
    let other_key = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im90aGVyIn0";
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{other_key}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(43)),
        format!("{}x.{}.{}", parts[0], parts[1], parts[2]),
        "x".to_owned(),
    ] {
        let answer = world.me(&forged).await.expect(401);
        assert_eq!(answer.json()["error"], REFUSED);
    }
    let without = world.api.get("/api/v1/auth/me").send().await.expect(401);
    assert_eq!(without.json()["status"], 401);
    let basic = world
        .api
        .get("/api/v1/auth/me")
        .header("authorization", "Basic YTpi");
    basic.send().await.expect(401);
}

#[tokio::test]
async fn the_role_is_the_one_of_this_moment() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let me = ada.me(&world).await;
    assert_eq!(me["role"], "owner");
    let client = aws_sdk_dynamodb::Client::new(world.cloud.config());
    let pk = format!("ORG#{}", me["organizationId"].as_str().unwrap());
    let sk = format!("MEMBER#{}", me["id"].as_str().unwrap());
    let update = client.update_item().table_name(world.cloud.table());
    let update = update
        .key("pk", AttributeValue::S(pk.clone()))
        .key("sk", AttributeValue::S(sk.clone()))
        .update_expression("SET #r = :r")
        .expression_attribute_names("#r", "role")
        .expression_attribute_values(":r", AttributeValue::S("viewer".into()));
    update.send().await.unwrap();
    assert_eq!(ada.me(&world).await["role"], "viewer");
    let delete = client.delete_item().table_name(world.cloud.table());
    let delete = delete
        .key("pk", AttributeValue::S(pk))
        .key("sk", AttributeValue::S(sk));
    delete.send().await.unwrap();
    world.me(&ada.token).await.expect(401);
}

async fn rotate(world: &World, kid: &str) {
    let client = aws_sdk_secretsmanager::Client::new(world.cloud.config());
    let next = json!({ "kid": kid, "key": "n".repeat(40) }).to_string();
    let put = client
        .put_secret_value()
        .secret_id(world.cloud.jwt_secret_id());
    put.secret_string(next).send().await.unwrap();
}

#[tokio::test]
async fn a_key_that_two_rotations_retired_opens_nothing() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    rotate(&world, "next").await;
    rotate(&world, "after-next").await;
    world.wait(10 * 60);
    let answer = world.me(&ada.token).await.expect(401);
    assert_eq!(answer.json()["error"], REFUSED);
}

#[tokio::test]
async fn signing_keys_rotate_without_ending_anything() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    rotate(&world, "next").await;
    // A container that only signs learns of the new key within minutes.
    world.wait(10 * 60);
    let refreshed = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    assert_ne!(
        ada.token.split('.').next(),
        refreshed.token.split('.').next(),
        "the header names the new key"
    );
    refreshed.me(&world).await;
    ada.me(&world).await;
}

#[tokio::test]
async fn a_verifier_that_does_not_know_a_key_looks_once_a_minute() {
    let world = World::start().await;
    let client = aws_sdk_secretsmanager::Client::new(world.cloud.config());
    let start = world.now();
    let keys = SigningKeys::load(client.clone(), world.cloud.jwt_secret_id(), start)
        .await
        .unwrap();
    let next = json!({ "kid": "next", "key": "n".repeat(40) }).to_string();
    let put = client
        .put_secret_value()
        .secret_id(world.cloud.jwt_secret_id());
    put.secret_string(next).send().await.unwrap();
    let after = |seconds| start + jiff::SignedDuration::from_secs(seconds);
    assert!(keys.verifying("next", after(59)).await.is_none());
    assert!(keys.verifying("next", after(60)).await.is_some());
    assert!(
        keys.verifying("test", after(60)).await.is_some(),
        "the previous one verifies"
    );
    assert!(keys.verifying("unknown", after(61)).await.is_none());
}

#[tokio::test]
async fn a_weak_key_does_not_start() {
    let world = World::start().await;
    let client = aws_sdk_secretsmanager::Client::new(world.cloud.config());
    let weak = json!({ "kid": "weak", "key": "k".repeat(31) }).to_string();
    let put = client
        .put_secret_value()
        .secret_id(world.cloud.jwt_secret_id());
    put.secret_string(weak).send().await.unwrap();
    let started = SigningKeys::load(client, world.cloud.jwt_secret_id(), world.now()).await;
    let why = started.err().unwrap().to_string();
    assert_eq!(
        why,
        "JWT_SECRET_ID names a secret that can not be used: key must have at least 32 characters"
    );
}
