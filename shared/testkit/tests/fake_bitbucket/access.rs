//! Tokens, scopes, permissions and limits.

use ampel_testkit::bitbucket::model::Scope;
use ampel_testkit::bitbucket::{FaultKind, Matcher};
use serde_json::json;

use super::{get, send, world};

#[test]
fn an_api_token_is_basic_and_an_access_token_is_bearer() {
    let (cloud, repo, token) = world();
    let access = cloud.access_token("acme/web");
    repo.private();
    assert_eq!(get(&cloud, &token, "/user")["nickname"], "ada");
    get(&cloud, &token, "/repositories/acme/web");

    // An access token sees its repository and is told of limits, but is nobody.
    let answer = cloud.get(&access, "/repositories/acme/web").unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-ratelimit-limit"), Some("1000"));
    assert_eq!(answer.header("x-ratelimit-nearlimit"), Some("false"));
    assert!(
        cloud
            .get(&token, "/user")
            .unwrap()
            .header("x-ratelimit-limit")
            .is_none()
    );
    let nobody = cloud.get(&access, "/user").unwrap();
    assert_eq!(nobody.status, 403);
    assert_eq!(
        nobody.body.unwrap()["error"]["detail"]["required"],
        json!(["account"])
    );

    // The scheme of the other kind opens nothing.
    let mut wrong = ampel_testkit::bitbucket::Request {
        method: "GET".to_owned(),
        path: "/user".to_owned(),
        headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        ..Default::default()
    };
    assert_eq!(cloud.call(&wrong).unwrap().status, 401);
    wrong.headers.clear();
    assert_eq!(cloud.call(&wrong).unwrap().status, 401);

    cloud.expire_token(&token, 1);
    assert_eq!(cloud.get(&token, "/user").unwrap().status, 200);
    cloud.advance(1);
    assert_eq!(cloud.get(&token, "/user").unwrap().status, 401);
    cloud.revoke_token(&access);
    let gone = cloud.get(&access, "/repositories/acme/web").unwrap();
    assert_eq!(gone.status, 401);
}

#[test]
fn a_token_that_lacks_a_scope_is_told_which() {
    let (cloud, repo, _) = world();
    let pull = repo.open_pull_request("Add login").by("grace").create();
    let weak = cloud.read_only_token("ada");
    let merge = format!(
        "/repositories/acme/web/pullrequests/{}/merge",
        pull.number()
    );
    let refused = send(&cloud, &weak, "POST", &merge, &json!({}));
    assert_eq!(refused.status, 403);
    let detail = refused.body.unwrap()["error"]["detail"].clone();
    assert_eq!(detail["required"], json!(["write:pullrequest:bitbucket"]));
    let granted = detail["granted"].as_array().unwrap();
    assert!(granted.contains(&json!("read:pullrequest:bitbucket")));
    assert!(pull.data().is_open());

    // No scope contains another one.
    let hooks = cloud.token_with("ada", &[Scope::WriteWebhook]);
    let list = cloud.get(&hooks, "/repositories/acme/web/hooks").unwrap();
    assert_eq!(list.status, 403);

    // And a scope is no permission: grace may write, not see settings.
    let writer = cloud.token("grace");
    let list = cloud.get(&writer, "/repositories/acme/web/hooks").unwrap();
    assert_eq!(list.status, 403);
    repo.private();
    let stranger = cloud.token("alan");
    let hidden = cloud.get(&stranger, "/repositories/acme/web").unwrap();
    assert_eq!(hidden.status, 404);
}

#[test]
fn limits_say_nothing_about_how_long_to_wait() {
    let (cloud, _, token) = world();
    cloud.fail_next(
        Matcher::any(),
        FaultKind::TooManyRequests { retry_after: 7 },
        1,
    );
    let refused = cloud.get(&token, "/user").unwrap();
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_none());
    assert!(refused.header("date").is_some());
    for _ in 0..1000 {
        assert_eq!(cloud.get(&token, "/user").unwrap().status, 200);
    }
    assert_eq!(cloud.get(&token, "/user").unwrap().status, 429);
    cloud.advance(3600);
    assert_eq!(cloud.get(&token, "/user").unwrap().status, 200);
}
