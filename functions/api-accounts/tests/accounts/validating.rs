//! Asking whether a stored token is still good.

use ampel_testkit::github::{FaultKind, Matcher};

use crate::world::{World, text};

#[tokio::test]
async fn a_good_token_is_valid_and_a_revoked_one_is_not() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let token = world.github.token("octocat");
    let account = world
        .add(&ada, &world.wish("octocat", &token))
        .await
        .expect(200)
        .json();
    let id = text(&account, "id");
    let good = world.ask(&ada, id, "validate").await.expect(200).json();
    assert_eq!(good["isValid"], true);
    assert_eq!(good["validationStatus"], "valid");
    assert_eq!(good["providerUsername"], "octocat");
    assert_eq!(good["scopes"], account["scopes"]);
    assert_eq!(good.get("errorMessage"), None);
    world.github.revoke_token(&token);
    let bad = world.ask(&ada, id, "validate").await.expect(200).json();
    assert_eq!(bad["isValid"], false);
    assert_eq!(bad["validationStatus"], "invalid");
    assert!(!text(&bad, "errorMessage").is_empty());
    let stored = world.get(&ada, id).await.expect(200).json();
    assert_eq!(stored["validationStatus"], "invalid");
    assert_eq!(stored["lastValidatedAt"], bad["lastValidatedAt"]);
}

#[tokio::test]
async fn the_end_of_a_token_is_kept_and_makes_it_expired() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let token = world.github.fine_grained_token("octocat");
    // The fake's clock stands in the past: this end has come for us and not yet for it.
    world.github.expire_token(&token, 60);
    let account = world
        .add(&ada, &world.wish("octocat", &token))
        .await
        .expect(200)
        .json();
    assert!(account["tokenExpiresAt"].is_string(), "{account}");
    assert_eq!(account["validationStatus"], "expired");
    world.github.expire_token(&token, 100 * 365 * 24 * 60 * 60);
    let later = world
        .ask(&ada, text(&account, "id"), "validate")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&later["isValid"], &later["validationStatus"]),
        (&true.into(), &"valid".into())
    );
    assert_ne!(later["tokenExpiresAt"], account["tokenExpiresAt"]);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_changes_nothing() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = world.connect(&ada, "octocat").await;
    let id = text(&account, "id");
    world
        .github
        .fail_next(Matcher::any(), FaultKind::Status(500), 20);
    world.ask(&ada, id, "validate").await.expect(502);
    world.github.heal();
    assert_eq!(world.get(&ada, id).await.expect(200).json(), account);
}
