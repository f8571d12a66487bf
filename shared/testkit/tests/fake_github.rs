//! The fake GitHub tells one story everywhere: webhooks, REST and GraphQL agree.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use ampel_testkit::github::model::StatusState;
use ampel_testkit::github::{FakeGithub, MergeRefusal, RepoStory};
use serde_json::{Value, json};

const SECRET: &str = "It's a Secret to Everybody";

fn world() -> (FakeGithub, RepoStory, String) {
    let hub = FakeGithub::in_process();
    let repo = hub.repository("acme/web");
    repo.member("ada");
    repo.hook("https://ampel.example/webhooks/github/h1", SECRET);
    let token = hub.token("ada");
    (hub, repo, token)
}

fn body(hub: &FakeGithub, token: &str, path: &str) -> Value {
    let response = hub.get(token, path).expect("an answer");
    assert_eq!(response.status, 200, "{path}: {:?}", response.body);
    response.body.unwrap_or_default()
}

const DETAIL: &str = "query Detail($number: Int!) {
  repository(owner: \"acme\", name: \"web\") { pullRequest(number: $number) {
    number title isDraft state headRefOid baseRefName updatedAt mergeable mergeStateStatus
    reviewDecision isCrossRepository author { __typename login }
    labels(first: 10) { nodes { name } }
    latestOpinionatedReviews(first: 10) { nodes { state author { login } commit { oid } } }
    reviewRequests(first: 10) { nodes { requestedReviewer { __typename ... on User { login } ... on Team { slug } } } }
    commits(last: 1) { nodes { commit { oid statusCheckRollup { state contexts(first: 10) {
      totalCount nodes { __typename
        ... on CheckRun { databaseId name status conclusion checkSuite { app { slug } workflowRun { workflow { name } } } isRequired(pullRequestNumber: $number) }
        ... on StatusContext { context state }
      } } } } } }
  } } }";

fn detail(hub: &FakeGithub, token: &str, number: u64) -> Value {
    let answer = hub.graphql(token, DETAIL, &json!({ "number": number }));
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["repository"]["pullRequest"].clone()
}

/// The event a verb must send, and the verb.
type Verb<'a> = (&'a str, Box<dyn Fn() + 'a>);

#[test]
fn rest_and_graphql_and_webhooks_agree_after_every_verb() {
    let (hub, repo, token) = world();
    let pull = repo.open_pull_request("Add login").by("ada").create();
    let verbs: Vec<Verb<'_>> = vec![
        (
            "pull_request",
            Box::new(|| {
                pull.retitle("Add a login page");
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.label("security");
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.to_draft();
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.ready();
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.push();
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.force_push();
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.request_review("grace");
            }),
        ),
        (
            "pull_request_review",
            Box::new(|| {
                pull.approve("grace");
            }),
        ),
        (
            "check_run",
            Box::new(|| {
                pull.check("build").fails();
            }),
        ),
        (
            "status",
            Box::new(|| {
                pull.status("ci/external", StatusState::Success);
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.close();
            }),
        ),
        (
            "pull_request",
            Box::new(|| {
                pull.reopen();
            }),
        ),
    ];
    for (event, verb) in verbs {
        hub.take_deliveries();
        verb();
        let sent = hub.take_deliveries();
        let seen = sent
            .iter()
            .find(|delivery| delivery.event == event)
            .expect(event);
        let number = pull.number();
        let rest = body(&hub, &token, &format!("/repos/acme/web/pulls/{number}"));
        let graph = detail(&hub, &token, number);
        for (ours, theirs) in [
            ("title", "title"),
            ("draft", "isDraft"),
            ("updated_at", "updatedAt"),
        ] {
            assert_eq!(rest[ours], graph[theirs]);
        }
        assert_eq!(rest["head"]["sha"], graph["headRefOid"]);
        if event == "pull_request" {
            let shown = &seen.json()["pull_request"];
            for key in [
                "title",
                "draft",
                "state",
                "updated_at",
                "head",
                "base",
                "labels",
            ] {
                assert_eq!(shown[key], rest[key], "{key}");
            }
        }
    }
    let graph = detail(&hub, &token, pull.number());
    assert_eq!(graph["reviewDecision"], "APPROVED");
    let rollup = &graph["commits"]["nodes"][0]["commit"]["statusCheckRollup"];
    assert_eq!(rollup["state"], "FAILURE");
    assert_eq!(rollup["contexts"]["totalCount"], 2);
}

#[test]
fn deliveries_are_signed_over_their_bytes() {
    use hmac::{Hmac, Mac};
    let (hub, repo, _) = world();
    repo.open_pull_request("Add login").create();
    let sent = hub.take_deliveries();
    assert_eq!(sent[0].event, "ping");
    for delivery in sent {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
        mac.update(delivery.body.as_bytes());
        let expected = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(
            delivery.header("X-Hub-Signature-256"),
            Some(expected.as_str())
        );
        assert_eq!(
            delivery.header("X-GitHub-Event"),
            Some(delivery.event.as_str())
        );
    }
}

#[test]
fn mergeability_is_unknown_until_somebody_asked() {
    let (hub, repo, token) = world();
    let first = repo.open_pull_request("One").touching("a.rs").create();
    let second = repo.open_pull_request("Two").touching("a.rs").create();
    assert_eq!(detail(&hub, &token, first.number())["mergeable"], "UNKNOWN");
    assert_eq!(
        detail(&hub, &token, first.number())["mergeable"],
        "MERGEABLE"
    );
    first.merge("ada");
    assert_eq!(
        detail(&hub, &token, second.number())["mergeable"],
        "UNKNOWN"
    );
    let settled = detail(&hub, &token, second.number());
    assert_eq!(settled["mergeable"], "CONFLICTING");
    assert_eq!(settled["mergeStateStatus"], "DIRTY");
    assert!(matches!(
        second.try_merge("ada"),
        Err(MergeRefusal::NotMergeable(_))
    ));
}

#[test]
fn a_token_without_checks_gets_the_rest_and_errors_in_place() {
    let (hub, repo, _) = world();
    let pull = repo.open_pull_request("Add login").create();
    pull.check("build").passes();
    pull.status("ci/external", StatusState::Pending);
    let token = hub.token_without_checks("ada");
    let answer = hub.graphql(&token, DETAIL, &json!({ "number": 1 }));
    let error = &answer["errors"][0];
    assert_eq!(error["type"], "FORBIDDEN");
    assert_eq!(
        error["message"],
        "Resource not accessible by personal access token"
    );
    let path = json!([
        "repository",
        "pullRequest",
        "commits",
        "nodes",
        0,
        "commit",
        "statusCheckRollup",
        "contexts",
        "nodes",
        0
    ]);
    assert_eq!(error["path"], path);
    let nodes = &answer["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]["commit"]["statusCheckRollup"]
        ["contexts"]["nodes"];
    assert_eq!(nodes[0], Value::Null);
    assert_eq!(nodes[1]["context"], "ci/external");
    let sha = pull.head_sha();
    let refused = hub.get(&token, &format!("/repos/acme/web/commits/{sha}/check-runs"));
    assert_eq!(refused.expect("an answer").status, 403);
}

#[test]
fn a_wrong_query_is_an_error() {
    let (hub, _, token) = world();
    let unknown = hub.graphql(&token, "{ viewer { login colour } }", &json!({}));
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "undefinedField");
    let unbounded =
        "{ repository(owner: \"acme\", name: \"web\") { pullRequests { nodes { id } } } }";
    let unbounded = hub.graphql(&token, unbounded, &json!({}));
    assert_eq!(
        unbounded["errors"][0]["type"],
        "MISSING_PAGINATION_BOUNDARIES"
    );
    let missing = "{ repository(owner: \"acme\", name: \"gone\") { id } }";
    let missing = hub.graphql(&token, missing, &json!({}));
    assert_eq!(missing["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(missing["data"]["repository"], Value::Null);
}

#[test]
fn connections_page_to_the_end() {
    let (hub, repo, token) = world();
    for number in 1..=7 {
        repo.open_pull_request(&format!("Change {number}")).create();
    }
    let query = "query P($after: String) { rateLimit { cost } repository(owner: \"acme\", name: \"web\") {
      pullRequests(states: OPEN, first: 3, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { number } } } }";
    let mut numbers = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = hub.graphql(&token, query, &json!({ "after": after }));
        let page = &answer["data"]["repository"]["pullRequests"];
        assert_eq!(page["totalCount"], 7);
        numbers.extend(
            page["nodes"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|n| n["number"].clone()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(json!(numbers), json!([7, 6, 5, 4, 3, 2, 1]));
    let page = hub
        .get(&token, "/repos/acme/web/pulls?per_page=3&page=2")
        .expect("an answer");
    let link = page.header("link").unwrap_or_default();
    assert!(
        link.contains("page=3>; rel=\"next\"") && link.contains("rel=\"first\""),
        "{link}"
    );
}

#[test]
fn conditional_requests_cost_nothing() {
    let (hub, _, token) = world();
    let first = hub.get(&token, "/repos/acme/web").expect("an answer");
    let tag = first.header("etag").unwrap_or_default().to_owned();
    let mut request = ampel_testkit::github::Request {
        method: "GET".to_owned(),
        path: "/repos/acme/web".to_owned(),
        ..Default::default()
    };
    request.headers = vec![
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("if-none-match".to_owned(), tag),
    ];
    let second = hub.call(&request).expect("an answer");
    assert_eq!((second.status, second.body.is_none()), (304, true));
    assert_eq!(
        second.header("x-ratelimit-used"),
        first.header("x-ratelimit-used")
    );
    assert_eq!(
        first.header("x-oauth-scopes"),
        Some("repo, admin:repo_hook, read:org")
    );
    assert_eq!(first.header("date"), Some("Mon, 05 Jan 2026 09:00:02 GMT"));
}

#[test]
fn tokens_end_and_private_repositories_hide() {
    let (hub, repo, token) = world();
    repo.private();
    let stranger = hub.token("eve");
    assert_eq!(
        hub.get(&stranger, "/repos/acme/web").map(|r| r.status),
        Some(404)
    );
    hub.expire_token(&token, 60);
    assert_eq!(hub.get(&token, "/user").map(|r| r.status), Some(200));
    hub.advance(61);
    assert_eq!(hub.get(&token, "/user").map(|r| r.status), Some(401));
    let other = hub.token("ada");
    hub.revoke_token(&other);
    assert_eq!(hub.get(&other, "/user").map(|r| r.status), Some(401));
}

#[test]
fn names_follow_renames_and_transfers() {
    let (hub, repo, token) = world();
    repo.rename("site");
    let moved = hub.get(&token, "/repos/acme/web/pulls").expect("an answer");
    let target = format!("https://api.github.com/repositories/{}/pulls", repo.id());
    assert_eq!(
        (moved.status, moved.header("location")),
        (301, Some(target.as_str()))
    );
    assert_eq!(
        body(&hub, &token, &format!("/repositories/{}", repo.id()))["name"],
        "site"
    );
    let renamed = hub.take_deliveries().pop().expect("a delivery");
    assert_eq!(
        renamed.json()["changes"]["repository"]["name"]["from"],
        "web"
    );
    repo.delete();
    assert_eq!(
        hub.get(&token, "/repos/acme/web").map(|r| r.status),
        Some(404)
    );
}

#[test]
fn nodes_are_found_by_their_ids_and_missing_ones_are_errors_in_place() {
    let (hub, repo, token) = world();
    let pull = repo.open_pull_request("Add login").create();
    let query = "query N($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest { number } } }";
    let ids = json!({ "ids": [pull.node_id(), "PR_AAAAAAAAAAA"] });
    let answer = hub.graphql(&token, query, &ids);
    assert_eq!(answer["data"]["nodes"], json!([{ "number": 1 }, null]));
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 1]));
}
