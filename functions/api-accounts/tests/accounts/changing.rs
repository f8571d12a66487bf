//! Changing accounts.

use serde_json::json;

use crate::world::{World, text};

#[tokio::test]
async fn what_a_change_does_not_name_stays() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let mut account = world.connect(&ada, "octocat").await;
    let id = text(&account, "id").to_owned();
    let changed = world
        .patch(&ada, &id, &json!({ "accountLabel": "Private" }))
        .await;
    account["accountLabel"] = json!("Private");
    assert_eq!(changed.expect(200).json(), account);
    let off = world
        .patch(&ada, &id, &json!({ "isActive": false }))
        .await
        .expect(200);
    account["isActive"] = json!(false);
    assert_eq!(off.json(), account);
    assert_eq!(
        world.patch(&ada, &id, &json!({})).await.expect(200).json(),
        account
    );
    assert_eq!(world.get(&ada, &id).await.expect(200).json(), account);
    // The old label is free for another account.
    let mut other = world.wish("hubot", &world.github.token("hubot"));
    other["accountLabel"] = json!("octocat at work");
    world.add(&ada, &other).await.expect(200);
    let taken = world
        .patch(&ada, &id, &json!({ "accountLabel": "octocat at work" }))
        .await;
    taken.expect(409);
}

#[tokio::test]
async fn a_new_token_is_validated_and_must_be_of_the_same_person() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = world.connect(&ada, "octocat").await;
    let id = text(&account, "id");
    let stranger = world.github.token("hubot");
    let answer = world
        .patch(&ada, id, &json!({ "accessToken": stranger }))
        .await
        .expect(400);
    assert!(text(&answer.json(), "error").contains("belongs to another person"));
    let wrong = json!({ "accessToken": "ghp_wrong", "accountLabel": "New" });
    world.patch(&ada, id, &wrong).await.expect(400);
    assert_eq!(
        world.get(&ada, id).await.expect(200).json(),
        account,
        "nothing changed"
    );
    let next = world.github.token_with_scopes("octocat", &["repo"]);
    let changed = world
        .patch(&ada, id, &json!({ "accessToken": next }))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["scopes"], json!(["repo"]));
    assert_ne!(changed["lastValidatedAt"], account["lastValidatedAt"]);
    // The new one is what is used from now on.
    world.github.revoke_token(&next);
    let validated = world.ask(&ada, id, "validate").await.expect(200).json();
    assert_eq!(validated["isValid"], false);
}

#[tokio::test]
async fn malformed_and_unknown_ids_are_not_found() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    for id in [
        "x",
        "1",
        "00000000-0000-7000-8000-000000000000",
        "%00",
        "..%2f",
    ] {
        world.get(&ada, id).await.expect(404);
        world.patch(&ada, id, &json!({})).await.expect(404);
        world.delete(&ada, id).await.expect(404);
        world.ask(&ada, id, "validate").await.expect(404);
        world.ask(&ada, id, "set-default").await.expect(404);
    }
}
