//! Payloads in the shapes of many years.

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Lifecycle, Opinion, Verdict},
    provider::Provider,
    pulls::{ProviderEvent, PullRequestReport, ReviewReport},
};
use ampel_providers::webhook::{ParseError, Parsed};
use serde_json::{Value, json};

use crate::deliver::{self, kind};

const SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

fn deliver(event: &str, body: &[u8]) -> deliver::Outcome {
    deliver::deliver(Provider::Github, event, body)
}

fn pull_request() -> Value {
    json!({
        "id": 9_000_000_001_u64, "number": 7, "title": "Add login", "body": "Depends-On: #3",
        "html_url": "https://github.com/acme/web/pull/7", "state": "open", "draft": false,
        "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-02T10:00:00Z",
        "closed_at": null, "merged_at": null, "merged": false, "mergeable": true,
        "user": {"login": "ada", "avatar_url": "https://avatars.example/ada"},
        "head": {"ref": "login", "sha": SHA, "repo": {"id": 1, "full_name": "acme/web"}},
        "base": {"ref": "main", "sha": SHA, "repo": {"id": 1, "full_name": "acme/web"}},
        "labels": [{"name": "bug"}],
        "requested_reviewers": [{"login": "grace"}, null],
        "requested_teams": [{"slug": "core"}],
        "additions": 3, "deletions": 2, "changed_files": 1, "commits": 1,
        "comments": 4, "review_comments": 9,
    })
}

fn seen(pull_request: &Value) -> PullRequestReport {
    let body = json!({"action": "edited", "number": 7, "pull_request": pull_request,
        "repository": {"id": 1}});
    match deliver("pull_request", body.to_string().as_bytes()) {
        Ok(Parsed::Event {
            event: ProviderEvent::PullRequestSeen { report, .. },
            ..
        }) => *report,
        other => panic!("{other:?}"),
    }
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
    assert_eq!(report.verdict, Some(Verdict::Clean));
    let asked: Vec<&str> = report
        .requested_reviewers
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(asked, ["grace", "team:core"]);
    assert!(!report.head.is_fork);
    assert_eq!(report.comments, Some(4));
    assert_eq!(report.description.as_deref(), Some("Depends-On: #3"));
}

#[test]
fn ghosts_and_deleted_forks_are_read() {
    let mut shown = with(&json!({"user": null, "body": "", "labels": null}));
    shown["head"]["repo"] = Value::Null;
    let report = seen(&shown);
    assert_eq!(report.author.as_str(), "ghost");
    assert_eq!((report.head.repository, report.head.is_fork), (None, true));
    // GraphQL says "" where webhooks say null: both are no description.
    assert_eq!(report.description, None);
    assert!(report.labels.is_empty());
}

#[test]
fn merged_and_closed_are_told_apart_by_whatever_is_there() {
    let at = "2026-11-02T09:00:00Z";
    let merged = seen(&with(
        &json!({"state": "closed", "merged": null, "merged_at": at}),
    ));
    assert_eq!(
        merged.lifecycle,
        Lifecycle::Merged {
            at: Some(at.parse().unwrap())
        }
    );
    let closed = seen(&with(&json!({"state": "closed", "closed_at": at})));
    assert_eq!(
        closed.lifecycle,
        Lifecycle::Closed {
            at: Some(at.parse().unwrap())
        }
    );
    assert_eq!(closed.verdict, None, "what is closed is not tried again");
    let computing = seen(&with(&json!({"mergeable": null})));
    assert_eq!(computing.verdict, None);
}

#[test]
fn a_statement_without_a_time_is_older_than_any_other() {
    let mut shown = pull_request();
    for time in ["updated_at", "created_at"] {
        shown.as_object_mut().unwrap().remove(time);
    }
    assert_eq!(seen(&shown).updated_at, jiff::Timestamp::UNIX_EPOCH);
}

#[test]
fn a_short_hash_is_not_used() {
    let mut shown = pull_request();
    shown["head"]["sha"] = json!("6dcb09b5b578");
    let body = json!({"action": "opened", "pull_request": shown, "repository": {"id": 1}});
    let outcome = deliver("pull_request", body.to_string().as_bytes());
    let Err(ParseError::Unusable { event, why }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(event, "pull_request");
    assert!(!why.contains("6dcb09b5b578"), "{why}");
}

#[test]
fn the_largest_pull_request_fits_a_message() {
    let labels: Vec<Value> = (0..300)
        .map(|i| json!({"name": format!("{i}{}", "ä".repeat(60))}))
        .collect();
    let shown = with(
        &json!({"body": "\u{1}".repeat(200_000), "title": "ß".repeat(9000), "labels": labels}),
    );
    let report = seen(&shown);
    assert_eq!(report.description.as_ref().unwrap().len(), 16 * 1024);
    assert_eq!(report.labels.len(), 100);
    let written = serde_json::to_string(&report).unwrap();
    assert!(written.len() < 200 * 1024, "{}", written.len());
}

#[test]
fn a_form_is_read_and_its_raw_body_is_what_is_signed() {
    let json = json!({"action": "opened", "pull_request": pull_request(), "repository": {"id": 1}});
    let form = serde_urlencoded::to_string([("payload", json.to_string())]).unwrap();
    assert_eq!(
        kind(&deliver("pull_request", form.as_bytes())),
        "pull_request_seen"
    );
    let form_type = "application/x-www-form-urlencoded; charset=utf-8";
    let said = deliver::deliver_as(Provider::Github, form_type, "pull_request", form.as_bytes());
    assert_eq!(kind(&said), "pull_request_seen");
    // `curl --data` says so of everything it sends.
    let wrong = deliver::deliver_as(
        Provider::Github,
        form_type,
        "pull_request",
        json.to_string().as_bytes(),
    );
    assert_eq!(kind(&wrong), "pull_request_seen");
    assert_eq!(
        kind(&deliver::deliver_as(
            Provider::Github,
            form_type,
            "push",
            b"other=%7B%7D"
        )),
        "not JSON"
    );
    assert_eq!(kind(&deliver("pull_request", b"payload=%7B")), "not JSON");
}

#[test]
fn what_is_not_json_is_told_from_what_is_not_used() {
    assert_eq!(kind(&deliver("issues", b"<xml/>")), "not JSON");
    assert_eq!(kind(&deliver("push", b"")), "not JSON");
    assert_eq!(kind(&deliver("issues", b"[]")), "ignored");
    assert_eq!(kind(&deliver("", b"{}")), "ignored");
    assert_eq!(
        kind(&deliver("check_run", br#"{"action":"invented"}"#)),
        "ignored"
    );
    assert_eq!(
        kind(&deliver("check_run", br#"{"action":"created"}"#)),
        "unusable"
    );
}

fn review(action: &str, changes: &Value) -> ReviewReport {
    let mut review = json!({"id": 80, "user": {"login": "grace"}, "state": "approved", "body": null,
        "commit_id": SHA, "submitted_at": "2026-11-02T09:00:00Z"});
    for (field, value) in changes.as_object().unwrap() {
        review[field] = value.clone();
    }
    let body = json!({"action": action, "review": review, "pull_request": pull_request(),
        "repository": {"id": 1}});
    match deliver("pull_request_review", body.to_string().as_bytes()) {
        Ok(Parsed::Event {
            event: ProviderEvent::ReviewSeen { review, .. },
            ..
        }) => *review,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_review_without_its_own_time_is_dated_by_what_it_touches() {
    let submitted = review("submitted", &json!({}));
    assert_eq!(submitted.updated_at.to_string(), "2026-11-02T09:00:00Z");
    assert_eq!(submitted.opinion, Opinion::Approved);
    let dismissed = review("dismissed", &json!({"state": "DISMISSED", "user": null}));
    assert_eq!(dismissed.updated_at.to_string(), "2026-11-02T10:00:00Z");
    assert_eq!(
        (dismissed.opinion, dismissed.reviewer.as_str()),
        (Opinion::Dismissed, "ghost")
    );
    let edited = review("edited", &json!({"updated_at": "2026-11-02T12:00:00Z"}));
    assert_eq!(edited.updated_at.to_string(), "2026-11-02T12:00:00Z");
}

#[test]
fn a_check_run_without_times_is_dated_by_its_suite() {
    let body = json!({"action": "created", "repository": {"id": 1}, "check_run": {
        "id": 5, "name": "build", "head_sha": SHA, "status": "queued", "conclusion": null,
        "app": {"slug": "github-actions"},
        "check_suite": {"created_at": "2026-11-02T09:00:00Z", "updated_at": null}}});
    let outcome = deliver("check_run", body.to_string().as_bytes());
    let Ok(Parsed::Event {
        event: ProviderEvent::CheckSeen { sha, check, .. },
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(sha.as_str(), SHA);
    assert_eq!(check.at.to_string(), "2026-11-02T09:00:00Z");
    assert_eq!((check.state, check.run), (CheckState::Queued, 5));
    assert_eq!(
        check.key,
        CheckKey::Run {
            app: "github-actions".into(),
            name: "build".into()
        }
    );
}

#[test]
fn an_unknown_end_of_a_check_is_none_that_passes() {
    let body = json!({"action": "completed", "repository": {"id": 1}, "check_run": {
        "id": 5, "name": "build", "head_sha": SHA, "status": "completed",
        "conclusion": "exploded", "completed_at": "2026-11-02T09:00:00Z"}});
    let outcome = deliver("check_run", body.to_string().as_bytes());
    let Ok(Parsed::Event {
        event: ProviderEvent::CheckSeen { check, .. },
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(check.state, CheckState::Completed(Conclusion::Unrecognised));
}

fn push(changes: &Value) -> (String, Option<String>, String) {
    let mut body = json!({"ref": "refs/heads/release/1.0", "after": SHA, "deleted": false,
        "head_commit": {"timestamp": "2026-11-02T11:00:00+02:00"},
        "repository": {"id": 1, "pushed_at": 1_793_613_600}});
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    match deliver("push", body.to_string().as_bytes()) {
        Ok(Parsed::Event {
            event: ProviderEvent::BranchMoved { branch, head, at },
            ..
        }) => (
            branch,
            head.map(|sha| sha.to_string()),
            at.unwrap().to_string(),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_push_is_dated_by_when_it_was_taken() {
    let (branch, head, at) = push(&json!({}));
    assert_eq!(
        (branch.as_str(), head.as_deref()),
        ("release/1.0", Some(SHA))
    );
    assert_eq!(at, "2026-11-02T10:00:00Z");
    let rfc = push(&json!({"repository": {"id": 1, "pushed_at": "2026-11-02T10:00:00Z"}}));
    assert_eq!(rfc.2, at);
    let by_commit = push(&json!({"repository": {"id": 1}}));
    assert_eq!(by_commit.2, "2026-11-02T09:00:00Z");
    let deleted = push(&json!({"after": "0".repeat(40), "deleted": true, "head_commit": null}));
    assert_eq!(deleted.1, None);
}
