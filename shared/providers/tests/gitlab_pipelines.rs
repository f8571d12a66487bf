//! Whose pipelines count: those of the merge request and of its own branch, and no others that ran
//! on the same commit.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the way tests do"
)]

mod gitlab_fake;

use ampel_domain::{
    facts::{CheckKey, CheckScope, CheckState, Conclusion},
    provider::Provider,
    pulls::{ProviderEvent, PullRequestSnapshot},
    secret::Secret,
};
use ampel_providers::webhook::{self, Parsed, VerifiedDelivery};
use ampel_testkit::gitlab::{
    FakeGitlab,
    model::{JobStatus, PipelineKind},
};
use gitlab_fake::{HOOK, client, heard, number, see, world};
use serde_json::{Value, json};

const SECRET: &str = "a secret of the tests";
const PASSED: CheckState = CheckState::Completed(Conclusion::Success);
const FAILED: CheckState = CheckState::Completed(Conclusion::Failure);

fn key(name: &str, scope: CheckScope) -> CheckKey {
    CheckKey::ScopedRun {
        app: "gitlab".to_owned(),
        name: name.to_owned(),
        scope,
    }
}

fn branch(name: &str) -> CheckScope {
    CheckScope::Branch {
        name: name.to_owned(),
    }
}

fn own(number: u32) -> CheckScope {
    CheckScope::PullRequest {
        number: number.try_into().unwrap(),
    }
}

fn states(seen: &PullRequestSnapshot) -> Vec<(CheckKey, CheckState)> {
    let checks = seen.evidence.checks.iter();
    checks
        .map(|check| (check.key.clone(), check.state))
        .collect()
}

/// The keys of the pipelines that were told since the last time, in their order.
fn told(hub: &FakeGitlab) -> Vec<CheckKey> {
    let deliveries = hub.take_deliveries();
    let events = deliveries.iter().filter_map(|one| heard(one, SECRET));
    let keys = events.filter_map(|event| match event {
        ProviderEvent::CheckSeen { check, .. } => Some(check.key),
        ProviderEvent::PullRequestSeen { .. }
        | ProviderEvent::ReviewSeen { .. }
        | ProviderEvent::ReviewsHinted { .. }
        | ProviderEvent::PullRequestHinted { .. }
        | ProviderEvent::CommentsSeen { .. }
        | ProviderEvent::ChecksHinted { .. }
        | ProviderEvent::BranchMoved { .. }
        | ProviderEvent::RepositoryChanged => None,
    });
    keys.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_of_another_branch_is_another_check() {
    let (hub, story, gitlab, repo) = world().await;
    story.hook(HOOK, SECRET);
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_branch("feature")
        .create();
    let failed = pull.pipeline(PipelineKind::Branch, &["build"]);
    pull.job(failed, "build", JobStatus::Failed);
    hub.take_deliveries();
    story.runs_pipelines(PipelineKind::Branch, &["build"]);
    story.push_commit("staging", &pull.head_sha());
    assert_eq!(told(&hub), [key("pipeline", branch("staging"))]);
    let seen = see(&*gitlab, &repo, &pull).await;
    let mine = key("pipeline", branch("feature"));
    assert_eq!(states(&seen), [(mine.clone(), FAILED)]);
    let scopes = [branch("feature"), own(1)];
    assert!(seen.evidence.scopes.iter().eq(&scopes));
    // The commit alone has both.
    let all = gitlab.evidence(&repo, &seen.report.head.sha).await.unwrap();
    let keys: Vec<_> = all.of.checks.iter().map(|check| &check.key).collect();
    assert_eq!(keys, [&mine, &key("pipeline", branch("staging"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_requests_of_one_branch_have_checks_of_their_own() {
    let (hub, story, gitlab, repo) = world().await;
    story.hook(HOOK, SECRET);
    story.branch("1.x");
    let open = |base: &str| {
        let plan = story.open_pull_request("Fix").by("ada");
        plan.from_branch("fix").into(base).create()
    };
    let (main, backport) = (open("main"), open("1.x"));
    // The second pushed to the branch of the first.
    assert_eq!(main.head_sha(), backport.head_sha());
    hub.take_deliveries();
    let failed = main.pipeline(PipelineKind::Detached, &["build"]);
    main.job(failed, "build", JobStatus::Failed);
    let passed = backport.pipeline(PipelineKind::Detached, &["build"]);
    backport.job(passed, "build", JobStatus::Success);
    let name = "merge request pipeline";
    let mut keys = told(&hub);
    keys.dedup();
    assert_eq!(keys, [key(name, own(1)), key(name, own(2))]);
    let seen = see(&*gitlab, &repo, &main).await;
    assert_eq!(states(&seen), [(key(name, own(1)), FAILED)]);
    let seen = see(&*gitlab, &repo, &backport).await;
    assert_eq!(states(&seen), [(key(name, own(2)), PASSED)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_merge_request_pipelines_do_not_hide_the_branchs_own() {
    let (hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    let failed = pull.pipeline(PipelineKind::Branch, &["build"]);
    pull.job(failed, "build", JobStatus::Failed);
    for _again in 0..25 {
        let passed = pull.pipeline(PipelineKind::Detached, &["build"]);
        pull.job(passed, "build", JobStatus::Success);
    }
    hub.take_calls();
    let seen = see(&*gitlab, &repo, &pull).await;
    assert_eq!(hub.take_calls().len(), 2);
    let mut states: Vec<_> = seen
        .evidence
        .checks
        .iter()
        .map(|check| check.state)
        .collect();
    states.sort();
    assert_eq!(states, [PASSED, FAILED]);
    assert_eq!(seen.evidence.unavailable, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pipelines_of_a_fork_are_its_merge_requests() {
    let (_hub, story, gitlab, repo) = world().await;
    let fork = story.fork("grace");
    fork.runs_pipelines(PipelineKind::Branch, &["build"]);
    let pull = story.open_pull_request("One").from_fork("grace").create();
    let seen = see(&*gitlab, &repo, &pull).await;
    assert_eq!(
        states(&seen),
        [(key("pipeline", own(1)), CheckState::Queued)]
    );
    assert!(seen.evidence.scopes.iter().eq(&[own(1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_that_are_hidden_are_not_taken_for_none() {
    let (hub, story, gitlab, repo) = world().await;
    let none = story.open_pull_request("None").by("ada").create();
    let fork = story.fork("grace");
    fork.runs_pipelines(PipelineKind::Branch, &["build"])
        .keep_pipelines_to_members();
    let of_fork = story.open_pull_request("One").from_fork("grace").create();
    hub.take_calls();
    let page = gitlab.open_pull_requests(&repo, None).await.unwrap().of;
    assert_eq!(
        hub.take_calls().len(),
        1,
        "no call is spent on the question"
    );
    let listed = |pull| {
        let mut all = page.pull_requests.iter();
        all.find(|one| one.report.number == number(pull)).unwrap()
    };
    assert_eq!(listed(&none).evidence.unavailable, None);
    let why = listed(&of_fork).evidence.unavailable.clone().unwrap().why;
    assert!(why.contains("Reporter"), "{why}");
    // A stranger who sees the project and not its pipelines.
    none.check("build").fails();
    story.keep_pipelines_to_members();
    let stranger = client(&hub, &hub.token("kurt"));
    let seen = see(&*stranger, &repo, &none).await;
    assert!(seen.evidence.unavailable.is_some());
    let seen = see(&*gitlab, &repo, &none).await;
    assert_eq!(seen.evidence.unavailable, None);
}

/// What is made of a pipeline event with these words.
fn parsed(attributes: &Value, merge_request: &Value) -> Option<CheckKey> {
    let mut own = json!({
        "id": 12, "sha": "ab".repeat(20), "status": "success", "ref": "feature",
        "created_at": "2026-01-05 09:00:01 UTC",
    });
    let more = attributes.as_object().unwrap().clone();
    own.as_object_mut().unwrap().extend(more);
    let body = json!({
        "object_kind": "pipeline", "object_attributes": own,
        "merge_request": merge_request, "project": { "id": 3 },
    });
    let body = body.to_string();
    let mut headers = http::HeaderMap::new();
    headers.insert("x-gitlab-token", SECRET.parse().unwrap());
    headers.insert("x-gitlab-event", "Pipeline Hook".parse().unwrap());
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let now = "2026-01-05T09:00:02Z".parse().unwrap();
    let verified: VerifiedDelivery<'_> =
        webhook::verify(Provider::Gitlab, &headers, body.as_bytes(), &[&secret], now).unwrap();
    match webhook::parse(&verified).unwrap() {
        Parsed::Ignored { .. } => None,
        Parsed::Event {
            event: ProviderEvent::CheckSeen { check, .. },
            ..
        } => Some(check.key),
        Parsed::Event { .. } | Parsed::Several { .. } => panic!("no check"),
    }
}

#[test]
fn an_event_tells_whose_pipeline_it_is() {
    let of =
        |source: &str, merge_request: Value| parsed(&json!({ "source": source }), &merge_request);
    let mine = Some(key("pipeline", branch("feature")));
    assert_eq!(of("push", Value::Null), mine);
    let here = json!({ "iid": 7, "target_project_id": 3 });
    let name = "merge request pipeline";
    assert_eq!(of("merge_request_event", here), Some(key(name, own(7))));
    let elsewhere = json!({ "iid": 7, "target_project_id": 4 });
    assert_eq!(of("merge_request_event", elsewhere), None);
    for dangling in [
        "duo_workflow",
        "pipeline_execution_policy_schedule",
        "webide",
    ] {
        assert_eq!(of(dangling, Value::Null), None, "{dangling}");
    }
    let new = Some(key("pipeline of new_word", branch("feature")));
    assert_eq!(of("new_word", Value::Null), new);
    let trial = json!({ "source": "push", "ref": "refs/merge-requests/7/merge" });
    assert_eq!(parsed(&trial, &Value::Null), Some(key("pipeline", own(7))));
    // An old server that does not say: it speaks for whatever has the commit.
    let unsaid = json!({ "source": null, "ref": null });
    let unscoped = CheckKey::Run {
        app: "gitlab".to_owned(),
        name: "pipeline".to_owned(),
    };
    assert_eq!(parsed(&unsaid, &Value::Null), Some(unscoped));
}
