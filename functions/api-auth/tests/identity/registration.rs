//! Registering.

use serde_json::{Value, json};

use crate::world::{PASSWORD, Someone, World};

#[tokio::test]
async fn somebody_registers_and_is_logged_in_to_an_organization_of_their_own() {
    let world = World::start().await;
    let body = json!({ "email": "Ada@Example.org", "password": PASSWORD, "displayName": " Ada " });
    let answer = world
        .api
        .post("/api/v1/auth/register")
        .json(&body)
        .send()
        .await;
    let answer = answer.expect(201);
    let said = answer.json();
    assert_eq!(said["tokenType"], "Bearer");
    assert_eq!(said["expiresIn"], 900);
    assert_eq!(
        said.as_object().unwrap().len(),
        3,
        "and no refresh token: {said}"
    );
    let cookie = answer.header("set-cookie");
    let (_value, attributes) = cookie.split_once(';').unwrap();
    assert_eq!(
        attributes,
        " Path=/api; Max-Age=604800; HttpOnly; SameSite=Strict; Secure"
    );
    assert_eq!(answer.header("cache-control"), "no-store");

    let me = Someone::of(&answer).me(&world).await;
    assert_eq!(me["email"], "Ada@Example.org");
    assert_eq!(me["displayName"], "Ada");
    assert_eq!(me["role"], "owner");
    assert_eq!(me["organizations"][0]["id"], me["organizationId"]);
    assert_eq!(me["organizations"].as_array().unwrap().len(), 1);
    let organization = me["organizationId"].as_str().unwrap().parse().unwrap();
    let stored = world
        .store
        .organization(organization)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.owner.to_string(), me["id"].as_str().unwrap());
    let items = world.items().await;
    assert_eq!(
        items
            .iter()
            .filter(|item| item.contains("S(\"team\")"))
            .count(),
        1
    );
    assert_eq!(
        items
            .iter()
            .filter(|item| item.contains("S(\"team_member\")"))
            .count(),
        1
    );
}

#[tokio::test]
async fn an_address_registers_once_however_it_is_spelled() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let before = world.items().await.len();
    let body = json!({ "email": " ADA@example.ORG ", "password": "another password" });
    let answer = world
        .api
        .post("/api/v1/auth/register")
        .json(&body)
        .send()
        .await;
    let answer = answer.expect(400);
    assert_eq!(answer.json()["error"], "Email already registered");
    assert_eq!(answer.cookie("ampel_refresh"), None);
    assert_eq!(world.items().await.len(), before, "nothing was left behind");
    world.login("ada@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn of_several_who_register_one_address_at_once_one_wins() {
    let world = World::start().await;
    let body = json!({ "email": "race@example.org", "password": PASSWORD });
    let one = || world.api.post("/api/v1/auth/register").json(&body).send();
    let answers = futures::join!(one(), one(), one(), one());
    let mut statuses = [answers.0, answers.1, answers.2, answers.3].map(|a| a.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400]);
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_field_by_field() {
    let world = World::start().await;
    let long = "x".repeat(129);
    let name = "n".repeat(101);
    let cases: Vec<(Value, &[&str])> = vec![
        (json!({}), &["email"]),
        (json!({ "email": "ada@example.org" }), &["password"]),
        (json!({ "email": 7, "password": PASSWORD }), &["email"]),
        (
            json!({ "email": "ada", "password": "short" }),
            &["email", "password"],
        ),
        (
            json!({ "email": "a@b.co", "password": "1234567" }),
            &["password"],
        ),
        (
            json!({ "email": "a@b.co", "password": long }),
            &["password"],
        ),
        (
            json!({ "email": "a@b.co", "password": PASSWORD, "displayName": "" }),
            &["displayName"],
        ),
        (
            json!({ "email": "a@b.co", "password": PASSWORD, "displayName": name }),
            &["displayName"],
        ),
        (
            json!({ "email": "a@b.co", "password": PASSWORD, "displayName": "a\nb" }),
            &["displayName"],
        ),
    ];
    for (body, fields) in cases {
        let answer = world
            .api
            .post("/api/v1/auth/register")
            .json(&body)
            .send()
            .await;
        let answer = answer.expect(400);
        assert_eq!(answer.wrong_fields(), fields, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let short = json!({ "email": "a@b.co", "password": "12345678" });
    world
        .api
        .post("/api/v1/auth/register")
        .json(&short)
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let world = World::start().await;
    let good = json!({ "email": "a@b.co", "password": PASSWORD }).to_string();
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(300 * 1024));
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", large.as_str()),
        ("text/plain", good.as_str()),
        ("application/x-www-form-urlencoded", "email=a@b.co"),
    ] {
        let answer = world
            .api
            .post("/api/v1/auth/register")
            .text(kind, body)
            .send()
            .await;
        let answer = answer.expect(400);
        assert_eq!(answer.json()["status"], 400, "{kind}");
    }
    assert_eq!(world.items().await.len(), 0);
}
