//! Payloads of Gitea and Forgejo in the shapes of many years.

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Lifecycle},
    provider::Provider,
    pulls::{ProviderEvent, PullRequestAction, PullRequestReport},
};
use ampel_providers::webhook::{ParseError, Parsed};
use serde_json::{Value, json};

use crate::deliver::{self, kind};

const SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

fn deliver(event: &str, body: &[u8]) -> deliver::Outcome {
    deliver::deliver(Provider::Gitea, event, body)
}

fn pull_request() -> Value {
    let repo = json!({"id": 1, "full_name": "acme/web"});
    json!({
        "id": 9_000_000_001_u64, "number": 7, "title": "Add login", "body": "Depends-On: #3",
        "html_url": "https://git.example/acme/web/pulls/7", "state": "open", "draft": false,
        "created_at": "2026-11-01T10:00:00+01:00", "updated_at": "2026-11-02T10:00:00+01:00",
        "closed_at": null, "merged_at": null, "merged": false, "mergeable": true,
        "user": {"login": "ada", "avatar_url": "https://git.example/avatars/ada"},
        "head": {"label": "login", "ref": "login", "sha": SHA, "repo_id": 1, "repo": repo},
        "base": {"label": "main", "ref": "main", "sha": SHA, "repo_id": 1, "repo": repo},
        "labels": [{"name": "bug"}],
        "requested_reviewers": [{"login": "grace"}, null],
        "requested_reviewers_teams": [{"name": "core"}],
        "comments": 4,
    })
}

fn event(name: &str, body: &Value) -> ProviderEvent {
    match deliver(name, body.to_string().as_bytes()) {
        Ok(Parsed::Event { event, .. }) => event,
        other => panic!("{other:?}"),
    }
}

fn seen(pull_request: &Value) -> PullRequestReport {
    let body = json!({"action": "edited", "number": 7, "pull_request": pull_request,
        "repository": {"id": 1}});
    let ProviderEvent::PullRequestSeen { report, .. } = event("pull_request", &body) else {
        panic!("something else");
    };
    *report
}

fn with(changes: &Value) -> Value {
    let mut pull_request = pull_request();
    for (field, value) in changes.as_object().unwrap() {
        pull_request[field] = value.clone();
    }
    pull_request
}

#[test]
fn a_whole_pull_request_is_read() {
    let report = seen(&pull_request());
    assert_eq!(report.provider_id, "9000000001");
    assert_eq!(report.updated_at.to_string(), "2026-11-02T09:00:00Z");
    let asked: Vec<&str> = report
        .requested_reviewers
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(asked, ["grace", "team:core"]);
    assert_eq!(report.head.repository.as_deref(), Some("acme/web"));
    assert!(!report.head.is_fork);
    assert_eq!(report.comments, Some(4));
    // It may mean anything, and is read with a snapshot.
    assert_eq!(report.verdict, None);
}

#[test]
fn ghosts_and_deleted_forks_are_read() {
    let mut shown = with(&json!({"user": null, "body": "", "labels": null,
        "requested_reviewers": null, "requested_reviewers_teams": null}));
    shown["head"] = json!({"label": "login", "ref": "refs/pull/7/head", "sha": SHA,
        "repo_id": -1, "repo": null});
    let report = seen(&shown);
    assert_eq!(report.author.as_str(), "ghost");
    assert_eq!((report.head.repository, report.head.is_fork), (None, true));
    assert_eq!(report.head.branch, "login");
    assert_eq!(report.description, None);
    assert!(report.labels.is_empty() && report.requested_reviewers.is_empty());
}

#[test]
fn forks_and_repositories_known_by_their_id_alone_are_told_apart() {
    let mut shown = pull_request();
    for side in ["head", "base"] {
        shown[side].as_object_mut().unwrap().remove("repo");
    }
    assert!(!seen(&shown).head.is_fork);
    shown["head"]["repo_id"] = 2.into();
    assert!(seen(&shown).head.is_fork);
}

#[test]
fn a_draft_is_said_to_be_one_or_has_a_title_that_says_so() {
    assert!(seen(&with(&json!({"draft": true}))).draft);
    assert!(seen(&with(&json!({"draft": null, "title": "WIP: Add login"}))).draft);
    assert!(!seen(&with(&json!({"draft": null}))).draft);
    // An instance may have other prefixes, and says what it makes of the title.
    assert!(!seen(&with(&json!({"draft": false, "title": "WIP: Add login"}))).draft);
}

#[test]
fn every_stage_of_life_is_read() {
    let at = |text: &str| Some(text.parse().unwrap());
    let closed = json!({"state": "closed", "closed_at": "2026-11-03T10:00:00Z"});
    assert_eq!(
        seen(&with(&closed)).lifecycle,
        Lifecycle::Closed {
            at: at("2026-11-03T10:00:00Z")
        }
    );
    let merged = json!({"state": "closed", "merged": true, "merged_at": "2026-11-03T10:00:00Z"});
    assert!(seen(&with(&merged)).lifecycle.is_merged());
    assert!(seen(&with(&json!({"state": null}))).lifecycle.is_open());
    let strange = with(&json!({"state": "frozen"}));
    let body = json!({"action": "edited", "pull_request": strange, "repository": {"id": 1}});
    let outcome = deliver("pull_request", body.to_string().as_bytes());
    assert!(matches!(outcome, Err(ParseError::Unusable { .. })));
}

#[test]
fn a_review_is_hinted_at_with_its_pull_request() {
    for name in ["approved", "rejected", "comment"] {
        let body = json!({"action": "reviewed", "pull_request": pull_request(),
            "repository": {"id": 1}, "review": {"type": "pull_request_review", "content": "ok"}});
        let heard = event(&format!("pull_request_{name}"), &body);
        assert!(
            matches!(heard, ProviderEvent::ReviewsHinted { report } if report.number.get() == 7)
        );
    }
}

#[test]
fn an_action_that_is_yet_to_be_invented_shows_the_pull_request() {
    let body = json!({"action": "polished", "pull_request": pull_request()});
    let ProviderEvent::PullRequestSeen { action, .. } = event("pull_request", &body) else {
        panic!("something else");
    };
    assert_eq!(action, PullRequestAction::Other);
}

#[test]
fn comments_on_pull_requests_count_and_those_on_issues_do_not() {
    let issue = json!({"number": 7, "comments": 3, "updated_at": "2026-11-02T10:00:00Z",
        "pull_request": {"merged": false}});
    let body = json!({"action": "created", "issue": issue, "repository": {"id": 1}});
    let heard = event("issue_comment", &body);
    assert!(matches!(
        heard,
        ProviderEvent::CommentsSeen { comments: 3, .. }
    ));
    let mut of_issue = body;
    of_issue["issue"]["pull_request"] = Value::Null;
    let outcome = deliver("issue_comment", of_issue.to_string().as_bytes());
    assert_eq!(kind(&outcome), "ignored");
    of_issue["is_pull"] = true.into();
    let heard = event("issue_comment", &of_issue);
    assert!(matches!(
        heard,
        ProviderEvent::CommentsSeen { comments: 3, .. }
    ));
}

#[test]
fn every_word_for_a_status_is_read() {
    for (word, expected) in [
        ("pending", CheckState::InProgress),
        ("success", CheckState::Completed(Conclusion::Success)),
        ("skipped", CheckState::Completed(Conclusion::Skipped)),
        ("failure", CheckState::Completed(Conclusion::Failure)),
        ("error", CheckState::Completed(Conclusion::Failure)),
        ("warning", CheckState::Completed(Conclusion::Unrecognised)),
        ("amber", CheckState::Completed(Conclusion::Unrecognised)),
    ] {
        let body = json!({"id": 5, "sha": SHA, "state": word, "context": "", "target_url": "",
            "created_at": "2026-11-02T10:00:00Z", "updated_at": null, "repository": {"id": 1}});
        let ProviderEvent::CheckSeen { sha, check, .. } = event("status", &body) else {
            panic!("something else");
        };
        assert_eq!((sha.as_str(), check.state), (SHA, expected), "{word}");
        let context = "default".to_owned();
        assert_eq!(check.key, CheckKey::Status { context });
        assert_eq!((check.status_id, check.url), (Some(5), None));
    }
}

#[test]
fn a_branch_moves_to_a_commit_or_away() {
    let pushed = json!({"ref": "refs/heads/release/1", "after": SHA,
        "head_commit": {"timestamp": "2020-01-01T00:00:00Z"},
        "repository": {"id": 1, "updated_at": "2026-11-02T10:00:00Z"}});
    let ProviderEvent::BranchMoved { branch, head, at } = event("push", &pushed) else {
        panic!("something else");
    };
    assert_eq!(
        (branch.as_str(), head.unwrap().as_str()),
        ("release/1", SHA)
    );
    assert_eq!(at, None, "the repository's time is from before");
    let mut gone = pushed;
    gone["after"] = "0".repeat(40).into();
    let deleted = json!({"ref": "release/1", "ref_type": "branch",
        "repository": {"id": 1, "updated_at": "2026-11-02T10:00:00Z"}});
    for heard in [event("push", &gone), event("delete", &deleted)] {
        let ProviderEvent::BranchMoved { branch, head, at } = heard else {
            panic!("something else");
        };
        assert_eq!((branch.as_str(), head, at), ("release/1", None, None));
    }
}
