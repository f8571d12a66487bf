//! What the API kit does for every function, on a router of its own.

use ampel_lambda_kit::api::{self, ApiResult, JsonBody, PathId, PathIds, Query};
use ampel_testkit::api::Api;
use ampel_wire::api::{Check, Fields, Invalid, PageLimit};
use axum::{Json, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

#[derive(Deserialize)]
struct Wanted {
    limit: Option<u32>,
    draft: Option<bool>,
}

impl Check for Wanted {
    type Checked = (PageLimit, Option<bool>);

    fn check(self) -> Result<Self::Checked, Invalid> {
        let mut fields = Fields::default();
        let limit = fields.take("limit", PageLimit::of(self.limit));
        fields.finish(limit.map(|limit| (limit, self.draft)))
    }
}

#[derive(Deserialize)]
struct Deep {
    inner: Inner,
}

#[derive(Deserialize)]
struct Inner {
    numbers: Vec<u8>,
}

impl Check for Deep {
    type Checked = usize;

    fn check(self) -> Result<usize, Invalid> {
        Ok(self.inner.numbers.len())
    }
}

fn api() -> Api {
    let one = async |PathId(id): PathId<u32>| -> ApiResult<Json<Value>> { Ok(Json(json!(id))) };
    let two = async |PathIds(a, b): PathIds<u32, bool>| Json(json!([a, b]));
    let list = async |Query((limit, draft)): Query<Wanted>| Json(json!([limit.get(), draft]));
    let deep = async |JsonBody(count): JsonBody<Deep>| Json(json!(count));
    let routes = OpenApiRouter::new()
        .route("/one/{id}", get(one).post(deep))
        .route("/one/{id}/two/{other}", get(two))
        .route("/list", get(list));
    Api::new(api::mount(routes))
}

#[tokio::test]
async fn malformed_ids_are_not_found() {
    let api = api();
    api.get("/api/v1/one/7").send().await.expect(200);
    api.get("/api/v1/one/7/two/true").send().await.expect(200);
    for path in [
        "/one/x",
        "/one/-1",
        "/one/%ff",
        "/one/7/two/maybe",
        "/one/x/two/true",
    ] {
        api.get(&format!("/api{path}")).send().await.expect(404);
    }
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let api = api();
    let good = api
        .get("/api/v1/list?limit=100&draft=true")
        .send()
        .await
        .expect(200);
    assert_eq!(good.json(), json!([100, true]));
    assert_eq!(
        api.get("/api/v1/list").send().await.expect(200).json(),
        json!([50, null])
    );
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("limit=-1", "limit"),
        ("draft=perhaps", "draft"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = api
            .get(&format!("/api/v1/list?{query}"))
            .send()
            .await
            .expect(400);
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn deep_fields_are_named_with_their_path() {
    let api = api();
    for (body, field) in [
        (json!({}), "inner"),
        (json!({ "inner": {} }), "inner.numbers"),
        (
            json!({ "inner": { "numbers": [1, 2, 300] } }),
            "inner.numbers[2]",
        ),
        (
            json!({ "inner": { "numbers": "ghp_secret" } }),
            "inner.numbers",
        ),
    ] {
        let answer = api
            .post("/api/v1/one/1")
            .json(&body)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.wrong_fields(), [field], "{body}");
        assert!(!answer.text().contains("ghp_secret"));
    }
    let call = api.post("/api/v1/one/1").text("application/json", "{} {}");
    call.send().await.expect(400);
}

#[tokio::test]
async fn a_reader_that_has_an_answer_gets_304_without_a_body() {
    let api = api();
    let first = api.get("/api/v1/one/7").send().await.expect(200);
    assert_eq!(first.header("vary"), "authorization");
    let tag = first.header("etag").to_owned();
    for asked in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let again = api
            .get("/api/v1/one/7")
            .header("if-none-match", &asked)
            .send()
            .await;
        let again = again.expect(304);
        assert!(again.body.is_empty());
        assert_eq!(
            (again.header("etag"), again.header("content-type")),
            (tag.as_str(), "")
        );
    }
    let other = api
        .get("/api/v1/one/8")
        .header("if-none-match", &tag)
        .send()
        .await;
    other.expect(200);
}
