//! Drafts, reviews and statuses.

use ampel_testkit::gitea::model::{Protection, StatusState};
use serde_json::{Value, json};

use crate::world::{HOOK, SECRET, body, names, pull_body, world};

#[test]
fn a_draft_is_a_title_and_mergeable_is_a_word_with_three_meanings() {
    let (gitea, repo, token) = world();
    let pull = repo.open_pull_request("Add login").draft().create();
    assert_eq!(
        pull_body(&gitea, &token, &pull)["mergeable"],
        false,
        "looks for conflicts"
    );
    let draft = pull_body(&gitea, &token, &pull);
    assert_eq!(draft["mergeable"], false, "a draft never is");
    assert_eq!(
        (&draft["draft"], &draft["title"]),
        (&json!(true), &json!("WIP: Add login"))
    );
    gitea.take_deliveries();
    pull.ready();
    let sent = gitea.take_deliveries();
    assert_eq!(sent[0].json()["changes"]["title"]["from"], "WIP: Add login");
    assert_eq!(pull_body(&gitea, &token, &pull)["mergeable"], true);
    pull.conflict();
    gitea.settle();
    assert_eq!(
        pull_body(&gitea, &token, &pull)["mergeable"],
        false,
        "it conflicts"
    );
    pull.force_push();
    gitea.settle();
    assert_eq!(pull_body(&gitea, &token, &pull)["mergeable"], true);
}

#[test]
fn reviews_are_official_stale_dismissed_and_never_named_in_webhooks() {
    let (gitea, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("kurt").create();
    let reviews = || body(&gitea, &token, "/repos/acme/web/pulls/1/reviews");
    pull.request_review("grace");
    assert_eq!(reviews()[0]["state"], "REQUEST_REVIEW");
    let first = pull.head_sha();
    gitea.take_deliveries();
    pull.approve("grace");
    let told = gitea.take_deliveries()[0].json();
    assert_eq!(told["review"]["type"], "pull_request_review_approved");
    assert_eq!(told["review"].get("id"), None);
    assert_eq!(told["pull_request"]["requested_reviewers"], Value::Null);
    pull.approve_as_outsider("eve");
    let all = reviews();
    assert_eq!(
        all.as_array().map(Vec::len),
        Some(2),
        "the request is answered"
    );
    assert_eq!(
        (&all[0]["official"], &all[1]["official"]),
        (&json!(true), &json!(false))
    );
    pull.push();
    assert_eq!(reviews()[0]["stale"], true);
    assert_eq!(reviews()[0]["dismissed"], false);
    pull.force_push_back(&first);
    assert_eq!(
        reviews()[0]["stale"],
        false,
        "it is what was reviewed again"
    );
    gitea.take_deliveries();
    pull.dismiss("grace");
    assert!(gitea.take_deliveries().is_empty());
    assert_eq!(reviews()[0]["dismissed"], true);
    assert_eq!(reviews()[0]["state"], "APPROVED");
}

#[test]
fn a_rule_can_take_approvals_away_with_every_push() {
    let (gitea, repo, token) = world();
    let rule = Protection {
        required_approvals: 1,
        dismiss_stale_approvals: true,
        ..Protection::default()
    };
    repo.protect("main", rule);
    let pull = repo.open_pull_request("Add login").by("kurt").create();
    pull.approve("grace");
    gitea.take_deliveries();
    pull.push();
    let sent = gitea.take_deliveries();
    assert_eq!(
        sent.len(),
        2,
        "a push and a synchronized pull request: {:?}",
        names(&sent)
    );
    let reviews = body(&gitea, &token, "/repos/acme/web/pulls/1/reviews");
    assert_eq!(reviews[0]["dismissed"], true);
    assert!(pull.try_merge("grace").is_err());
    pull.approve("grace");
    pull.merge("grace");
}

#[test]
fn statuses_stay_and_the_newest_of_each_context_counts() {
    let (gitea, repo, token) = world();
    repo.hook_for(
        "https://ampel.example/quiet",
        SECRET,
        &["pull_request", "push"],
    );
    let pull = repo.open_pull_request("Add login").create();
    let at = format!("/repos/acme/web/commits/{}", pull.head_sha());
    let nothing = body(&gitea, &token, &format!("{at}/status"));
    assert_eq!(
        (&nothing["state"], &nothing["sha"]),
        (&json!(""), &json!(""))
    );
    assert_eq!(nothing["statuses"], Value::Null);
    gitea.take_deliveries();
    pull.check("build").runs();
    pull.check("build").succeeds();
    pull.check("lint").ends(StatusState::Warning);
    let sent = gitea.take_deliveries();
    assert_eq!(sent.len(), 3, "only one hook asked for statuses");
    assert!(
        sent.iter()
            .all(|own| own.url == HOOK && own.event == "status")
    );
    assert_eq!(sent[1].json()["state"], "success");
    let all = body(&gitea, &token, &format!("{at}/statuses"));
    let states: Vec<_> = (0..3).map(|at| all[at]["status"].clone()).collect();
    assert_eq!(states, ["warning", "success", "pending"], "newest first");
    let combined = body(&gitea, &token, &format!("{at}/status"));
    assert_eq!(
        (&combined["state"], &combined["total_count"]),
        (&json!("warning"), &json!(2))
    );
}
