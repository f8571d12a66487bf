//! The profile.

use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_profile_changes_only_where_it_is_told_to() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let change = |body: serde_json::Value| {
        let call = world.api.put("/api/v1/auth/me").bearer(&ada.token);
        call.json(&body).send()
    };
    let renamed = change(json!({ "displayName": "Ada L." }))
        .await
        .expect(200)
        .json();
    assert_eq!(renamed["displayName"], "Ada L.");
    assert_eq!(renamed["email"], "ada@example.org");
    let moved = change(json!({ "email": "ada@lovelace.org" }))
        .await
        .expect(200)
        .json();
    assert_eq!(moved["displayName"], "Ada L.");
    assert_eq!(moved["email"], "ada@lovelace.org");
    world.login("ada@lovelace.org", PASSWORD).await.expect(200);
    world.login("ada@example.org", PASSWORD).await.expect(401);
    // The address is free again.
    world.register("ada@example.org").await;
    let unnamed = change(json!({ "displayName": "" }))
        .await
        .expect(200)
        .json();
    assert_eq!(unnamed.get("displayName"), None);
    let respelled = change(json!({ "email": "ADA@lovelace.org" }))
        .await
        .expect(200)
        .json();
    assert_eq!(respelled["email"], "ADA@lovelace.org");
}

#[tokio::test]
async fn an_address_of_somebody_else_is_not_taken_over() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    world.register("bob@example.org").await;
    let call = world.api.put("/api/v1/auth/me").bearer(&ada.token);
    let body = json!({ "email": "Bob@example.org", "displayName": "Bob" });
    let answer = call.json(&body).send().await.expect(400);
    assert_eq!(answer.json()["error"], "Email already in use");
    let me = ada.me(&world).await;
    assert_eq!(
        (me["email"].as_str(), me["displayName"].as_str()),
        (Some("ada@example.org"), Some("Ada"))
    );
}

#[tokio::test]
async fn a_profile_keeps_the_rules_of_registration() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    for (body, field) in [
        (json!({ "email": "nonsense" }), "email"),
        (json!({ "displayName": "x".repeat(101) }), "displayName"),
        (json!({ "displayName": 7 }), "displayName"),
    ] {
        let call = world.api.put("/api/v1/auth/me").bearer(&ada.token);
        assert_eq!(
            call.json(&body).send().await.expect(400).wrong_fields(),
            [field]
        );
    }
}
