//! What every answer has.

use crate::world::World;

#[tokio::test]
async fn both_prefixes_lead_to_the_same() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let alias = world
        .api
        .get("/api/auth/me")
        .bearer(&ada.token)
        .send()
        .await;
    assert_eq!(alias.expect(200).json(), ada.me(&world).await);
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_names_its_request() {
    let world = World::start().await;
    for (call, status) in [
        (world.api.get("/api/v1/nothing"), 404),
        (world.api.get("/"), 404),
        (world.api.delete("/api/v1/auth/me"), 405),
        (world.api.get("/api/v1/auth/login"), 405),
        (world.api.get("/api/v1/auth/me"), 401),
    ] {
        let answer = call.send().await.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["detail"], problem["error"]);
        let instance = format!("urn:request:{}", answer.header("x-request-id"));
        assert_eq!(problem["instance"], instance);
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_browsers_careful() {
    let world = World::start().await;
    let ada = world.register("ada@example.org").await;
    let answer = world.me(&ada.token).await.expect(200);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.header("etag"),
        "",
        "nobody may keep an answer about identity"
    );
}
