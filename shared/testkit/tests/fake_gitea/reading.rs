//! Lists, rights, names and branches.

use serde_json::{Value, json};

use crate::world::{body, call, pull_body, told, world};

#[test]
fn lists_have_pages_of_at_most_fifty() {
    let (gitea, repo, token) = world();
    for number in 0..55 {
        repo.open_pull_request(&format!("Change {number}")).create();
    }
    let path = "/repos/acme/web/pulls?state=open&sort=oldest&limit=100";
    let first = gitea.get(&token, path).expect("an answer");
    assert_eq!(first.header("x-total-count"), Some("55"));
    let link = first.header("link").expect("a link").to_owned();
    assert!(link.contains("&page=2>; rel=\"next\""), "{link}");
    assert_eq!(first.header("etag"), None);
    let items = first.body.unwrap_or_default();
    assert_eq!(items.as_array().map(Vec::len), Some(50));
    assert_eq!(items[0]["number"], 1);
    let rest = body(&gitea, &token, &format!("{path}&page=2"));
    assert_eq!(rest.as_array().map(Vec::len), Some(5));
    let newest = body(&gitea, &token, "/repos/acme/web/pulls");
    assert_eq!(
        newest[0]["number"], 55,
        "newest first unless said otherwise"
    );
    assert_eq!(newest.as_array().map(Vec::len), Some(30));
}

#[test]
fn tokens_reach_as_far_as_scopes_and_rights() {
    let (gitea, repo, token) = world();
    let get = |token: &str, path: &str| told(&call(&gitea, token, "GET", path, &Value::Null));
    assert_eq!(
        get("nonsense", "/user"),
        (401, "invalid username, password or token".to_owned())
    );
    let narrow = gitea.token_with_scopes("ada", &["read:repository"]);
    let (status, why) = get(&narrow, "/user");
    assert_eq!(status, 403);
    assert!(why.ends_with("[read:user]"), "{why}");
    assert_eq!(get(&narrow, "/repos/acme/web").0, 200);
    let reading = gitea.read_only_token("ada");
    repo.open_pull_request("Add login").create();
    let merge = call(
        &gitea,
        &reading,
        "POST",
        "/repos/acme/web/pulls/1/merge",
        &json!({}),
    );
    assert_eq!(merge.status, 403);
    let stranger = gitea.token("eve");
    assert_eq!(get(&stranger, "/repos/acme/web/hooks").0, 403);
    assert_eq!(get(&stranger, "/repos/acme/web/branch_protections").0, 403);
    repo.private();
    assert_eq!(get(&stranger, "/repos/acme/web").0, 404);
    assert_eq!(body(&gitea, &stranger, "/user/repos"), json!([]));
    assert_eq!(
        body(&gitea, &token, "/user/repos")[0]["permissions"]["admin"],
        true
    );
    gitea.revoke_token(&token);
    assert_eq!(get(&token, "/user").0, 401);
}

#[test]
fn rules_are_for_administrators_and_a_branch_tells_the_rest() {
    let (gitea, repo, token) = world();
    repo.require_checks("main", &["build"]);
    let rule = body(&gitea, &token, "/repos/acme/web/branch_protections/main");
    assert_eq!(rule["status_check_contexts"], json!(["build"]));
    let stranger = gitea.token("eve");
    let branch = body(&gitea, &stranger, "/repos/acme/web/branches/main");
    assert_eq!(
        (&branch["protected"], &branch["enable_status_check"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(branch["user_can_merge"], false);
    let delete = |name: &str| {
        let path = format!("/repos/acme/web/branches/{name}");
        told(&call(&gitea, &token, "DELETE", &path, &Value::Null)).0
    };
    assert_eq!(delete("main"), 403);
    assert_eq!(delete("nothing"), 404);
    let pull = repo
        .open_pull_request("Add login")
        .from_branch("feature/login")
        .create();
    gitea.take_deliveries();
    assert_eq!(delete("feature/login"), 204);
    let sent = gitea.take_deliveries();
    assert_eq!(
        (sent[0].event.as_str(), sent[1].event.as_str()),
        ("delete", "pull_request")
    );
    assert_eq!(sent[1].json()["action"], "closed");
    assert!(!pull.data().open);
}

#[test]
fn a_new_name_is_told_to_nobody_and_the_old_one_leads_there() {
    let (gitea, repo, token) = world();
    gitea.take_deliveries();
    repo.rename("site");
    assert!(gitea.take_deliveries().is_empty());
    let moved = gitea
        .get(&token, "/repos/acme/web/pulls")
        .expect("an answer");
    assert_eq!(moved.status, 307);
    assert_eq!(
        moved.header("location"),
        Some("/api/v1/repos/acme/site/pulls")
    );
    let by_id = body(&gitea, &token, &format!("/repositories/{}", repo.id()));
    assert_eq!(by_id["full_name"], "acme/site");
    repo.transfer("ada");
    assert_eq!(body(&gitea, &token, "/repos/ada/site")["id"], repo.id());
    repo.delete();
    let sent = gitea.take_deliveries();
    assert_eq!(sent[0].json()["action"], "deleted");
    let gone = gitea.get(&token, &format!("/repositories/{}", repo.id()));
    assert_eq!(gone.expect("an answer").status, 404);
}

#[test]
fn pulls_from_forks_and_comparisons_name_their_commits() {
    let (gitea, repo, token) = world();
    let pull = repo
        .open_pull_request("Fix")
        .by("eve")
        .from_fork("eve")
        .create();
    let shown = pull_body(&gitea, &token, &pull);
    assert_eq!(shown["head"]["repo"]["full_name"], "eve/web");
    assert_eq!(shown["head"]["repo"]["parent"]["full_name"], "acme/web");
    assert!(
        shown["created_at"]
            .as_str()
            .is_some_and(|at| at.ends_with("+01:00"))
    );
    let own = repo.open_pull_request("Own").from_branch("own").create();
    own.push();
    let compared = body(&gitea, &token, "/repos/acme/web/compare/main...own");
    assert_eq!(compared["total_commits"], 2);
    assert_eq!(
        compared["commits"][0]["sha"],
        own.head_sha(),
        "newest first"
    );
    gitea.repository("eve/web").delete();
    let orphan = pull_body(&gitea, &token, &pull);
    assert_eq!(
        (&orphan["head"]["repo_id"], &orphan["head"]["repo"]),
        (&json!(-1), &Value::Null)
    );
}
