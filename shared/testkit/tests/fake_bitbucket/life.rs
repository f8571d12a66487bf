//! What happens to pull requests and repositories.

use ampel_testkit::bitbucket::model::{BuildState, RestrictionKind};
use ampel_testkit::bitbucket::{Problem, RepoStory};
use serde_json::{Value, json};

use super::{events, get, send, world};

#[test]
fn pull_requests_show_twelve_characters_and_statuses_all_forty() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    pull.check("build").succeeds();
    let path = "/repositories/acme/web/pullrequests/1";
    let shown = get(&cloud, &token, path);
    let hash = shown["source"]["commit"]["hash"].as_str().unwrap();
    assert_eq!(hash, pull.short_head());
    assert_eq!(hash.len(), 12);
    let statuses = get(&cloud, &token, &format!("{path}/statuses"));
    assert_eq!(
        statuses["values"][0]["commit"]["hash"],
        json!(pull.head_sha())
    );
    assert_eq!(statuses["values"][0]["state"], "SUCCESSFUL");
    // The short name leads to the same commit.
    let path = format!("/repositories/acme/web/commit/{hash}/statuses");
    assert_eq!(get(&cloud, &token, &path), statuses);
    let sent = cloud.take_deliveries();
    let built = sent
        .iter()
        .find(|sent| sent.event == "repo:commit_status_created");
    let body = built.unwrap().json();
    assert_eq!(
        body["commit_status"]["commit"]["hash"],
        json!(pull.head_sha())
    );
    let opened = sent.iter().find(|sent| sent.event == "pullrequest:created");
    assert_eq!(
        opened.unwrap().json()["pullrequest"]["source"]["commit"]["hash"],
        hash
    );
}

#[test]
fn opinions_come_go_and_stay_over_pushes() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.request_review("grace");
    cloud.take_deliveries();
    pull.request_changes("grace").approve("grace");
    let sent = cloud.take_deliveries();
    let expected = [
        "pullrequest:changes_request_created",
        "pullrequest:approved",
    ];
    assert_eq!(events(&sent), expected);
    assert_eq!(
        sent[0].json()["changes_request"]["user"]["nickname"],
        "grace"
    );
    assert_eq!(sent[1].json()["approval"]["user"]["nickname"], "grace");
    let shown = sent[1].json()["pullrequest"]["participants"][0].clone();
    assert_eq!(shown["approved"], true);
    assert_eq!(shown["state"], "changes_requested", "that stays");
    assert_eq!(shown["role"], "REVIEWER");

    pull.push();
    let state = |repo: &RepoStory| {
        let pull = repo.pull(1).data();
        let opinions = pull.participants[0].opinions.iter();
        opinions.map(|own| own.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(state(&repo), ["approved", "changes_requested"]);
    repo.protect("main", RestrictionKind::ResetApprovalsOnChange, None);
    cloud.take_deliveries();
    pull.push();
    assert_eq!(state(&repo), ["changes_requested"]);
    // Only the update tells, with participants that approve no longer.
    let sent = cloud.take_deliveries();
    assert_eq!(events(&sent), ["repo:push", "pullrequest:updated"]);
    assert_eq!(
        sent[1].json()["pullrequest"]["participants"][0]["approved"],
        false
    );

    pull.request_changes("grace").withdraw("grace");
    pull.approve("grace").withdraw("grace");
    let sent = cloud.take_deliveries();
    assert_eq!(events(&sent)[1], "pullrequest:changes_request_removed");
    assert_eq!(events(&sent)[3], "pullrequest:unapproved");

    // By the API, everybody speaks for themselves.
    let path = "/repositories/acme/web/pullrequests/1/approve";
    let approved = send(&cloud, &token, "POST", path, &Value::Null);
    assert_eq!(approved.body.unwrap()["user"]["nickname"], "ada");
    assert_eq!(
        send(&cloud, &token, "DELETE", path, &Value::Null).status,
        204
    );
    let kinds: Vec<String> = get(
        &cloud,
        &token,
        "/repositories/acme/web/pullrequests/1/activity?pagelen=50",
    )["values"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|entry| entry.as_object().unwrap().keys().cloned())
        .filter(|key| key != "pull_request")
        .collect();
    assert!(kinds.contains(&"changes_requested".to_owned()));
    assert_eq!(kinds.last().map(String::as_str), Some("update"));
}

#[test]
fn what_was_declined_stays_declined() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    cloud.take_deliveries();
    pull.close();
    let sent = cloud.take_deliveries();
    assert_eq!(events(&sent), ["pullrequest:rejected"]);
    assert_eq!(sent[0].json()["pullrequest"]["state"], "DECLINED");
    assert!(matches!(pull.reopen(), Err(Problem::Refused(_))));
    // Its branch moves on without it.
    pull.push();
    assert_eq!(events(&cloud.take_deliveries()), ["repo:push"]);
    let path = "/repositories/acme/web/pullrequests/1";
    assert_eq!(get(&cloud, &token, path)["state"], "DECLINED");
    let edit = send(&cloud, &token, "PUT", path, &json!({ "title": "Again" }));
    assert_eq!(edit.status, 400);
    // Nor are there labels, archives or skipped builds.
    assert!(pull.label("ready").is_err());
    assert!(repo.archive().is_err());
    assert!(pull.check("build").skipped().is_err());
}

#[test]
fn builds_of_one_key_replace_each_other() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    cloud.take_deliveries();
    let check = pull.check("build");
    check.queued();
    check.fails();
    check.rerun();
    check.cancelled();
    pull.check("lint").says(BuildState::Successful);
    let sent = cloud.take_deliveries();
    let created = "repo:commit_status_created";
    let updated = "repo:commit_status_updated";
    assert_eq!(events(&sent), [created, updated, updated, updated, created]);
    let path = "/repositories/acme/web/pullrequests/1/statuses";
    let states: Vec<Value> = get(&cloud, &token, path)["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["state"].clone())
        .collect();
    assert_eq!(states, ["STOPPED", "SUCCESSFUL"]);
    // A push leaves them behind.
    pull.push();
    assert_eq!(get(&cloud, &token, path)["size"], 0);
}

#[test]
fn a_fork_that_is_deleted_leaves_null_behind() {
    let (cloud, repo, token) = world();
    let pull = repo
        .open_pull_request("Fix a typo")
        .by("eve")
        .from_fork("eve")
        .create();
    let path = "/repositories/acme/web/pullrequests/1";
    let source = get(&cloud, &token, path)["source"].clone();
    assert_eq!(source["repository"]["full_name"], "eve/web");
    // Its commit is not found in the repository it aims at; its builds are, by the pull request.
    pull.check("build").succeeds();
    let commit = format!("/repositories/acme/web/commit/{}/statuses", pull.head_sha());
    assert_eq!(cloud.get(&token, &commit).unwrap().status, 404);
    let builds = get(&cloud, &token, &format!("{path}/statuses"));
    assert_eq!(
        builds["values"][0]["commit"]["hash"],
        json!(pull.head_sha())
    );
    let files = super::follow(&cloud, &token, &format!("{path}/diffstat"));
    assert_eq!(files["size"], 1);
    repo.fork("eve").delete();
    let source = get(&cloud, &token, path)["source"].clone();
    assert_eq!(source["repository"], Value::Null);
    assert_eq!(source["branch"]["name"], json!(pull.data().source.branch));
}

#[test]
fn a_repository_keeps_its_uuid_wherever_it_goes() {
    let (cloud, repo, token) = world();
    let uuid = repo.id();
    cloud.take_deliveries();
    repo.rename("Site").transfer("beta");
    let sent = cloud.take_deliveries();
    assert_eq!(events(&sent), ["repo:updated", "repo:transfer"]);
    let changes = sent[0].json()["changes"]["full_name"].clone();
    assert_eq!(changes, json!({ "old": "acme/web", "new": "acme/site" }));
    assert_eq!(sent[1].json()["repository"]["full_name"], "beta/site");
    assert!(
        sent.iter()
            .all(|sent| sent.json()["repository"]["uuid"] == json!(uuid))
    );
    assert_eq!(
        cloud.get(&token, "/repositories/acme/web").unwrap().status,
        404
    );
    let escaped = uuid.replace('{', "%7B").replace('}', "%7D");
    for workspace in ["beta", "%7B%7D"] {
        let found = get(
            &cloud,
            &token,
            &format!("/repositories/{workspace}/{escaped}"),
        );
        assert_eq!(found["full_name"], "beta/site");
    }
    // Its hooks go with it without a word.
    repo.delete();
    assert!(cloud.take_deliveries().is_empty());
}

#[test]
fn the_control_api_drives_it_and_a_world_survives_a_restart() {
    use ampel_testkit::bitbucket::World;
    use ampel_testkit::fake::FakeWorld;

    let (cloud, repo, token) = world();
    repo.open_pull_request("Add login").create();
    let obey = |order: &Value| cloud.change(|world| world.obey(order));
    for verb in ["push", "approve", "pass", "conflict", "comment", "draft"] {
        let order = json!({ "verb": verb, "repo": "web", "number": 1 });
        obey(&order).unwrap();
    }
    let opened = obey(&json!({ "verb": "open", "repo": "acme/web", "title": "Add logout" }));
    assert_eq!(opened.unwrap(), "opened acme/web#2: Add logout");
    obey(&json!({ "verb": "merge", "repo": "web", "number": 2 })).unwrap();
    assert!(obey(&json!({ "verb": "reopen", "repo": "web", "number": 2 })).is_err());
    let shown = cloud.read(|world| world.overview());
    let pull = shown["repositories"][0]["pulls"][0].clone();
    let told = [&pull["checks"], &pull["review"], &pull["conflict"]];
    assert_eq!(told, [&json!("passed"), &json!("approved"), &json!(true)]);

    let saved = cloud.read(|world| serde_json::to_string(world).unwrap());
    let mut again: World = serde_json::from_str(&saved).unwrap();
    let request = ampel_testkit::fake::Request {
        method: "GET".to_owned(),
        path: "/repositories/acme/web/pullrequests/1".to_owned(),
        headers: vec![World::credentials(&token)],
        ..Default::default()
    };
    let before = cloud.call(&request).unwrap().body;
    assert_eq!(again.answer(&request).body, before);
}
