//! What the fake GitLab's API lets whom do: tokens, roles, pages, hooks, merges.

#![expect(
    clippy::expect_used,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::fake::{FaultKind, Matcher, Response};
use ampel_testkit::gitlab::model::{JobStatus, MergeMethod, Role, SquashOption};
use ampel_testkit::gitlab::{FakeGitlab, MergeRefusal, RepoStory};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const HOOK: &str = "https://ampel.example/webhooks/gitlab/h1";

fn world() -> (FakeGitlab, RepoStory, String) {
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.member("ada");
    let token = gitlab.token("ada");
    (gitlab, repo, token)
}

fn call(gitlab: &FakeGitlab, token: &str, call: &str, body: &Value) -> Response {
    let (method, path) = call.split_once(' ').expect("method and path");
    let sent = gitlab.send(token, method, path, &body.to_string());
    sent.expect("an answer")
}

fn get(gitlab: &FakeGitlab, token: &str, path: &str) -> Response {
    gitlab.get(token, path).expect("an answer")
}

fn answer(response: &Response) -> Value {
    response.body.clone().unwrap_or_default()
}

#[test]
fn a_token_tells_about_itself_and_ends() {
    let (gitlab, _, token) = world();
    let own = answer(&get(&gitlab, &token, "/personal_access_tokens/self"));
    assert_eq!(own["scopes"], json!(["api"]));
    assert_eq!(own["expires_at"], Value::Null);
    assert_eq!(answer(&get(&gitlab, &token, "/user"))["username"], "ada");
    gitlab.expire_token(&token, 86_400);
    let own = answer(&get(&gitlab, &token, "/personal_access_tokens/self"));
    assert_eq!(own["expires_at"], "2026-01-06");
    gitlab.expire_token(&token, -1);
    let refused = get(&gitlab, &token, "/user");
    assert_eq!(refused.status, 401);
    assert_eq!(answer(&refused)["error"], "invalid_token");
    let other = gitlab.token("ada");
    gitlab.revoke_token(&other);
    assert_eq!(get(&gitlab, &other, "/user").status, 401);
    let asked = gitlab.graphql(&other, "query Me { currentUser { username } }", &json!({}));
    assert_eq!(asked["errors"][0]["message"], "Invalid token");
}

#[test]
fn scopes_and_roles_are_two_gates() {
    let (gitlab, repo, token) = world();
    repo.private().role("grace", Role::Developer);
    let read_only = gitlab.read_only_token("ada");
    let hook = json!({ "url": HOOK });
    let refused = call(
        &gitlab,
        &read_only,
        "POST /projects/acme%2Fweb/hooks",
        &hook,
    );
    assert_eq!(refused.status, 403);
    assert_eq!(answer(&refused)["error"], "insufficient_scope");
    let developer = gitlab.token("grace");
    let refused = call(
        &gitlab,
        &developer,
        "POST /projects/acme%2Fweb/hooks",
        &hook,
    );
    assert_eq!(refused.status, 403);
    assert_eq!(answer(&refused)["message"], "403 Forbidden");
    let stranger = gitlab.token("alan");
    let hidden = get(&gitlab, &stranger, "/projects/acme%2Fweb");
    assert_eq!(hidden.status, 404);
    assert_eq!(answer(&hidden)["message"], "404 Project Not Found");
    assert_eq!(get(&gitlab, &token, "/projects/acme%2Fweb").status, 200);
    assert_eq!(get(&gitlab, &token, "/projects/acme/web").status, 404);
}

#[test]
fn projects_come_in_pages_by_number_or_by_key() {
    let (gitlab, _, token) = world();
    for name in ["acme/api", "acme/tools/cli", "globex/site"] {
        gitlab.repository(name).member("ada");
    }
    gitlab.repository("globex/other");
    let first = get(&gitlab, &token, "/projects?membership=true&per_page=3");
    assert_eq!(first.header("x-total"), Some("4"));
    assert_eq!(first.header("x-next-page"), Some("2"));
    assert!(first.header("date").is_some());
    assert_eq!(answer(&first).as_array().map(Vec::len), Some(3));
    let last = get(
        &gitlab,
        &token,
        "/projects?membership=true&per_page=3&page=2",
    );
    assert_eq!(last.header("x-next-page"), Some(""));
    let keyset = "/projects?membership=true&pagination=keyset&order_by=id&sort=asc&per_page=3";
    let first = get(&gitlab, &token, keyset);
    assert_eq!(first.header("x-total"), None);
    let link = first.header("link").expect("a link").to_owned();
    let next = link
        .split(['<', '>'])
        .nth(1)
        .and_then(|url| url.split_once("/api/v4"))
        .expect("an address")
        .1;
    let last = get(&gitlab, &token, next);
    assert_eq!(answer(&last)[0]["path_with_namespace"], "globex/site");
    assert_eq!(last.header("link"), None);
    let subgroup = get(&gitlab, &token, "/projects/acme%2Ftools%2Fcli");
    assert_eq!(answer(&subgroup)["namespace"]["full_path"], "acme/tools");
}

#[test]
fn hooks_are_made_changed_tested_and_removed() {
    let (gitlab, repo, token) = world();
    let hooks = "/projects/acme%2Fweb/hooks";
    let wanted = json!({
        "url": HOOK, "token": "secret", "push_events": false,
        "merge_requests_events": true, "pipeline_events": true,
    });
    let made = call(&gitlab, &token, &format!("POST {hooks}"), &wanted);
    assert_eq!(made.status, 201);
    let made = answer(&made);
    assert_eq!(made["push_events"], false);
    assert_eq!(made["merge_requests_events"], true);
    assert_eq!(made["token_present"], true);
    assert_eq!(made["signing_token_present"], false);
    assert_eq!(made["alert_status"], "executable");
    assert!(made.get("token").is_none(), "secrets do not come back");
    assert!(gitlab.take_deliveries().is_empty(), "there is no ping");
    let hook = format!("{hooks}/{}", made["id"]);
    let test = format!("POST {hook}/test/merge_requests_events");
    assert_eq!(call(&gitlab, &token, &test, &json!({})).status, 422);
    repo.open_pull_request("Add login").create();
    gitlab.take_deliveries();
    assert_eq!(call(&gitlab, &token, &test, &json!({})).status, 201);
    let sent = gitlab.take_deliveries();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].header("x-gitlab-token"), Some("secret"));
    assert!(sent[0].json()["object_attributes"].get("action").is_none());
    let change = json!({ "note_events": true });
    let changed = call(&gitlab, &token, &format!("PUT {hook}"), &change);
    assert_eq!(answer(&changed)["note_events"], true);
    assert_eq!(answer(&changed)["pipeline_events"], true);
    let bad = json!({ "url": "ampel.example" });
    assert_eq!(
        call(&gitlab, &token, &format!("POST {hooks}"), &bad).status,
        422
    );
    let gone = call(&gitlab, &token, &format!("DELETE {hook}"), &json!({}));
    assert_eq!(gone.status, 204);
    assert_eq!(get(&gitlab, &token, &hook).status, 404);
    assert_eq!(repo.hooks(), 0);
}

#[test]
fn a_signing_token_signs_id_time_and_body() {
    let (gitlab, repo, _) = world();
    let key = [7_u8; 32];
    repo.hook(HOOK, &format!("whsec_{}", STANDARD.encode(key)));
    repo.open_pull_request("Add login").create();
    let sent = gitlab.take_deliveries().remove(0);
    let header = |name: &str| sent.header(name).expect("a header");
    let signed = format!(
        "{}.{}.{}",
        header("webhook-id"),
        header("webhook-timestamp"),
        sent.body
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header("webhook-signature"), expected);
    assert_eq!(header("webhook-id"), header("idempotency-key"));
    assert_eq!(sent.header("x-gitlab-token"), None);
    let other = gitlab.repository("acme/api");
    other.hook(HOOK, "in clear");
    other.open_pull_request("Add login").create();
    let sent = gitlab.take_deliveries().remove(0);
    assert_eq!(sent.header("x-gitlab-token"), Some("in clear"));
    assert_eq!(sent.header("webhook-signature"), None);
    assert!(sent.header("webhook-id").is_some(), "sent all the same");
}

#[test]
fn a_merge_is_refused_in_gitlabs_order() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("grace").create();
    let merge = "PUT /projects/acme%2Fweb/merge_requests/1/merge";
    repo.rules(|rules| rules.merge_needs_sha = true);
    let refused = call(&gitlab, &token, merge, &json!({}));
    assert_eq!(refused.status, 400);
    assert_eq!(
        answer(&refused)["message"],
        "SHA must be provided when merging"
    );
    repo.protect("main");
    let developer = gitlab.token("grace");
    let wrong = json!({ "sha": "0123456789012345678901234567890123456789" });
    let refused = call(&gitlab, &developer, merge, &wrong);
    assert_eq!(refused.status, 401, "who may not merge is unauthorized");
    let refused = call(&gitlab, &token, merge, &wrong);
    assert_eq!(refused.status, 409);
    let message = format!(
        "SHA does not match HEAD of source branch: {}",
        pull.head_sha()
    );
    assert_eq!(answer(&refused)["message"], message);
    pull.to_draft();
    let right = json!({ "sha": pull.head_sha(), "should_remove_source_branch": true });
    assert_eq!(call(&gitlab, &token, merge, &right).status, 405);
    pull.ready();
    let merged = call(&gitlab, &token, merge, &right);
    assert_eq!(merged.status, 200);
    assert_eq!(answer(&merged)["state"], "merged");
    assert_eq!(answer(&merged)["detailed_merge_status"], "not_open");
    let branch = pull.data().head.branch;
    let path = format!("/projects/acme%2Fweb/repository/branches/{branch}");
    assert_eq!(get(&gitlab, &token, &path).status, 404);
    assert_eq!(pull.try_merge("ada"), Err(MergeRefusal::ShaNeeded));
}

#[test]
fn the_project_says_how_merges_are_made() {
    let (gitlab, repo, token) = world();
    repo.rules(|rules| {
        rules.merge_method = MergeMethod::FastForward;
        rules.squash = SquashOption::Always;
    });
    let shown = answer(&get(&gitlab, &token, "/projects/acme%2Fweb"));
    assert_eq!(shown["merge_method"], "ff");
    assert_eq!(shown["squash_option"], "always");
    let pull = repo.open_pull_request("Add login").create();
    pull.push();
    repo.push("main");
    gitlab.settle();
    let own = "/projects/acme%2Fweb/merge_requests/1";
    let asked = answer(&get(&gitlab, &token, own));
    assert_eq!(asked["detailed_merge_status"], "need_rebase");
    let old_head = pull.head_sha();
    let rebase = call(&gitlab, &token, &format!("PUT {own}/rebase"), &json!({}));
    assert_eq!(rebase.status, 202);
    let asking = format!("{own}?include_rebase_in_progress=true");
    let asked = answer(&get(&gitlab, &token, &asking));
    assert_eq!(asked["rebase_in_progress"], true);
    let asked = answer(&get(&gitlab, &token, &asking));
    assert_eq!(asked["rebase_in_progress"], false);
    assert_ne!(pull.head_sha(), old_head);
    let merged = call(&gitlab, &token, &format!("PUT {own}/merge"), &json!({}));
    assert_eq!(merged.status, 200, "{:?}", merged.body);
    assert_eq!(answer(&merged)["merge_commit_sha"], Value::Null);
    assert!(answer(&merged)["squash_commit_sha"].is_string());
}

#[test]
fn a_merge_can_wait_for_its_pipeline() {
    let (gitlab, repo, token) = world();
    repo.require_pipeline();
    let pull = repo.open_pull_request("Add login").create();
    pull.check("build").runs();
    let merge = "PUT /projects/acme%2Fweb/merge_requests/1/merge";
    assert_eq!(call(&gitlab, &token, merge, &json!({})).status, 405);
    let later = call(&gitlab, &token, merge, &json!({ "auto_merge": true }));
    assert_eq!(later.status, 200);
    assert_eq!(answer(&later)["state"], "opened");
    assert_eq!(answer(&later)["merge_when_pipeline_succeeds"], true);
    pull.check("build").succeeds();
    assert!(pull.data().merged.is_some());
}

#[test]
fn branches_compare_and_rules_are_read() {
    let (gitlab, repo, token) = world();
    repo.protect("main").protect("release/*");
    let pull = repo
        .open_pull_request("Add login")
        .from_branch("feature/login")
        .create();
    let below = |path: &str| format!("/projects/acme%2Fweb/{path}");
    let rule = get(&gitlab, &token, &below("protected_branches/main"));
    assert_eq!(answer(&rule)["merge_access_levels"][0]["access_level"], 40);
    let covered = get(&gitlab, &token, &below("protected_branches/release%2F1"));
    assert_eq!(covered.status, 404, "found by the rule's own name only");
    let compare = get(
        &gitlab,
        &token,
        &below("repository/compare?from=main&to=feature/login"),
    );
    assert_eq!(answer(&compare)["commit"]["id"], pull.head_sha());
    let branch = below("repository/branches/feature%2Flogin");
    assert_eq!(
        answer(&get(&gitlab, &token, &branch))["commit"]["id"],
        pull.head_sha()
    );
    let gone = call(&gitlab, &token, &format!("DELETE {branch}"), &json!({}));
    assert_eq!(gone.status, 204);
    let main = format!("DELETE {}", below("repository/branches/main"));
    assert_eq!(call(&gitlab, &token, &main, &json!({})).status, 403);
    gitlab.settle();
    let asked = answer(&get(&gitlab, &token, &below("merge_requests/1")));
    assert_eq!(asked["detailed_merge_status"], "commits_status");
}

#[test]
fn pipelines_are_found_by_commit() {
    let (gitlab, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    pull.check("build").fails();
    let old = pull.head_sha();
    pull.push();
    pull.check("build").succeeds();
    pull.status("ci/external", JobStatus::Success);
    let found = get(
        &gitlab,
        &token,
        &format!("/projects/acme%2Fweb/pipelines?sha={old}"),
    );
    assert_eq!(answer(&found).as_array().map(Vec::len), Some(1));
    assert_eq!(answer(&found)[0]["status"], "failed");
    let own = get(
        &gitlab,
        &token,
        "/projects/acme%2Fweb/merge_requests/1/pipelines",
    );
    assert_eq!(answer(&own).as_array().map(Vec::len), Some(2));
}

#[test]
fn too_many_calls_are_told_to_wait() {
    let (gitlab, _, token) = world();
    gitlab.calls_per_minute(2);
    let first = get(&gitlab, &token, "/user");
    assert_eq!(first.header("ratelimit-remaining"), Some("1"));
    get(&gitlab, &token, "/user");
    let refused = get(&gitlab, &token, "/user");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("60"));
    gitlab.advance(60);
    assert_eq!(get(&gitlab, &token, "/user").status, 200);
    gitlab.fail_next(
        Matcher::path("/user"),
        FaultKind::TooManyRequests { retry_after: 7 },
        1,
    );
    let refused = get(&gitlab, &token, "/user");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("7"));
    let known = get(&gitlab, &token, "/version");
    assert!(known.header("etag").is_some());
}
