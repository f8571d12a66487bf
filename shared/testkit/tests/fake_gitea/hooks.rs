//! Webhooks over REST.

use serde_json::{Value, json};

use crate::world::{HOOK, SECRET, call, digest, world};

#[test]
fn hooks_are_off_and_for_pushes_unless_somebody_says_more() {
    let (gitea, repo, token) = world();
    repo.forget_hook();
    let path = "/repos/acme/web/hooks";
    let config = json!({ "url": HOOK, "content_type": "json", "secret": SECRET });
    let plain = json!({ "type": "gitea", "config": config });
    let made = call(&gitea, &token, "POST", path, &plain);
    let hook = made.body.unwrap_or_default();
    assert_eq!((made.status, &hook["active"]), (201, &json!(false)));
    assert_eq!(hook["events"], json!(["push"]));
    assert_eq!(
        hook["config"],
        json!({ "url": HOOK, "content_type": "json" })
    );
    let one = format!("{path}/{}", hook["id"]);
    let order = json!({ "active": true, "events": ["pull_request", "pull_request_only", "what"] });
    let changed = call(&gitea, &token, "PATCH", &one, &order).body;
    let events = changed.unwrap_or_default()["events"].clone();
    assert_eq!(events.as_array().map(Vec::len), Some(10), "{events}");
    let url = json!({ "config": { "url": "https://ampel.example/other" } });
    let changed = call(&gitea, &token, "PATCH", &one, &url)
        .body
        .unwrap_or_default();
    assert_eq!(
        changed["events"],
        json!(["push"]),
        "events not named are forgotten"
    );
    assert_eq!(changed["active"], true);
    let tested = call(
        &gitea,
        &token,
        "POST",
        &format!("{one}/tests"),
        &Value::Null,
    );
    assert_eq!(tested.status, 204);
    let sent = gitea.take_deliveries();
    assert_eq!((sent.len(), sent[0].event.as_str()), (1, "push"));
    assert_eq!(sent[0].json()["before"], sent[0].json()["after"]);
    repo.writer("kurt");
    let refused = call(&gitea, &gitea.token("kurt"), "GET", path, &Value::Null);
    assert_eq!(refused.status, 403);
    assert_eq!(
        call(&gitea, &token, "DELETE", &one, &Value::Null).status,
        204
    );
    assert_eq!(repo.hooks(), 0);
    let strange = json!({ "type": "forgejo", "config": { "url": HOOK, "content_type": "json" } });
    assert_eq!(call(&gitea, &token, "POST", path, &strange).status, 422);
}

#[test]
fn a_form_is_signed_over_its_payload_alone() {
    let (gitea, repo, token) = world();
    repo.forget_hook();
    let order = json!({
        "type": "gitea", "active": true,
        "config": { "url": HOOK, "content_type": "form", "secret": SECRET },
    });
    call(&gitea, &token, "POST", "/repos/acme/web/hooks", &order);
    repo.push_touching("main", "notes.md");
    let sent = gitea.take_deliveries();
    let pairs = url::form_urlencoded::parse(sent[0].body.as_bytes());
    let payload = pairs.into_owned().next().expect("a pair").1;
    let signature = digest(SECRET, &payload);
    assert_eq!(
        sent[0].header("x-gitea-signature"),
        Some(signature.as_str())
    );
}
