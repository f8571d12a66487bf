//! Connecting accounts.

use ampel_domain::{instance::AddressRules, tenancy::Role};
use ampel_testkit::github::{FaultKind, Matcher};
use serde_json::json;

use crate::world::{World, text};

#[tokio::test]
async fn an_account_is_validated_and_the_first_becomes_the_default() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = world.connect(&ada, "octocat").await;
    assert_eq!(account["provider"], "github");
    assert_eq!(text(&account, "instanceUrl"), world.github.url());
    assert_eq!(account["accountLabel"], "octocat at work");
    assert_eq!(account["providerUsername"], "octocat");
    assert_eq!(
        account["scopes"],
        json!(["repo", "admin:repo_hook", "read:org"])
    );
    assert_eq!(account["validationStatus"], "valid");
    assert_eq!(account["isActive"], true);
    assert_eq!(account["isDefault"], true);
    assert_eq!(account["shared"], false);
    assert_eq!(account["repositoryCount"], 0);
    for key in ["id", "createdAt", "lastValidatedAt", "userId"] {
        assert!(account[key].is_string(), "{key}");
    }
    let second = world.connect(&ada, "hubot").await;
    assert_eq!(second["isDefault"], false);
    assert_eq!(world.list(&ada).await, [account.clone(), second]);
    let one = world.get(&ada, text(&account, "id")).await.expect(200);
    assert_eq!(one.json(), account);
}

#[tokio::test]
async fn reading_again_what_did_not_change_answers_304() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    world.connect(&ada, "octocat").await;
    let get = |tag: &str| {
        let call = world.api.get("/api/v1/accounts").bearer(&ada.token);
        call.header("if-none-match", tag).send()
    };
    let first = get("\"x\"").await.expect(200);
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let tag = first.header("etag").to_owned();
    let again = get(&tag).await.expect(304);
    assert_eq!(
        (again.text(), again.header("etag")),
        (String::new(), tag.as_str())
    );
    world.connect(&ada, "hubot").await;
    get(&tag).await.expect(200);
}

#[tokio::test]
async fn one_identity_connects_once_per_person() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    world.connect(&ada, "octocat").await;
    let mut wish = world.wish("octocat", &world.github.token("octocat"));
    wish["accountLabel"] = json!("another label");
    let answer = world.add(&ada, &wish).await.expect(409);
    assert_eq!(
        answer.json()["error"],
        "This account is already connected. Use PATCH to update the token."
    );
    let mut same_label = world.wish("hubot", &world.github.token("hubot"));
    same_label["accountLabel"] = json!("Octocat at WORK");
    world.add(&ada, &same_label).await.expect(409);
    // Somebody else may connect the same identity.
    let bob = world
        .joins("bob@example.org", ada.organization, Role::Member)
        .await;
    let theirs = world.connect(&bob, "octocat").await;
    assert_eq!(theirs["isDefault"], true);
}

#[tokio::test]
async fn of_several_who_connect_at_once_each_identity_wins_once_and_one_is_default() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let wish = |login: &str| world.wish(login, &world.github.token(login));
    let (one, other) = (wish("octocat"), wish("hubot"));
    let answers = futures::join!(
        world.add(&ada, &one),
        world.add(&ada, &one),
        world.add(&ada, &other),
        world.add(&ada, &other),
    );
    let mut statuses =
        [answers.0, answers.1, answers.2, answers.3].map(|answer| answer.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 409, 409]);
    let accounts = world.list(&ada).await;
    assert_eq!(accounts.len(), 2);
    assert_eq!(
        accounts
            .iter()
            .filter(|one| one["isDefault"] == true)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_token_the_provider_refuses_is_not_kept() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let revoked = world.github.token("octocat");
    world.github.revoke_token(&revoked);
    for token in [revoked.as_str(), "ghp_never_was_one"] {
        let answer = world
            .add(&ada, &world.wish("octocat", token))
            .await
            .expect(400);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("Token validation failed: "), "{error}");
    }
    assert_eq!(world.list(&ada).await.len(), 0);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_not_a_verdict() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let wish = world.wish("octocat", &world.github.token("octocat"));
    world
        .github
        .fail_next(Matcher::any(), FaultKind::Status(502), 20);
    let answer = world.add(&ada, &wish).await.expect(502);
    assert_eq!(answer.json()["title"], "Bad Gateway");
    world.github.heal();
    world.github.fail_next(
        Matcher::any(),
        FaultKind::TooManyRequests { retry_after: 120 },
        20,
    );
    let answer = world.add(&ada, &wish).await.expect(429);
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((100..=121).contains(&wait), "{wait}");
    world.github.heal();
    world.add(&ada, &wish).await.expect(200);
}

#[tokio::test]
async fn wrong_wishes_are_refused_before_the_provider_is_asked() {
    let world = World::start_with(AddressRules::default()).await;
    let ada = world.person("ada@example.org").await;
    let good = world.wish("octocat", "ghp_x");
    for (field, value, wrong) in [
        ("provider", json!("sourceforge"), "provider"),
        ("provider", json!(null), "provider"),
        ("accountLabel", json!(""), "accountLabel"),
        ("accountLabel", json!("x".repeat(101)), "accountLabel"),
        ("accessToken", json!(" "), "accessToken"),
        ("accessToken", json!("two words"), "accessToken"),
        ("accessToken", json!("x".repeat(2049)), "accessToken"),
        ("shared", json!("yes"), "shared"),
        (
            "instanceUrl",
            json!("http://github.example.org"),
            "instanceUrl",
        ),
        (
            "instanceUrl",
            json!("https://me:pw@github.example.org"),
            "instanceUrl",
        ),
        (
            "instanceUrl",
            json!("https://169.254.169.254"),
            "instanceUrl",
        ),
        (
            "instanceUrl",
            json!("https://[::ffff:10.0.0.1]"),
            "instanceUrl",
        ),
        ("instanceUrl", json!(world.github.url()), "instanceUrl"),
    ] {
        let mut wish = good.clone();
        wish[field] = value.clone();
        let answer = world.add(&ada, &wish).await.expect(400);
        assert_eq!(answer.wrong_fields(), [wrong], "{field} {value}");
    }
    let invalid = {
        let mut wish = good.clone();
        wish["provider"] = json!("sourceforge");
        world.add(&ada, &wish).await.expect(400).json()
    };
    assert_eq!(invalid["errors"][0]["message"], "Invalid provider type");
    assert_eq!(world.github.calls().len(), 0);
}

#[tokio::test]
async fn viewers_read_and_do_not_write() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let vera = world
        .joins("vera@example.org", ada.organization, Role::Viewer)
        .await;
    let wish = world.wish("octocat", &world.github.token("octocat"));
    let answer = world.add(&vera, &wish).await.expect(403);
    assert_eq!(
        answer.json()["error"],
        "This needs the role member or a higher one"
    );
    assert_eq!(world.list(&vera).await.len(), 0);
    let none = world.api.get("/api/v1/accounts").send().await;
    none.expect(401);
}
