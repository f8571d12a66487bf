//! The client at the fake GitHub.

mod fake;

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Fact, Lifecycle, Opinion, Verdict},
    provider::ProviderRepositoryId,
    secret::Secret,
};
use ampel_providers::ProviderError;
use ampel_testkit::github::FakeGithub;
use fake::{client, number, see};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_tells_whose_it_is_and_what_it_may_do() {
    let hub = FakeGithub::start().await.unwrap();
    let token = hub.token_with_scopes("ada", &["repo", "read:org"]);
    hub.expire_token(&token, 86_400);
    let github = client(&hub, &token);
    let said = github.validate_credentials().await.unwrap();
    assert_eq!(said.identity.login.as_str(), "ada");
    assert_eq!(said.scopes, ["repo", "read:org"]);
    assert!(said.expires_at.is_some());
    hub.revoke_token(&token);
    let refused = github.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_listed_page_by_page() {
    let hub = FakeGithub::start().await.unwrap();
    for name in ["acme/a", "acme/b", "acme/c"] {
        hub.repository(name).member("ada");
    }
    let github = client(&hub, &hub.token("ada"));
    let first = github.list_repositories(1, 2).await.unwrap();
    let second = github.list_repositories(2, 2).await.unwrap();
    let names: Vec<String> = [&first.items[..], &second.items[..]]
        .concat()
        .iter()
        .map(|found| found.full_name())
        .collect();
    assert_eq!(names, ["acme/a", "acme/b", "acme/c"]);
    assert_eq!((first.has_more, second.has_more), (true, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_followed_by_its_id_and_its_name_is_not_mistaken() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    story.open_pull_request("One").create();
    let github = client(&hub, &hub.token("ada"));
    let tracked = github.repository("acme", "web").await.unwrap();
    story.rename("site");
    // The old name still leads to it, by REST and by GraphQL.
    let renamed = github.repository("acme", "web").await.unwrap();
    assert_eq!(renamed.full_name(), "acme/site");
    let page = github.open_pull_requests(&tracked, None).await.unwrap();
    assert_eq!(page.of.pull_requests.len(), 1);
    let by_id = github.repository_by_id(&tracked.provider_id).await.unwrap();
    assert_eq!(by_id, renamed);
    // Until another repository takes the name.
    let other = hub.repository("acme/web");
    other.member("ada");
    let mistaken = github.open_pull_requests(&tracked, None).await;
    assert_eq!(mistaken.unwrap_err(), ProviderError::NotFound);
    let mistaken = github.fingerprints(&tracked).await;
    assert_eq!(mistaken.unwrap_err(), ProviderError::NotFound);
    // A webhook goes by the id, so it comes to the right one.
    let secret = Secret::new("s".to_owned());
    let registered = github
        .register_webhook(&tracked, "https://x.example/", &secret)
        .await;
    assert!(registered.is_ok(), "{registered:?}");
    assert_eq!(story.hooks(), 1);
    assert_eq!(other.hooks(), 0);
    let nobody = github
        .repository_by_id(&ProviderRepositoryId("999".to_owned()))
        .await;
    assert_eq!(nobody.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_read_with_everything_that_hangs_on_it() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada").member("grace").member("edsger");
    let pull = story
        .open_pull_request("Add login")
        .by("ada")
        .saying("why")
        .create();
    pull.label("bug")
        .request_review("edsger")
        .request_team_review("core");
    pull.request_changes("grace");
    pull.approve("grace");
    pull.request_changes("edsger");
    pull.dismiss("edsger");
    pull.check("build").by_app("github-actions").passes();
    pull.check("lint").by_app("github-actions").starts();
    pull.status("ci/old", ampel_testkit::github::model::StatusState::Failure);
    hub.settle();
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let seen = see(&*github, &repo, &pull).await;
    let report = &seen.report;
    assert_eq!(
        (report.title.as_str(), report.author.as_str()),
        ("Add login", "ada")
    );
    assert_eq!(report.description.as_deref(), Some("why"));
    assert_eq!(report.head.sha.as_str(), pull.head_sha());
    assert_eq!(report.base, "main");
    assert!(report.labels.contains("bug"));
    assert!(report.requested_reviewers.contains("team:core"));
    assert_eq!(report.lifecycle, Lifecycle::Open);
    assert_eq!(seen.verdict, Fact::Known(Verdict::Clean));
    let opinions: Vec<Opinion> = seen
        .reviews
        .unwrap()
        .iter()
        .map(|one| one.opinion)
        .collect();
    assert_eq!(
        opinions,
        [
            Opinion::ChangesRequested,
            Opinion::Approved,
            Opinion::Dismissed
        ]
    );
    assert_eq!(seen.evidence.unavailable, None);
    assert_eq!(seen.evidence.sha, report.head.sha);
    let state = |name: &str| {
        let mut checks = seen.evidence.checks.iter();
        checks
            .find(|check| check.key.name() == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        state("build").state,
        CheckState::Completed(Conclusion::Success)
    );
    assert_eq!(
        state("build").key,
        CheckKey::Run {
            app: "github-actions".into(),
            name: "build".into()
        }
    );
    assert_eq!(state("lint").state, CheckState::InProgress);
    assert_eq!(
        state("ci/old").state,
        CheckState::Completed(Conclusion::Failure)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pull_request_is_the_same_alone_and_in_a_list() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_fork()
        .draft()
        .create();
    pull.check("build").fails();
    let conflicting = story.open_pull_request("Two").by("ada").create();
    conflicting.conflict();
    hub.settle();
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let listed = github.open_pull_requests(&repo, None).await.unwrap().of;
    assert_eq!(listed.next, None);
    let alone = github.pull_request(&repo, number(&pull)).await.unwrap();
    assert_eq!(alone.of.as_ref(), listed.pull_requests.first());
    let fork = &alone.of.unwrap().report;
    assert!(fork.head.is_fork && fork.draft);
    let second = &listed.pull_requests[1].verdict;
    assert_eq!(second, &Fact::Known(Verdict::Conflicting));
    let fingerprints = github.fingerprints(&repo).await.unwrap().of.of;
    let of_list: Vec<_> = listed
        .pull_requests
        .iter()
        .map(|one| (one.report.number, one.fingerprint.clone()))
        .collect();
    assert_eq!(fingerprints, of_list);
    pull.check("build").passes();
    let later = github.fingerprints(&repo).await.unwrap().of.of;
    assert_ne!(later[0], of_list[0], "a check alone changes it");
    assert_eq!(later[1], of_list[1]);
    let none = github
        .pull_request(&repo, 99.try_into().unwrap())
        .await
        .unwrap();
    assert_eq!(none.of, None);
    conflicting.close();
    let closed = see(&*github, &repo, &conflicting).await;
    assert!(matches!(
        closed.report.lifecycle,
        Lifecycle::Closed { at: Some(_) }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_pull_requests_cost_few_calls() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada").member("grace");
    for i in 0..100 {
        let pull = story
            .open_pull_request(&format!("No. {i}"))
            .by("ada")
            .create();
        pull.approve("grace");
        pull.check("build").passes();
    }
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    hub.take_calls();
    let first = github.open_pull_requests(&repo, None).await.unwrap();
    let cursor = first.of.next.clone();
    let second = github
        .open_pull_requests(&repo, cursor.as_deref())
        .await
        .unwrap();
    assert_eq!(hub.take_calls().len(), 2);
    let numbers: Vec<u32> = [&first.of.pull_requests[..], &second.of.pull_requests[..]]
        .concat()
        .iter()
        .map(|one| one.report.number.get())
        .collect();
    assert_eq!(numbers.len(), 100);
    assert!(numbers.is_sorted());
    assert_eq!(second.of.next, None);
    assert_eq!(github.fingerprints(&repo).await.unwrap().of.of.len(), 100);
    assert_eq!(hub.take_calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_and_checks_are_read_to_the_last_page() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada").member("grace");
    let pull = story.open_pull_request("Long").by("ada").create();
    for i in 0..230 {
        pull.comment("grace");
        pull.check(&format!("check {i}")).passes();
    }
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    hub.take_calls();
    let seen = see(&*github, &repo, &pull).await;
    assert_eq!(seen.reviews.unwrap().len(), 230);
    assert_eq!(seen.evidence.checks.len(), 230);
    assert_eq!(seen.evidence.unavailable, None);
    assert_eq!(hub.take_calls().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_read_checks_says_which_would() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada").member("grace");
    let pull = story.open_pull_request("One").by("ada").create();
    pull.approve("grace");
    pull.check("build").passes();
    let github = client(&hub, &hub.token_without_checks("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let page = github.open_pull_requests(&repo, None).await.unwrap();
    let seen = &page.of.pull_requests[0];
    assert_eq!(seen.reviews.as_ref().unwrap().len(), 1);
    let why = &seen.evidence.unavailable.as_ref().unwrap().why;
    assert!(why.contains("classic token"), "{why}");
    assert!(github.fingerprints(&repo).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_read_org_reads_all_but_teams() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("One").by("ada").create();
    pull.request_review("grace").request_team_review("core");
    let github = client(&hub, &hub.token_with_scopes("ada", &["repo"]));
    let repo = github.repository("acme", "web").await.unwrap();
    let seen = see(&*github, &repo, &pull).await;
    assert!(seen.report.requested_reviewers.contains("grace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_events_say_is_what_snapshots_say() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada").member("grace");
    story.hook("https://ampel.example/webhooks/github/h", "secret");
    hub.hold_deliveries();
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_fork()
        .create();
    pull.retitle("Two")
        .label("bug")
        .request_review("grace")
        .request_team_review("core");
    pull.push();
    pull.check("build").by_app("github-actions").passes();
    pull.approve("grace");
    pull.to_draft();
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let mut seen = see(&*github, &repo, &pull).await;
    let heard = fake::heard(&hub);
    let (report, review, mut check) = (
        heard.report.unwrap(),
        heard.review.unwrap(),
        heard.check.unwrap(),
    );
    seen.report.verdict = report.verdict;
    // A snapshot has a date of its own.
    check.moved_at = None;
    assert_eq!(report, seen.report);
    assert_eq!(seen.reviews.unwrap(), [review]);
    assert_eq!(seen.evidence.checks, [check]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_does_not_claim_the_second_it_was_taken_in() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("One").by("ada").create();
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let read = github.pull_request(&repo, number(&pull)).await.unwrap();
    let now = hub.read(|world| world.clock.now());
    assert!(read.date < now, "{} {now}", read.date);
    assert!(now.duration_since(read.date).as_secs() < 20);
}
