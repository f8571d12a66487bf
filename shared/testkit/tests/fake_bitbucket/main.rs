//! Stories the fake Bitbucket can tell, with Bitbucket's quirks.

#![expect(
    clippy::expect_used,
    reason = "helpers of a test end it as the test itself would"
)]

mod access;
mod life;
mod lists;
mod merging;

use ampel_testkit::bitbucket::{Delivery, FakeBitbucket, RepoStory, Response};
use serde_json::Value;

/// A repository `acme/web` with a hook, and a token of its member ada.
fn world() -> (FakeBitbucket, RepoStory, String) {
    let cloud = FakeBitbucket::in_process();
    let repo = cloud.repository("acme/web");
    repo.member("ada");
    repo.hook("https://ampel.example/webhooks/bitbucket/h1", "secret");
    let token = cloud.token("ada");
    (cloud, repo, token)
}

fn send(cloud: &FakeBitbucket, token: &str, method: &str, path: &str, body: &Value) -> Response {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    cloud.send(token, method, path, &body).expect("an answer")
}

fn get(cloud: &FakeBitbucket, token: &str, path: &str) -> Value {
    let answer = send(cloud, token, "GET", path, &Value::Null);
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    answer.body.expect("a body")
}

/// Follows the redirect that diffstat and conflicts of a pull request are.
fn follow(cloud: &FakeBitbucket, token: &str, path: &str) -> Value {
    let answer = send(cloud, token, "GET", path, &Value::Null);
    assert_eq!(answer.status, 302, "{path}");
    let address = answer.header("location").expect("an address").to_owned();
    let path = address.split("/2.0").nth(1).expect("a path").to_owned();
    get(cloud, token, &path)
}

fn events(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|sent| sent.event.as_str()).collect()
}
