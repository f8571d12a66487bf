//! Merging and updating, and why not.

use serde_json::{Value, json};

use crate::world::{call, pull_body, told, world};

#[test]
fn merging_is_refused_in_giteas_words() {
    let (gitea, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("kurt").create();
    let merge = |body: Value| {
        let path = "/repos/acme/web/pulls/1/merge";
        told(&call(&gitea, &token, "POST", path, &body))
    };
    let squash = || merge(json!({ "do": "squash" }));
    let why = |status: u16, message: &str| (status, message.to_owned());
    assert_eq!(merge(json!({})), why(422, "[Do]: Required"));
    assert_eq!(
        squash(),
        why(405, "Please try again later"),
        "still checking"
    );
    gitea.settle();
    pull.to_draft();
    assert_eq!(squash(), why(405, "Work in progress PRs cannot be merged"));
    pull.ready();
    repo.require_approvals("main", 1);
    assert_eq!(squash(), why(405, "Does not have enough approvals"));
    pull.approve("grace");
    repo.require_checks("main", &["ci/*"]);
    assert_eq!(
        squash(),
        why(405, "Not all required status checks successful")
    );
    pull.check("ci/build").succeeds();
    let wrong = merge(json!({ "Do": "squash", "head_commit_id": "0000" }));
    assert_eq!(wrong, why(409, "head out of date"));
    let reader = gitea.token("eve");
    let path = "/repos/acme/web/pulls/1/merge";
    let refused = call(&gitea, &reader, "POST", path, &json!({ "do": "merge" }));
    assert_eq!(told(&refused), why(405, "User not allowed to merge PR"));
    pull.close();
    assert_eq!(squash().0, 404);
    pull.reopen();
    gitea.settle();
    gitea.take_deliveries();
    let order = json!({
        "Do": "squash", "MergeTitleField": "Add a login", "head_commit_id": pull.head_sha(),
        "delete_branch_after_merge": true,
    });
    let done = call(&gitea, &token, "POST", path, &order);
    assert_eq!((done.status, done.body), (200, None));
    let sent = gitea.take_deliveries();
    let events: Vec<_> = sent.iter().map(|own| own.event.as_str()).collect();
    assert_eq!(events, ["pull_request", "push", "delete"]);
    assert_eq!(sent[0].json()["pull_request"]["merged"], true);
    assert_eq!(
        sent[1].json()["head_commit"]["message"]
            .as_str()
            .map(str::lines)
            .and_then(|mut lines| lines.next()),
        Some("Add a login")
    );
    assert_eq!(squash(), why(405, ""), "merged already");
    let head = &pull_body(&gitea, &token, &pull)["head"];
    assert_eq!(head["ref"], "refs/pull/1/head", "its branch is gone");
    repo.archive();
    assert_eq!(squash(), why(423, "acme/web is archived"));
}

#[test]
fn an_update_brings_the_base_in_or_is_refused() {
    let (gitea, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("kurt").create();
    let update = |style: &str| {
        let path = format!("/repos/acme/web/pulls/1/update?style={style}");
        told(&call(&gitea, &token, "POST", &path, &Value::Null))
    };
    assert_eq!(update("merge").0, 500, "up to date already");
    repo.push_touching("main", "notes.md");
    let before = pull.head_sha();
    gitea.take_deliveries();
    assert_eq!(update("rebase").0, 200);
    assert_ne!(pull.head_sha(), before);
    let sent = gitea.take_deliveries();
    assert_eq!(sent[1].json()["action"], "synchronized");
    pull.conflict();
    let refused = (409, "merge failed because of conflict".to_owned());
    assert_eq!(update("merge"), refused);
    let fork = repo
        .open_pull_request("Fix")
        .by("eve")
        .from_fork("eve")
        .create();
    repo.push_touching("main", "more.md");
    let path = format!("/repos/acme/web/pulls/{}/update", fork.number());
    let refused = call(&gitea, &token, "POST", &path, &Value::Null);
    assert_eq!(
        (refused.status, refused.body),
        (403, None),
        "the fork is eve's"
    );
}
