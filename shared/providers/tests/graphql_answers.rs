//! GraphQL answers that say less than was asked for.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the way tests do"
)]

mod server;

use std::sync::atomic::{AtomicUsize, Ordering};

use ampel_domain::{
    facts::{CheckState, Conclusion, Fact},
    provider::ProviderRepositoryId,
    pulls::PullRequestSnapshot,
    repositories::RepositoryFacts,
};
use ampel_providers::ProviderError;
use serde_json::{Value, json};
use server::{Server, response};

const HEAD: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

fn repo() -> RepositoryFacts {
    RepositoryFacts {
        provider_id: ProviderRepositoryId("1".to_owned()),
        owner: "acme".to_owned(),
        name: "web".to_owned(),
        description: None,
        url: String::new(),
        default_branch: "main".to_owned(),
        is_private: true,
        is_archived: false,
    }
}

/// A server that gives these answers, one after the other, then the last one for ever. By REST it
/// gives nothing.
async fn answering(answers: Vec<Value>) -> Server {
    let next = AtomicUsize::new(0);
    Server::answering(move |request| {
        if request.starts_with("GET ") {
            return response(
                "403 Forbidden",
                "",
                r#"{"message":"Resource not accessible"}"#,
            );
        }
        let place = next.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let date = "date: Mon, 05 Jan 2026 09:00:00 GMT\r\n";
        response("200 OK", date, &answers[place].to_string())
    })
    .await
}

fn pull_request(changes: &Value) -> Value {
    let mut shown = json!({
        "fullDatabaseId": "9000000001", "number": 7, "title": "One", "body": "",
        "url": "https://github.com/acme/web/pull/7", "state": "OPEN", "isDraft": false,
        "createdAt": "2026-01-05T08:00:00Z", "updatedAt": "2026-01-05T08:30:00Z",
        "closedAt": null, "mergedAt": null,
        "author": {"__typename": "Bot", "login": "dependabot", "avatarUrl": ""},
        "headRefName": "x", "headRefOid": HEAD, "headRepository": {"nameWithOwner": "acme/web"},
        "isCrossRepository": false, "baseRefName": "main", "mergeable": "UNKNOWN",
        "additions": 1, "deletions": 1, "changedFiles": 1,
        "comments": {"totalCount": 0}, "commitCount": {"totalCount": 1},
        "labels": {"nodes": []},
        "reviewRequests": {"nodes": [
            {"requestedReviewer": null},
            {"requestedReviewer": {"__typename": "Bot", "login": "copilot"}},
        ]},
        "reviews": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": []},
        "commits": {"nodes": [{"commit": {"oid": HEAD, "statusCheckRollup": null}}]},
    });
    for (field, value) in changes.as_object().unwrap() {
        shown[field] = value.clone();
    }
    shown
}

fn one(pull_request: &Value, errors: &Value) -> Value {
    json!({"data": {"repository": {"databaseId": 1, "pullRequest": pull_request}},
        "errors": errors})
}

fn list(pull_requests: &[Value], errors: &Value) -> Value {
    json!({"data": {"repository": {"databaseId": 1, "pullRequests": {
        "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": pull_requests}}},
        "errors": errors})
}

fn error(kind: &str, path: &Value) -> Value {
    json!([{"type": kind, "path": path, "message": "Resource not accessible"}])
}

async fn read(server: &Server) -> Result<Option<PullRequestSnapshot>, ProviderError> {
    let number = 7.try_into().unwrap();
    let read = server.client().pull_request(&repo(), number).await;
    read.map(|snapshot| snapshot.of)
}

#[tokio::test]
async fn apps_are_called_what_webhooks_call_them() {
    let server = answering(vec![one(&pull_request(&json!({})), &json!([]))]).await;
    let seen = read(&server).await.unwrap().unwrap();
    assert_eq!(seen.report.author.as_str(), "dependabot[bot]");
    assert!(seen.report.requested_reviewers.contains("copilot[bot]"));
    assert_eq!(seen.verdict, Fact::Computing);
    assert!(seen.evidence.checks.is_empty() && seen.evidence.unavailable.is_none());
}

#[tokio::test]
async fn ghosts_and_deleted_forks_are_read() {
    let review = json!({"fullDatabaseId": "80", "author": null, "state": "APPROVED", "body": "",
        "url": "", "submittedAt": "2026-01-05T08:10:00Z", "updatedAt": "2026-01-05T08:10:00Z",
        "commit": null});
    let shown = pull_request(&json!({
        "author": null, "headRepository": null, "isCrossRepository": null,
        "labels": null, "reviewRequests": null, "comments": null, "commitCount": null,
        "reviews": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [review]},
    }));
    let server = answering(vec![one(&shown, &json!([]))]).await;
    let seen = read(&server).await.unwrap().unwrap();
    assert_eq!(seen.report.author.as_str(), "ghost");
    assert_eq!(seen.report.head.repository, None);
    assert!(seen.report.head.is_fork);
    let reviews = seen.reviews.unwrap();
    assert_eq!(reviews[0].reviewer.as_str(), "ghost");
    assert_eq!(reviews[0].commit, None);
}

#[tokio::test]
async fn an_error_takes_away_only_what_it_is_about() {
    let rollup = json!([
        "repository",
        "pullRequests",
        "nodes",
        1,
        "commits",
        "nodes",
        0,
        "commit",
        "statusCheckRollup"
    ]);
    let shown = [
        pull_request(&json!({})),
        pull_request(&json!({"number": 8})),
        Value::Null,
    ];
    let mut errors = error("FORBIDDEN", &rollup);
    let cosmetic = json!({"type": "FORBIDDEN", "message": "no",
        "path": ["repository", "pullRequests", "nodes", 0, "headRepository"]});
    errors.as_array_mut().unwrap().push(cosmetic);
    let server = answering(vec![list(&shown, &errors)]).await;
    let page = server
        .client()
        .open_pull_requests(&repo(), None)
        .await
        .unwrap();
    let [first, second] = &page.of.pull_requests[..] else {
        panic!("{page:?}");
    };
    assert_eq!(first.evidence.unavailable, None);
    assert!(second.evidence.unavailable.is_some());
    assert!(second.reviews.is_ok());
    let elsewhere = server.heard().split_off(1);
    let asked: Vec<&str> = elsewhere
        .iter()
        .filter_map(|request| request.split(['?', ' ']).nth(1))
        .collect();
    let status = format!("/api/v3/repositories/1/commits/{HEAD}/status");
    assert_eq!(
        asked,
        ["/api/v3/repositories/1/actions/runs", status.as_str()]
    );
}

#[tokio::test]
async fn an_error_that_does_not_say_where_takes_away_everything() {
    let mut errors = error("SOMETHING", &Value::Null);
    errors[0]["message"] = "Something went wrong".into();
    let server = answering(vec![one(&pull_request(&json!({})), &errors)]).await;
    let seen = read(&server).await.unwrap().unwrap();
    assert!(seen.reviews.is_err());
    assert!(seen.evidence.unavailable.is_some());
}

#[tokio::test]
async fn a_page_that_is_too_much_for_github_is_asked_for_in_smaller_ones() {
    let error = |kind: Value, path: Value| json!([{"type": kind, "path": path, "message": "Resource limits for this query exceeded."}]);
    let nothing = json!({"data": {"repository": null},
        "errors": error("RESOURCE_LIMITS_EXCEEDED".into(), json!(["repository"]))});
    let part = list(
        &[pull_request(&json!({})), Value::Null],
        &error(Value::Null, Value::Null),
    );
    let whole = list(&[pull_request(&json!({}))], &json!([]));
    let asked = |server: &Server| {
        let sizes = server.heard().into_iter().map(|request| {
            let size = request.split(r#""first":"#).nth(1).unwrap();
            size.split(',').next().unwrap().to_owned()
        });
        sizes.collect::<Vec<String>>()
    };
    let server = answering(vec![nothing, part.clone(), whole]).await;
    let read = server.client().open_pull_requests(&repo(), None).await;
    let pulls = read.unwrap().of.pull_requests;
    assert!(pulls[0].reviews.is_ok() && pulls[0].evidence.unavailable.is_none());
    assert_eq!(asked(&server), ["50", "20", "5"]);
    // What is too much in the smallest page is taken as it is, and called incomplete.
    let server = answering(vec![part]).await;
    let read = server.client().open_pull_requests(&repo(), None).await;
    let pulls = read.unwrap().of.pull_requests;
    assert!(pulls[0].reviews.is_err() && pulls[0].evidence.unavailable.is_some());
    assert_eq!(asked(&server), ["50", "20", "5"]);
}

#[tokio::test]
async fn what_can_be_read_of_a_page_of_checks_is_kept_and_is_not_called_complete() {
    let rollup = json!({"state": "SUCCESS", "contexts": {
        "pageInfo": {"hasNextPage": false, "endCursor": null},
        "nodes": [null, {"__typename": "StatusContext", "context": "ci", "state": "SUCCESS",
            "createdAt": "2026-01-05T08:31:00Z", "targetUrl": null},
            {"__typename": "Invented"}]}});
    let commits = json!({"nodes": [{"commit": {"oid": HEAD, "statusCheckRollup": rollup}}]});
    let shown = pull_request(&json!({"commits": commits}));
    let server = answering(vec![one(&shown, &json!([]))]).await;
    let evidence = read(&server).await.unwrap().unwrap().evidence;
    assert_eq!(evidence.checks.len(), 1);
    assert_eq!(
        evidence.checks[0].state,
        CheckState::Completed(Conclusion::Success)
    );
    assert!(evidence.unavailable.is_some());
}

#[tokio::test]
async fn checks_of_another_commit_are_not_taken_for_the_heads() {
    let other = "0".repeat(39) + "1";
    let commits = json!({"nodes": [{"commit": {"oid": other, "statusCheckRollup": null}}]});
    let shown = pull_request(&json!({"commits": commits}));
    let of_head = json!({"data": {"repository": {"databaseId": 1, "object": {"oid": HEAD,
        "statusCheckRollup": {"state": "FAILURE", "contexts": {
            "pageInfo": {"hasNextPage": false, "endCursor": null},
            "nodes": [{"__typename": "StatusContext", "context": "ci", "state": "FAILURE",
                "createdAt": "2026-01-05T08:31:00Z", "targetUrl": null}]}}}}}});
    let server = answering(vec![one(&shown, &json!([])), of_head]).await;
    let evidence = read(&server).await.unwrap().unwrap().evidence;
    assert_eq!(evidence.sha.as_str(), HEAD);
    assert_eq!(evidence.checks.len(), 1);
    assert!(server.heard()[1].contains("MoreContexts"));
}

#[tokio::test]
async fn a_token_without_the_scope_for_teams_is_asked_without_teams() {
    let refused = json!({"errors": [{"type": "INSUFFICIENT_SCOPES", "message": "read:org"}]});
    let answer = one(&pull_request(&json!({})), &json!([]));
    let server = answering(vec![refused, answer]).await;
    assert!(read(&server).await.unwrap().is_some());
    let heard = server.heard();
    assert!(heard[0].contains(r#""teams":true"#) && heard[1].contains(r#""teams":false"#));
}

#[tokio::test]
async fn an_answer_without_the_repository_is_an_error_that_says_why() {
    let nothing = |kind: &str| {
        json!({"data": {"repository": null},
        "errors": [{"type": kind, "message": "why", "path": ["repository"]}]})
    };
    for (kind, expected) in [
        ("NOT_FOUND", "NotFound"),
        ("FORBIDDEN", "Permission"),
        ("RATE_LIMITED", "RateLimited"),
        ("", "Unavailable"),
    ] {
        let server = answering(vec![nothing(kind)]).await;
        let error = read(&server).await.unwrap_err();
        assert!(
            format!("{error:?}").starts_with(expected),
            "{kind}: {error:?}"
        );
    }
    let none = json!({"data": {"repository": {"databaseId": 1, "pullRequest": null}},
        "errors": [{"type": "NOT_FOUND", "message": "", "path": ["repository", "pullRequest"]}]});
    assert_eq!(read(&answering(vec![none]).await).await, Ok(None));
    let hidden = one(
        &Value::Null,
        &error("FORBIDDEN", &json!(["repository", "pullRequest"])),
    );
    let refused = read(&answering(vec![hidden]).await).await.unwrap_err();
    assert!(matches!(refused, ProviderError::Permission { .. }));
}

#[tokio::test]
async fn an_answer_about_another_repository_is_not_used() {
    let mut answer = one(&pull_request(&json!({})), &json!([]));
    answer["data"]["repository"]["databaseId"] = 2.into();
    let refused = read(&answering(vec![answer]).await).await.unwrap_err();
    assert_eq!(refused, ProviderError::NotFound);
}
