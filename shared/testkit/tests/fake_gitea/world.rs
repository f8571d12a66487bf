//! The world of these stories, and how they ask it.

use ampel_testkit::fake::{Delivery, Response};
use ampel_testkit::gitea::{FakeGitea, PullStory, RepoStory};
use serde_json::Value;

pub const SECRET: &str = "It's a Secret to Everybody";
pub const HOOK: &str = "https://ampel.example/webhooks/gitea/h1";

/// A repository with a hook, and the token of somebody who may do everything there.
pub fn world() -> (FakeGitea, RepoStory, String) {
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    repo.member("ada");
    repo.hook(HOOK, SECRET);
    let token = gitea.token("ada");
    (gitea, repo, token)
}

/// Calls with a body of JSON; null for none.
pub fn call(gitea: &FakeGitea, token: &str, method: &str, path: &str, body: &Value) -> Response {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    gitea.send(token, method, path, &body).expect("an answer")
}

/// The body of a good answer.
pub fn body(gitea: &FakeGitea, token: &str, path: &str) -> Value {
    let response = call(gitea, token, "GET", path, &Value::Null);
    assert_eq!(response.status, 200, "{path}: {:?}", response.body);
    response.body.unwrap_or_default()
}

/// A pull request as REST shows it.
pub fn pull_body(gitea: &FakeGitea, token: &str, pull: &PullStory) -> Value {
    let path = format!("/repos/acme/web/pulls/{}", pull.number());
    body(gitea, token, &path)
}

/// Status and message of an answer.
pub fn told(response: &Response) -> (u16, String) {
    let body = response.body.clone().unwrap_or_default();
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    (response.status, message)
}

/// Event and fine event of what was sent.
pub fn names(deliveries: &[Delivery]) -> Vec<(String, String)> {
    deliveries
        .iter()
        .map(|delivery| {
            let fine = delivery.header("X-Gitea-Event-Type").unwrap_or_default();
            (delivery.event.clone(), fine.to_owned())
        })
        .collect()
}

/// Lower case hex of HMAC-SHA256.
pub fn digest(secret: &str, text: &str) -> String {
    use hmac::Mac;
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
