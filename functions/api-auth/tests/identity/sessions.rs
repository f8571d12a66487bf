//! Sessions: refreshing, two tabs, theft, logging out.

use ampel_api_auth::CookieRules;
use ampel_domain::tenancy::{Member, Role};
use serde_json::json;

use crate::world::{COOKIE, PASSWORD, Someone, World};

#[tokio::test]
async fn a_refresh_token_is_used_once_and_answers_the_next() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    world.wait(60);
    let answer = world.refresh(&ada.cookie).await.expect(200);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    let next = Someone::of(&answer);
    assert_ne!(next.cookie, ada.cookie);
    assert_ne!(next.token, ada.token);
    next.me(&world).await;
    world.refresh(&next.cookie).await.expect(200);
}

#[tokio::test]
async fn a_second_tab_gets_a_conflict_and_ends_nothing() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let next = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    world.wait(9);
    let late = world.refresh(&ada.cookie).await.expect(409);
    assert_eq!(late.cookie(COOKIE), None, "the other tab's cookie stays");
    world.refresh(&next.cookie).await.expect(200);
}

#[tokio::test]
async fn of_two_tabs_at_the_same_moment_one_refreshes() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let tabs = futures::join!(
        world.refresh(&ada.cookie),
        world.refresh(&ada.cookie),
        world.refresh(&ada.cookie)
    );
    let tabs = [tabs.0, tabs.1, tabs.2];
    let mut statuses = tabs.each_ref().map(|tab| tab.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409]);
    let winner = tabs.iter().find(|tab| tab.status == 200).unwrap();
    world.refresh(&Someone::of(winner).cookie).await.expect(200);
}

#[tokio::test]
async fn a_token_that_comes_back_later_ends_its_whole_family() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let elsewhere = Someone::of(&world.login("ada@example.org", PASSWORD).await.expect(200));
    let next = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    world.wait(10);
    let stolen = world.refresh(&ada.cookie).await.expect(401);
    assert_eq!(stolen.json()["error"], "Invalid or expired refresh token");
    assert_eq!(
        stolen.cookie(COOKIE).as_deref(),
        Some(""),
        "the cookie is cleared"
    );
    world.refresh(&next.cookie).await.expect(401);
    // Another login is another family.
    world.refresh(&elsewhere.cookie).await.expect(200);
}

#[tokio::test]
async fn an_older_token_ends_its_family_at_once() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let second = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    let third = Someone::of(&world.refresh(&second.cookie).await.expect(200));
    world.refresh(&ada.cookie).await.expect(401);
    world.refresh(&third.cookie).await.expect(401);
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used() {
    let world = World::start().await;
    let day = 24 * 60 * 60;
    let mut ada = world.register("ada@example.org").await;
    for _week in 0..3 {
        world.wait(7 * day - 1);
        ada = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    }
    world.wait(7 * day);
    let answer = world.refresh(&ada.cookie).await.expect(401);
    assert_eq!(answer.json()["error"], "Invalid or expired refresh token");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let mut forged = ada.cookie.clone();
    let last = if forged.ends_with('A') { "Q" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    for cookie in ["", "nonsense", ada.token.as_str(), forged.as_str()] {
        let answer = world.refresh(cookie).await.expect(401);
        assert_eq!(answer.json()["error"], "Invalid or expired refresh token");
    }
    let none = world.api.post("/api/v1/auth/refresh").send().await;
    assert_eq!(
        none.expect(401).json()["error"],
        "Invalid or expired refresh token"
    );
    // A token in the body is no way in.
    let body = json!({ "refreshToken": ada.cookie });
    world
        .api
        .post("/api/v1/auth/refresh")
        .json(&body)
        .send()
        .await
        .expect(401);
    // And a refresh token is no access token.
    world.me(&ada.cookie).await.expect(401);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_clears_the_cookie() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let other = Someone::of(&world.login("ada@example.org", PASSWORD).await.expect(200));
    let call = world.api.post("/api/v1/auth/logout").bearer(&ada.token);
    let answer = call.cookie(COOKIE, &ada.cookie).send().await.expect(204);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("ampel_refresh=; Path=/api; Max-Age=0; ")
    );
    world.refresh(&ada.cookie).await.expect(401);
    world.refresh(&other.cookie).await.expect(200);

    let without_token = world
        .api
        .post("/api/v1/auth/logout")
        .cookie(COOKIE, &other.cookie);
    without_token.send().await.expect(204);
    world
        .api
        .post("/api/v1/auth/logout")
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn a_person_who_is_gone_can_not_refresh() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let id = ada.me(&world).await["id"].as_str().unwrap().to_owned();
    let client = aws_sdk_dynamodb::Client::new(world.cloud.config());
    let text = aws_sdk_dynamodb::types::AttributeValue::S;
    let delete = client.delete_item().table_name(world.cloud.table());
    let delete = delete
        .key("pk", text(format!("USER#{id}")))
        .key("sk", text("PROFILE".into()));
    delete.send().await.unwrap();
    let answer = world.refresh(&ada.cookie).await.expect(401);
    assert_eq!(answer.json()["error"], "User not found");
    assert_eq!(
        world.me(&ada.token).await.expect(401).json()["error"],
        "User not found"
    );
}

#[tokio::test]
async fn switching_organizations_moves_the_session() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let bob = world.register("bob@example.org").await;
    let (ada_id, team) = {
        let (ada, bob) = (ada.me(&world).await, bob.me(&world).await);
        (ada["id"].clone(), bob["organizationId"].clone())
    };
    let switch = |body: serde_json::Value| {
        let call = world.api.post("/api/v1/auth/switch").bearer(&ada.token);
        call.cookie(COOKIE, &ada.cookie).json(&body).send()
    };
    let body = json!({ "organizationId": team });
    // Not a member: it does not exist.
    switch(body.clone()).await.expect(404);
    let organization = team.as_str().unwrap().parse().unwrap();
    let member = Member {
        organization,
        user: ada_id.as_str().unwrap().parse().unwrap(),
        role: Role::Viewer,
        joined_at: world.now(),
    };
    world.store.add_member(&member).await.unwrap();
    let token = switch(body).await.expect(200).json()["accessToken"].clone();
    let me = world.me(token.as_str().unwrap()).await.expect(200).json();
    assert_eq!(
        (&me["organizationId"], me["role"].as_str()),
        (&team, Some("viewer"))
    );
    assert_eq!(me["organizations"].as_array().unwrap().len(), 2);
    let refreshed = Someone::of(&world.refresh(&ada.cookie).await.expect(200));
    assert_eq!(refreshed.me(&world).await["organizationId"], team);
    let malformed = switch(json!({ "organizationId": "x" })).await.expect(400);
    assert_eq!(malformed.wrong_fields(), ["organizationId"]);
}

#[tokio::test]
async fn pages_of_other_origins_can_not_use_the_cookie() {
    let world = World::start_with(CookieRules {
        secure: false,
        origins: vec!["https://ampel.example.org".to_owned()],
    })
    .await;
    let ada = world.register("ada@example.org").await;
    let from = |origin: &'static str| {
        let call = world
            .api
            .post("/api/v1/auth/refresh")
            .header("origin", origin);
        call.cookie(COOKIE, &ada.cookie).send()
    };
    from("https://evil.example.org").await.expect(403);
    let answer = from("https://ampel.example.org").await.expect(200);
    // Without TLS, as in local mode, the browser would drop a cookie that is `Secure`.
    assert!(!answer.header("set-cookie").contains("Secure"));
}
