//! The client at the fake GitLab.

mod gitlab_fake;

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Fact, Hold, Lifecycle, Opinion, Verdict},
    provider::ProviderRepositoryId,
    pulls::PullRequestSnapshot,
};
use ampel_providers::ProviderError;
use ampel_testkit::{
    fake::{FaultKind, Matcher},
    gitlab::{FakeGitlab, model::PipelineKind},
};
use gitlab_fake::{client, number, see, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_tells_whose_it_is_and_what_it_may_do() {
    let hub = FakeGitlab::start().await.unwrap();
    let token = hub.token_with_scopes("ada", &["api", "read_user"]);
    hub.expire_token(&token, 86_400);
    let gitlab = client(&hub, &token);
    let said = gitlab.validate_credentials().await.unwrap();
    assert_eq!(said.identity.login.as_str(), "ada");
    assert_eq!(said.scopes, ["api", "read_user"]);
    let end = said.expires_at.unwrap().to_string();
    assert_eq!(end, "2026-01-06T00:00:00Z");
    let limit = gitlab.rate_limit().await.unwrap().unwrap();
    assert!(limit.remaining < limit.limit);
    hub.revoke_token(&token);
    let refused = gitlab.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_scope_is_told_which_one_it_needs() {
    let (hub, _story, _gitlab, repo) = world().await;
    let gitlab = client(&hub, &hub.token_with_scopes("ada", &["read_user"]));
    assert_eq!(gitlab.user().await.unwrap().login.as_str(), "ada");
    let Err(ProviderError::Permission { needs }) = gitlab.repository("acme/tools", "web").await
    else {
        panic!("it may not");
    };
    assert!(needs.contains("read_api"), "{needs}");
    assert!(gitlab.open_pull_requests(&repo, None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_listed_page_by_page() {
    let hub = FakeGitlab::start().await.unwrap();
    for name in ["acme/a", "acme/b", "acme/tools/c"] {
        hub.repository(name).member("ada");
    }
    hub.repository("acme/elsewhere");
    let gitlab = client(&hub, &hub.token("ada"));
    let first = gitlab.list_repositories(1, 2).await.unwrap();
    let second = gitlab.list_repositories(2, 2).await.unwrap();
    let names: Vec<String> = [&first.items[..], &second.items[..]]
        .concat()
        .iter()
        .map(|found| found.full_name())
        .collect();
    assert_eq!(names, ["acme/a", "acme/b", "acme/tools/c"]);
    assert_eq!((first.has_more, second.has_more), (true, false));
    assert_eq!(second.items[0].owner, "acme/tools");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_followed_by_its_id_and_its_name_is_not_mistaken() {
    let (hub, story, gitlab, tracked) = world().await;
    story.open_pull_request("One").create();
    story.rename("site");
    // REST leads on from the old name, GraphQL does not.
    let renamed = gitlab.repository("acme/tools", "web").await.unwrap();
    assert_eq!(renamed.full_name(), "acme/tools/site");
    let by_id = gitlab.repository_by_id(&tracked.provider_id).await.unwrap();
    assert_eq!(by_id, renamed);
    let lost = gitlab.open_pull_requests(&tracked, None).await;
    assert_eq!(lost.unwrap_err(), ProviderError::NotFound);
    let page = gitlab.open_pull_requests(&renamed, None).await.unwrap();
    assert_eq!(page.of.pull_requests.len(), 1);
    // Another project takes the name.
    hub.repository("acme/tools/web").member("ada");
    let mistaken = gitlab.open_pull_requests(&tracked, None).await;
    assert_eq!(mistaken.unwrap_err(), ProviderError::NotFound);
    let mistaken = gitlab.fingerprints(&tracked).await;
    assert_eq!(mistaken.unwrap_err(), ProviderError::NotFound);
    let nobody = ProviderRepositoryId("999999".to_owned());
    let nobody = gitlab.repository_by_id(&nobody).await;
    assert_eq!(nobody.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_request_is_read_with_everything_that_hangs_on_it() {
    let (_hub, story, gitlab, repo) = world().await;
    for login in ["grace", "alan", "kurt"] {
        story.member(login);
    }
    let pull = story
        .open_pull_request("Add login")
        .by("ada")
        .saying("why")
        .labelled("bug")
        .create();
    pull.request_review("kurt").approve("grace");
    pull.request_changes("alan");
    pull.comment("grace");
    pull.check("build").succeeds();
    let seen = see(&*gitlab, &repo, &pull).await;
    let report = &seen.report;
    assert_eq!(report.title, "Add login");
    assert_eq!(report.author.as_str(), "ada");
    assert_eq!(report.description.as_deref(), Some("why"));
    assert_eq!(report.head.sha.as_str(), pull.head_sha());
    assert_eq!(report.base, "main");
    assert!(!report.head.is_fork);
    assert!(report.labels.contains("bug"));
    let asked: Vec<_> = report.requested_reviewers.iter().collect();
    assert_eq!(asked, ["kurt"]);
    assert_eq!(report.lifecycle, Lifecycle::Open);
    assert!(report.size.is_some() && report.comments == Some(1));
    let mut opinions: Vec<(String, Opinion)> = seen
        .reviews
        .unwrap()
        .iter()
        .map(|one| (one.reviewer.to_string(), one.opinion))
        .collect();
    opinions.sort();
    assert_eq!(
        opinions,
        [
            ("alan".to_owned(), Opinion::ChangesRequested),
            ("grace".to_owned(), Opinion::Approved),
        ]
    );
    let again = gitlab.reviews(&repo, number(&pull)).await.unwrap();
    assert_eq!(again.of.len(), 2);
    let [check] = &seen.evidence.checks[..] else {
        panic!("{:?}", seen.evidence);
    };
    assert_eq!(check.state, CheckState::Completed(Conclusion::Success));
    assert!(check.url.as_deref().unwrap().contains("/-/pipelines/"));
    assert_eq!(seen.evidence.unavailable, None);
}

/// The states of the pipelines by their names.
fn pipelines(seen: &PullRequestSnapshot) -> Vec<(&str, CheckState)> {
    let checks = seen.evidence.checks.iter();
    checks
        .map(|check| {
            assert!(matches!(&check.key, CheckKey::ScopedRun { app, .. } if app == "gitlab"));
            (check.key.name(), check.state)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_pipeline_of_each_kind_counts_and_only_on_its_head() {
    let (_hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    pull.pipeline(PipelineKind::Branch, &["old"]);
    let branch = pull.pipeline(PipelineKind::Branch, &["build"]);
    let own = pull.pipeline(PipelineKind::Detached, &["build"]);
    pull.job(
        branch,
        "build",
        ampel_testkit::gitlab::model::JobStatus::Failed,
    );
    pull.job(
        own,
        "build",
        ampel_testkit::gitlab::model::JobStatus::Success,
    );
    let seen = see(&*gitlab, &repo, &pull).await;
    let failed = CheckState::Completed(Conclusion::Failure);
    let passed = CheckState::Completed(Conclusion::Success);
    assert_eq!(
        pipelines(&seen),
        [("merge request pipeline", passed), ("pipeline", failed)]
    );
    let evidence = gitlab.evidence(&repo, &seen.report.head.sha).await.unwrap();
    let key = |one: &ampel_domain::facts::CheckReport| (one.key.clone(), one.state, one.run);
    let alone: Vec<_> = evidence.of.checks.iter().map(key).collect();
    let with_it: Vec<_> = seen.evidence.checks.iter().map(key).collect();
    assert_eq!(alone, with_it);
    pull.push();
    let moved = see(&*gitlab, &repo, &pull).await;
    assert_eq!(pipelines(&moved), []);
    assert_ne!(moved.report.head.sha, seen.report.head.sha);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_merge_speaks_for_the_head_though_its_commit_is_another() {
    let (_hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    let trial = pull.pipeline(PipelineKind::MergedResult, &["build"]);
    pull.job(
        trial,
        "build",
        ampel_testkit::gitlab::model::JobStatus::Running,
    );
    let seen = see(&*gitlab, &repo, &pull).await;
    assert_eq!(
        pipelines(&seen),
        [("merge request pipeline", CheckState::InProgress)]
    );
    assert_eq!(seen.evidence.sha, seen.report.head.sha);
}

#[tokio::test(flavor = "multi_thread")]
async fn gitlab_is_made_to_check_what_nobody_asked_it_to() {
    let (hub, story, gitlab, repo) = world().await;
    hub.checked_after(1);
    let pull = story.open_pull_request("One").by("ada").create();
    let mut asked = 0;
    while see(&*gitlab, &repo, &pull).await.verdict == Fact::Computing {
        asked += 1;
    }
    assert!((1..5).contains(&asked), "{asked}");
    pull.conflict();
    let mut verdict = Fact::Computing;
    while verdict == Fact::Computing {
        let listed = gitlab.open_pull_requests(&repo, None).await.unwrap();
        verdict = listed.of.pull_requests[0].verdict.clone();
        asked += 1;
    }
    assert!(asked < 10, "{asked}");
    assert_eq!(verdict, Fact::Known(Verdict::Conflicting));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_a_merge_request_back_is_told() {
    let (_hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    pull.to_draft();
    let draft = see(&*gitlab, &repo, &pull).await;
    assert_eq!(draft.verdict, Fact::Known(Verdict::Held(Hold::Draft)));
    assert!(draft.report.draft);
    pull.ready();
    story.require_approvals(1);
    let unapproved = see(&*gitlab, &repo, &pull).await;
    let missing = Verdict::Held(Hold::ApprovalsMissing);
    assert_eq!(unapproved.verdict, Fact::Known(missing));
    pull.close();
    let closed = see(&*gitlab, &repo, &pull).await;
    assert_eq!(closed.verdict, Fact::Computing);
    assert!(matches!(
        closed.report.lifecycle,
        Lifecycle::Closed { at: Some(_) }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_is_told_from_a_branch() {
    let (_hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").from_fork("grace").create();
    let seen = see(&*gitlab, &repo, &pull).await;
    assert!(seen.report.head.is_fork);
    assert_eq!(seen.report.head.repository.as_deref(), Some("grace/web"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gitlab_leaves_out_is_unavailable_and_never_nothing() {
    let (hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    pull.check("build").succeeds();
    hub.break_field("MergeRequest.approvedBy");
    let seen = see(&*gitlab, &repo, &pull).await;
    assert!(seen.reviews.is_err());
    assert_eq!(seen.evidence.unavailable, None);
    hub.mend_fields();
    hub.break_field("MergeRequest.pipelines");
    let page = gitlab.open_pull_requests(&repo, None).await.unwrap();
    let listed = &page.of.pull_requests[0];
    assert!(listed.evidence.unavailable.is_some());
    assert!(listed.reviews.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_request_that_is_not_there_is_told_from_one_that_is_hidden() {
    let (hub, story, gitlab, repo) = world().await;
    story.open_pull_request("One").create();
    let none = 99_u32.try_into().unwrap();
    let read = gitlab.pull_request(&repo, none).await.unwrap();
    assert_eq!(read.of, None);
    story.private();
    let stranger = client(&hub, &hub.token("kurt"));
    let refused = stranger.pull_request(&repo, none).await.unwrap_err();
    assert_eq!(refused, ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_and_a_failure_is_not_an_empty_list() {
    let (hub, _story, gitlab, repo) = world().await;
    let limited = FaultKind::TooManyRequests { retry_after: 30 };
    hub.fail_next(Matcher::path("graphql"), limited, 1);
    let refused = gitlab.open_pull_requests(&repo, None).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::RateLimited { .. }),
        "{refused}"
    );
    hub.fail_next(Matcher::path("graphql"), FaultKind::Status(500), 9);
    let refused = gitlab.fingerprints(&repo).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::Unavailable { .. }),
        "{refused}"
    );
}
