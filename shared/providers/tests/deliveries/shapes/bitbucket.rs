//! Payloads of Bitbucket in the shapes of many years.

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Lifecycle, Opinion, ReviewId},
    provider::{Provider, ProviderUserId},
    pulls::{ProviderEvent, PullRequestReport, ReviewReport},
};
use ampel_providers::webhook::ParseError;
use serde_json::{Value, json};

use crate::deliver::{self, events, kind};

const SHA: &str = "a6e5e7d797edf751cbd839d6bd4aef86c941eec9";
const UPDATED: &str = "2026-11-02T10:00:00.639190+00:00";

fn deliver(event: &str, body: &[u8]) -> deliver::Outcome {
    deliver::deliver(Provider::Bitbucket, event, body)
}

fn user(name: &str) -> Value {
    json!({"nickname": name, "uuid": format!("{{{name}-1}}"), "display_name": "Somebody",
        "links": {"avatar": {"href": format!("https://avatars.example/{name}")}}})
}

fn participant(name: &str, approved: bool, state: Option<&str>) -> Value {
    json!({"user": user(name), "role": "REVIEWER", "approved": approved, "state": state,
        "participated_on": "2026-11-02T10:00:00.622018+00:00"})
}

fn pull_request() -> Value {
    let repository = json!({"uuid": "{repo}", "full_name": "acme/web"});
    json!({
        "id": 7, "title": "Add login", "description": "Depends-On: #3", "state": "OPEN",
        "draft": false, "author": user("ada"), "comment_count": 4,
        "created_on": "2026-11-01T10:00:00.5+00:00", "updated_on": UPDATED,
        "links": {"html": {"href": "https://bitbucket.org/acme/web/pull-requests/7"}},
        "source": {"branch": {"name": "login"}, "commit": {"hash": &SHA[..12]},
            "repository": repository},
        "destination": {"branch": {"name": "main"}, "commit": {"hash": "0bd83caaf9c7"},
            "repository": repository},
        "reviewers": [user("grace"), null, user("alan")],
        "participants": [participant("grace", true, Some("approved")), null],
    })
}

fn with(changes: &Value) -> Value {
    let mut shown = pull_request();
    for (field, value) in changes.as_object().unwrap() {
        shown[field] = value.clone();
    }
    shown
}

fn one(event: &str, body: &Value) -> ProviderEvent {
    let outcome = deliver(event, body.to_string().as_bytes());
    let Some((repository, mut events)) = events(&outcome) else {
        panic!("{outcome:?}");
    };
    assert_eq!((repository.as_str(), events.len()), ("{repo}", 1));
    events.remove(0)
}

fn seen(event: &str, shown: &Value) -> PullRequestReport {
    let body = json!({"pullrequest": shown, "repository": {"uuid": "{repo}"}});
    let ProviderEvent::PullRequestSeen { report, .. } = one(event, &body) else {
        panic!("{event} shows no pull request");
    };
    *report
}

#[test]
fn a_whole_pull_request_is_read() {
    let report = seen("pullrequest:updated", &pull_request());
    assert_eq!(report.number.get(), 7);
    assert_eq!(report.head.sha.as_str(), &SHA[..12]);
    assert_eq!(report.head.repository.as_deref(), Some("acme/web"));
    assert!(!report.head.is_fork);
    assert_eq!(report.updated_at, UPDATED.parse().unwrap());
    assert_eq!(report.comments, Some(4));
    assert_eq!(report.description.as_deref(), Some("Depends-On: #3"));
    assert_eq!(report.verdict, None, "nothing in a payload tells");
    let asked: Vec<&str> = report
        .requested_reviewers
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(asked, ["alan"], "who answered is not asked any more");
}

#[test]
fn ghosts_deleted_forks_and_old_payloads_are_read() {
    let mut shown = with(&json!({
        "author": null, "description": "", "participants": null, "reviewers": null,
        "comment_count": null, "draft": null,
    }));
    shown["source"]["repository"] = Value::Null;
    let report = seen("pullrequest:created", &shown);
    assert_eq!(report.author.as_str(), "ghost");
    assert_eq!((report.head.repository, report.head.is_fork), (None, true));
    assert_eq!((report.description, report.comments), (None, None));
    let named = with(&json!({"author": {"display_name": "Ada", "username": "ada-team"}}));
    assert_eq!(
        seen("pullrequest:created", &named).author.as_str(),
        "ada-team"
    );
}

#[test]
fn the_end_is_what_the_event_says() {
    let at = Some(UPDATED.parse().unwrap());
    for (event, state, expected) in [
        ("pullrequest:fulfilled", "MERGED", Lifecycle::Merged { at }),
        (
            "pullrequest:fulfilled",
            "OPEN|MERGED|DECLINED",
            Lifecycle::Merged { at },
        ),
        ("pullrequest:rejected", "OPEN", Lifecycle::Closed { at }),
        (
            "pullrequest:updated",
            "SUPERSEDED",
            Lifecycle::Closed { at },
        ),
        ("pullrequest:updated", "OPEN", Lifecycle::Open),
    ] {
        let report = seen(event, &with(&json!({"state": state})));
        assert_eq!(report.lifecycle, expected, "{event} {state}");
    }
    let body = json!({"pullrequest": with(&json!({"state": "PARKED"})),
        "repository": {"uuid": "{repo}"}});
    let outcome = deliver("pullrequest:updated", body.to_string().as_bytes());
    let Err(ParseError::Unusable { why, .. }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(why, "pullrequest.state is not known");
}

fn reviewed(event: &str, participants: &Value, by: &str) -> ProviderEvent {
    let field = if event.contains("approved") {
        "approval"
    } else {
        "changes_request"
    };
    let body = json!({
        "pullrequest": with(&json!({"participants": participants})),
        "repository": {"uuid": "{repo}"}, "actor": user(by),
        field: {"date": "2026-11-02T10:00:00.622018+00:00", "user": user(by)},
    });
    one(event, &body)
}

fn review(event: &ProviderEvent) -> &ReviewReport {
    let ProviderEvent::ReviewSeen { review, .. } = event else {
        panic!("{event:?}");
    };
    review
}

#[test]
fn an_opinion_is_held_by_a_person_and_said_when_the_pull_request_moved() {
    let told = reviewed(
        "pullrequest:approved",
        &json!([participant("grace", true, Some("approved"))]),
        "grace",
    );
    let review = review(&told);
    assert_eq!(review.opinion, Opinion::Approved);
    assert_eq!(
        review.id,
        ReviewId::Held(ProviderUserId("{grace-1}".to_owned()))
    );
    assert_eq!(review.reviewer.as_str(), "grace");
    // Taken back, an approval has no time of its own: what orders is the pull request's.
    assert_eq!(review.updated_at, UPDATED.parse().unwrap());
    assert!(review.submitted_at < review.updated_at);
}

#[test]
fn an_opinion_is_what_is_left_of_it() {
    let approved = participant("grace", true, Some("approved"));
    let requested = participant("grace", false, Some("changes_requested"));
    let both = participant("grace", true, Some("changes_requested"));
    let nothing = participant("grace", false, None);
    let old = json!({"user": user("grace"), "approved": true});
    for (event, shown, expected) in [
        ("pullrequest:approved", &old, Opinion::Approved),
        ("pullrequest:approved", &both, Opinion::ChangesRequested),
        ("pullrequest:unapproved", &nothing, Opinion::Withdrawn),
        (
            "pullrequest:unapproved",
            &requested,
            Opinion::ChangesRequested,
        ),
        (
            "pullrequest:changes_request_created",
            &requested,
            Opinion::ChangesRequested,
        ),
        (
            "pullrequest:changes_request_removed",
            &nothing,
            Opinion::Withdrawn,
        ),
        (
            "pullrequest:changes_request_removed",
            &approved,
            Opinion::Approved,
        ),
    ] {
        let told = reviewed(event, &json!([shown]), "grace");
        assert_eq!(review(&told).opinion, expected, "{event} {shown}");
        assert_ne!(
            kind(&deliver(event, b"{}")),
            "review_seen",
            "nothing is made up"
        );
    }
    // Who is not among the participants is taken at the event's word.
    for (event, expected) in [
        ("pullrequest:approved", Opinion::Approved),
        ("pullrequest:unapproved", Opinion::Withdrawn),
        (
            "pullrequest:changes_request_created",
            Opinion::ChangesRequested,
        ),
        ("pullrequest:changes_request_removed", Opinion::Withdrawn),
    ] {
        let told = reviewed(event, &json!([]), "grace");
        assert_eq!(review(&told).opinion, expected, "{event}");
    }
}

#[test]
fn an_event_that_contradicts_itself_is_looked_into() {
    let approved = participant("grace", true, Some("approved"));
    let nothing = participant("grace", false, None);
    for (event, shown) in [
        ("pullrequest:approved", &nothing),
        ("pullrequest:unapproved", &approved),
        ("pullrequest:changes_request_created", &approved),
    ] {
        let told = reviewed(event, &json!([shown]), "grace");
        assert_eq!(told.kind(), "reviews_hinted", "{event}");
    }
}

#[test]
fn namesakes_are_told_apart_by_their_ids() {
    let namesake = |id: &str| json!({"nickname": "Former user", "uuid": id});
    let participants = json!([
        {"user": namesake("{11111111-aa}"), "approved": true},
        {"user": namesake("{22222222-bb}"), "approved": false, "state": "changes_requested"},
    ]);
    let body = json!({
        "pullrequest": with(&json!({"participants": participants})),
        "repository": {"uuid": "{repo}"},
        "approval": {"date": UPDATED, "user": namesake("{11111111-aa}")},
    });
    let told = one("pullrequest:approved", &body);
    assert_eq!(review(&told).reviewer.as_str(), "Former user");
    assert_eq!(review(&told).id.to_string(), "{11111111-aa}");
}

#[test]
fn comments_are_counted() {
    let body = json!({"pullrequest": pull_request(), "repository": {"uuid": "{repo}"},
        "comment": {"id": 1}});
    let ProviderEvent::CommentsSeen {
        number, comments, ..
    } = one("pullrequest:comment_created", &body)
    else {
        panic!("not counted");
    };
    assert_eq!((number.get(), comments), (7, 4));
    let uncounted = json!({"pullrequest": with(&json!({"comment_count": null})),
        "repository": {"uuid": "{repo}"}});
    let told = one("pullrequest:comment_deleted", &uncounted);
    assert_eq!(told.kind(), "pull_request_seen");
}

#[test]
fn builds_go_by_their_key_and_the_short_hash() {
    for (word, expected) in [
        ("SUCCESSFUL", CheckState::Completed(Conclusion::Success)),
        ("FAILED", CheckState::Completed(Conclusion::Failure)),
        ("INPROGRESS", CheckState::InProgress),
        ("STOPPED", CheckState::Completed(Conclusion::Cancelled)),
        ("DREAMING", CheckState::Completed(Conclusion::Unrecognised)),
    ] {
        let body = json!({
            "commit_status": {"key": "ci/build", "state": word, "url": "https://ci.example/1",
                "commit": {"hash": SHA}, "created_on": UPDATED, "updated_on": UPDATED},
            "repository": {"uuid": "{repo}"},
        });
        let ProviderEvent::CheckSeen { sha, check, .. } = one("repo:commit_status_updated", &body)
        else {
            panic!("no check");
        };
        assert_eq!(sha.as_str(), &SHA[..12], "as pull requests show their head");
        assert_eq!(check.state, expected);
        let context = "ci/build".to_owned();
        assert_eq!(check.key, CheckKey::Status { context });
    }
}

#[test]
fn a_push_tells_of_all_its_branches() {
    let target = json!({"hash": SHA, "date": "2026-11-02T09:00:00+00:00"});
    let branch = |name: &str| json!({"type": "branch", "name": name, "target": target});
    let body = json!({
        "push": {"changes": [
            {"new": branch("main"), "old": branch("main")},
            {"new": null, "old": branch("login")},
            {"new": {"type": "tag", "name": "v1", "target": target}, "old": null},
            null,
        ]},
        "repository": {"uuid": "{repo}"},
    });
    let outcome = deliver("repo:push", body.to_string().as_bytes());
    let (_, events) = events(&outcome).unwrap();
    let moved: Vec<(&str, bool)> = events
        .iter()
        .map(|event| {
            let ProviderEvent::BranchMoved { branch, head, at } = event else {
                panic!("{event:?}");
            };
            assert_eq!(*at, None, "the time of a commit is none of the push");
            (branch.as_str(), head.is_some())
        })
        .collect();
    assert_eq!(moved, [("main", true), ("login", false)]);
    let many: Vec<Value> = (0..51).map(|_| json!({"new": branch("x")})).collect();
    let body = json!({"push": {"changes": many}, "repository": {"uuid": "{repo}"}});
    let outcome = deliver("repo:push", body.to_string().as_bytes());
    assert_eq!(
        kind(&outcome),
        "unusable",
        "the repository is read again instead"
    );
}
