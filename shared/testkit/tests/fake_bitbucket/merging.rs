//! Conflicts, merges and merge checks.

use ampel_testkit::bitbucket::model::{MergeStrategy, RestrictionKind};
use ampel_testkit::bitbucket::{FaultKind, Matcher, MergeRefusal};
use serde_json::{Value, json};

use super::{events, follow, get, send, world};

/// The destination's hash that a pull request shows.
fn hash_of(pull: &Value) -> &str {
    let hash = pull.pointer("/destination/commit/hash");
    hash.and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn only_conflicts_tell_of_a_conflict() {
    let (cloud, repo, token) = world();
    let pull = repo
        .open_pull_request("Add login")
        .touching("src/login.rs")
        .touching("README.txt")
        .create();
    let path = "/repositories/acme/web/pullrequests/1";
    let before = get(&cloud, &token, path);
    assert_eq!(
        follow(&cloud, &token, &format!("{path}/conflicts"))["size"],
        0
    );
    cloud.take_deliveries();
    repo.push_touching("main", "src/login.rs");

    // The pull request looks as it did (but for its destination's head), and nobody is told.
    let mut after = get(&cloud, &token, path);
    assert_ne!(
        after["destination"]["commit"],
        before["destination"]["commit"]
    );
    after["destination"] = before["destination"].clone();
    after["links"] = before["links"].clone();
    assert_eq!(after, before);
    assert_eq!(events(&cloud.take_deliveries()), ["repo:push"]);

    // A diffstat shows what changed since the merge base, also where it is asked for a merge.
    let stat = follow(&cloud, &token, &format!("{path}/diffstat?pagelen=1"));
    assert_eq!((&stat["pagelen"], &stat["size"]), (&json!(1), &json!(2)));
    let stat = follow(&cloud, &token, &format!("{path}/diffstat"));
    assert_eq!(stat["pagelen"], 500);
    let plain = stat["values"].as_array().unwrap().iter();
    assert!(plain.clone().all(|file| file["status"] == "modified"));
    let link = before["links"]["diffstat"]["href"].as_str().unwrap();
    let link = link.split("/2.0").nth(1).unwrap().to_owned();
    let link = link.replace(hash_of(&before), hash_of(&get(&cloud, &token, path)));
    let stat = get(&cloud, &token, &format!("{link}&merge=true&pagelen=500"));
    let asked = stat["values"].as_array().unwrap().iter();
    assert!(asked.clone().all(|file| file["status"] == "modified"));
    let conflicts = follow(&cloud, &token, &format!("{path}/conflicts"));
    assert_eq!(
        conflicts["values"],
        json!([{ "path": "src/login.rs", "scenario": "content" }])
    );
    let refused = pull.try_merge("grace").unwrap_err();
    assert!(refused.to_string().contains("merge conflicts"), "{refused}");
    pull.force_push();
    assert_eq!(
        follow(&cloud, &token, &format!("{path}/conflicts"))["size"],
        0
    );
}

#[test]
fn a_merge_may_become_a_task_to_poll() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    cloud.slow_merges(2);
    cloud.take_deliveries();
    let path = "/repositories/acme/web/pullrequests/1/merge";
    let order = json!({ "type": "pullrequest", "merge_strategy": "squash" });
    let accepted = send(&cloud, &token, "POST", path, &order);
    assert_eq!(accepted.status, 202);
    assert!(accepted.body.is_none());
    let address = accepted.header("location").unwrap().to_owned();
    let task = address.split("/2.0").nth(1).unwrap().to_owned();
    assert!(task.starts_with("/repositories/acme/web/pullrequests/1/merge/task-status/"));
    for _ in 0..2 {
        assert_eq!(get(&cloud, &token, &task)["task_status"], "PENDING");
    }
    let done = get(&cloud, &token, &task);
    assert_eq!(done["task_status"], "SUCCESS");
    assert_eq!(done["merge_result"]["state"], "MERGED");
    assert!(!pull.data().is_open());
    let sent = cloud.take_deliveries();
    assert_eq!(events(&sent), ["pullrequest:fulfilled", "repo:push"]);

    // Asked for, it is one even where merges are fast; a task belongs to its pull request.
    cloud.slow_merges(0);
    repo.open_pull_request("Add logout").create();
    let path = "/repositories/acme/web/pullrequests/2/merge?async=true";
    assert_eq!(send(&cloud, &token, "POST", path, &json!({})).status, 202);
    let foreign = task.replace("pullrequests/1", "pullrequests/2");
    assert_eq!(cloud.get(&token, &foreign).unwrap().status, 400);
    cloud.settle();
    assert!(!repo.pull(2).data().is_open());
}

#[test]
fn a_merge_that_was_accepted_may_still_fail() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    cloud.slow_merges(1);
    let path = "/repositories/acme/web/pullrequests/1/merge";
    let accepted = send(&cloud, &token, "POST", path, &json!({}));
    let task = accepted
        .header("location")
        .unwrap()
        .split("/2.0")
        .nth(1)
        .unwrap()
        .to_owned();
    pull.conflict();
    assert_eq!(get(&cloud, &token, &task)["task_status"], "PENDING");
    let failed = cloud.get(&token, &task).unwrap();
    assert_eq!(failed.status, 400);
    assert!(
        failed.body.unwrap()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("conflicts")
    );
    assert!(pull.data().is_open());
}

#[test]
fn a_merge_takes_whatever_head_there_is() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    let (seen, branch) = (pull.head_sha(), pull.data().source.branch);
    let fresh = pull.push();
    // There is no way to say which head was looked at.
    let order = json!({ "message": "Merge it", "sha": seen, "close_source_branch": true });
    let path = "/repositories/acme/web/pullrequests/1/merge";
    let merged = send(&cloud, &token, "POST", path, &order);
    assert_eq!(merged.status, 200);
    let body = merged.body.unwrap();
    assert_eq!(body["state"], "MERGED");
    assert_eq!(body["merge_commit"]["hash"].as_str().unwrap().len(), 12);
    assert_eq!(body["closed_by"]["nickname"], "ada");
    let tip = cloud.read(|world| {
        let repo = world.repo_named("acme/web").unwrap();
        let tip = repo.head_of("main").unwrap().to_owned();
        assert!(repo.head_of(&branch).is_none());
        world.git.get(&tip).unwrap().clone()
    });
    assert_eq!(tip.message, "Merge it");
    assert!(tip.parents.contains(&fresh));
}

#[test]
fn merging_is_refused_for_drafts_strategies_and_the_closed() {
    let (cloud, repo, token) = world();
    let pull = repo.open_pull_request("Add login").draft().create();
    let path = "/repositories/acme/web/pullrequests/1/merge";
    let refusal = |order: &Value| {
        let answer = send(&cloud, &token, "POST", path, order);
        (
            answer.status,
            answer.body.unwrap()["error"]["message"].to_string(),
        )
    };
    assert!(refusal(&json!({})).1.contains("draft"));
    pull.ready();
    repo.merge_strategies(&[MergeStrategy::Squash, MergeStrategy::FastForward]);
    let branch = get(&cloud, &token, "/repositories/acme/web/refs/branches/main");
    assert_eq!(
        branch["merge_strategies"],
        json!(["squash", "fast_forward"])
    );
    assert_eq!(branch["default_merge_strategy"], "squash");
    // Nothing said means a merge commit, not the branch's default.
    assert!(
        refusal(&json!({}))
            .1
            .contains("merge_commit is not allowed")
    );
    assert_eq!(refusal(&json!({ "merge_strategy": "octopus" })).0, 400);
    repo.push("main");
    let behind = refusal(&json!({ "merge_strategy": "fast_forward" }));
    assert!(behind.1.contains("fast-forwarded"), "{behind:?}");
    pull.merge("grace");
    assert!(
        refusal(&json!({ "merge_strategy": "squash" }))
            .1
            .contains("already closed")
    );

    // What a client meets when refs move, or when Bitbucket takes too long.
    repo.open_pull_request("Add logout").create();
    for status in [409, 555] {
        let merges = Matcher::path("/merge").method("POST");
        cloud.fail_next(merges, FaultKind::Status(status), 1);
        let path = "/repositories/acme/web/pullrequests/2/merge";
        assert_eq!(
            send(&cloud, &token, "POST", path, &json!({})).status,
            status
        );
    }
    assert!(repo.pull(2).data().is_open());
}

#[test]
fn merge_checks_only_warn_unless_they_are_enforced() {
    let (cloud, repo, token) = world();
    repo.protect("main", RestrictionKind::RequireApprovals, Some(1));
    let warned = repo.open_pull_request("Add login").create();
    warned.merge("grace");

    repo.protect("ma*", RestrictionKind::EnforceMergeChecks, None)
        .require_builds("main", 1);
    let pull = repo.open_pull_request("Add logout").by("ada").create();
    let refused = |why: &str| {
        let refusal = pull.try_merge("grace").unwrap_err();
        assert!(
            matches!(&refusal, MergeRefusal::Refused(text) if text.contains(why)),
            "{refusal}"
        );
    };
    // One's own approval is possible and counts for nothing.
    pull.approve("ada");
    refused("1 approvals");
    pull.approve("grace");
    refused("passing builds");
    pull.check("build").runs();
    refused("passing builds");
    pull.check("build").succeeds();
    pull.merge("grace");

    let path = "/repositories/acme/web/branch-restrictions";
    let rules = get(
        &cloud,
        &token,
        &format!("{path}?kind=require_approvals_to_merge"),
    );
    assert_eq!(rules["values"][0]["pattern"], "main");
    assert_eq!(rules["values"][0]["value"], 1);
    assert_eq!(get(&cloud, &token, path)["size"], 4);
    let writer = cloud.token("grace");
    assert_eq!(cloud.get(&writer, path).unwrap().status, 403);

    repo.protect("main", RestrictionKind::RestrictMerges, None);
    let pull = repo.open_pull_request("Add a footer").create();
    let refusal = pull.try_merge("grace").unwrap_err();
    assert!(matches!(refusal, MergeRefusal::Forbidden(_)));
}
