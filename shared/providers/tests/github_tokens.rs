//! What tokens of different kinds read of checks, and what it costs.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod fake;

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Opinion},
    pulls::{EvidenceSnapshot, PullRequestSnapshot},
    repositories::RepositoryFacts,
};
use ampel_providers::{GitProvider, ProviderError};
use ampel_testkit::github::{
    FakeGithub, PullStory, RepoStory,
    model::{Access, FineGrained, StatusState, TokenKind},
};
use fake::{client, number, see};

fn private(hub: &FakeGithub) -> RepoStory {
    let story = hub.repository("acme/web");
    story.member("ada").member("grace").private();
    story
}

async fn repository(github: &dyn GitProvider) -> RepositoryFacts {
    github.repository("acme", "web").await.unwrap()
}

async fn evidence(github: &dyn GitProvider, pull: &PullStory) -> EvidenceSnapshot {
    let repo = repository(github).await;
    let head = pull.head_sha().parse().unwrap();
    github.evidence(&repo, &head).await.unwrap().of
}

fn state(evidence: &EvidenceSnapshot, name: &str) -> Option<CheckState> {
    let mut checks = evidence.checks.iter();
    let found = checks.find(|check| check.key.name() == name);
    found.map(|check| check.state)
}

const PASSED: CheckState = CheckState::Completed(Conclusion::Success);

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_of_a_commit_is_what_its_pull_request_shows() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    let pull = story.open_pull_request("One").by("ada").create();
    for i in 0..130 {
        pull.check(&format!("check {i}")).passes();
    }
    pull.status("ci/old", StatusState::Failure);
    let github = client(&hub, &hub.token("ada"));
    let repo = repository(&*github).await;
    let seen = see(&*github, &repo, &pull).await;
    hub.take_calls();
    assert_eq!(evidence(&*github, &pull).await, seen.evidence);
    assert_eq!(hub.take_calls().len(), 3, "the repository and two pages");
    assert_eq!(seen.evidence.checks.len(), 131);
    let unknown = "0".repeat(40).parse().unwrap();
    let nothing = github.evidence(&repo, &unknown).await.unwrap_err();
    assert_eq!(nothing, ProviderError::NotFound);
    let quiet = story.open_pull_request("Two").by("ada").create();
    let none = evidence(&*github, &quiet).await;
    assert!(none.checks.is_empty() && none.unavailable.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_are_read_alone_as_they_are_with_their_pull_request() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    let pull = story.open_pull_request("One").by("ada").create();
    for _ in 0..120 {
        pull.comment("grace");
    }
    pull.approve("grace");
    let github = client(&hub, &hub.token("ada"));
    let repo = repository(&*github).await;
    hub.take_calls();
    let alone = github.reviews(&repo, number(&pull)).await.unwrap();
    assert_eq!(hub.take_calls().len(), 2);
    assert_eq!(alone.of.len(), 121);
    assert_eq!(alone.of[120].opinion, Opinion::Approved);
    let seen = see(&*github, &repo, &pull).await;
    assert_eq!(seen.reviews.unwrap(), alone.of);
    let none = github.reviews(&repo, 99.try_into().unwrap()).await;
    assert_eq!(none.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fine_grained_token_reads_the_jobs_of_actions_instead_of_checks() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    let pull = story.open_pull_request("One").by("ada").create();
    pull.check("build").passes();
    pull.check("lint").in_workflow("Style").passes();
    pull.status("ci/old", StatusState::Success);
    let all = client(&hub, &hub.token("ada"));
    let some = client(&hub, &hub.token_with_actions("ada"));
    hub.take_calls();
    let read = evidence(&*some, &pull).await;
    // The repository, the contexts, the runs of the commit and the jobs of both.
    assert_eq!(hub.take_calls().len(), 5);
    assert_eq!(read.unavailable, None, "GitHub sums them up as passed");
    let by_name = |evidence: &EvidenceSnapshot| {
        let mut checks = evidence.checks.clone();
        checks.sort_by(|a, b| a.key.cmp(&b.key));
        checks
    };
    let expected = evidence(&*all, &pull).await;
    assert_eq!(by_name(&read), by_name(&expected));

    pull.check("build").fails();
    let read = evidence(&*some, &pull).await;
    let failed = CheckState::Completed(Conclusion::Failure);
    assert_eq!(state(&read, "build"), Some(failed));
    let why = read.unavailable.unwrap().why;
    assert!(why.contains("classic token"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_of_other_apps_stay_hidden_and_are_never_taken_for_passed() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    let pull = story.open_pull_request("One").by("ada").create();
    pull.check("build").passes();
    pull.check("scan").by_app("scanner").passes();
    let github = client(&hub, &hub.token_with_actions("ada"));
    let read = evidence(&*github, &pull).await;
    assert_eq!(state(&read, "build"), Some(PASSED));
    assert_eq!(state(&read, "scan"), None);
    assert!(read.unavailable.is_some());
    // As many are found as are hidden, and one of them is another one: its failure shows in the sum.
    let twin = story.open_pull_request("Two").by("ada").create();
    twin.check("scan").by_app("scanner").fails();
    let read = evidence(&*github, &twin).await;
    assert!(read.checks.is_empty() && read.unavailable.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_are_read_by_rest_where_graphql_shows_none() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    let pull = story.open_pull_request("One").by("ada").create();
    pull.check("scan").by_app("scanner").passes();
    pull.status("ci/old", StatusState::Failure);
    let github = client(&hub, &hub.token_without_checks("ada"));
    hub.take_calls();
    let read = evidence(&*github, &pull).await;
    let failed = CheckState::Completed(Conclusion::Failure);
    assert_eq!(state(&read, "ci/old"), Some(failed));
    assert_eq!(read.checks.len(), 1, "nothing is told twice");
    let why = read.unavailable.unwrap().why;
    assert!(why.contains("read access to Actions"), "{why}");
    let statuses = FineGrained {
        checks: Access::None,
        actions: Access::None,
        statuses: Access::None,
        ..FineGrained::full()
    };
    let token = hub.token_with("ada", TokenKind::FineGrained(statuses));
    let read = evidence(&*client(&hub, &token), &pull).await;
    assert!(read.checks.is_empty() && read.unavailable.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_pull_requests_asks_in_vain_only_once() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    for i in 0..6 {
        let pull = story
            .open_pull_request(&format!("No. {i}"))
            .by("ada")
            .create();
        pull.check("build").passes();
    }
    hub.settle();
    let read = async |token: &str| -> (usize, Vec<PullRequestSnapshot>) {
        let github = client(&hub, token);
        let repo = repository(&*github).await;
        hub.take_calls();
        let page = github.open_pull_requests(&repo, None).await.unwrap();
        (hub.take_calls().len(), page.of.pull_requests)
    };
    let (calls, seen) = read(&hub.token("ada")).await;
    assert_eq!(calls, 1);
    assert!(seen.iter().all(|one| one.evidence.unavailable.is_none()));
    // The page, and the runs and their jobs of each head.
    let (calls, helped) = read(&hub.token_with_actions("ada")).await;
    assert_eq!(calls, 13);
    assert!(helped.iter().all(|one| one.evidence.unavailable.is_none()));
    // The page, the runs in vain, and the statuses of each head.
    let (calls, left) = read(&hub.token_without_checks("ada")).await;
    assert_eq!(calls, 8);
    assert!(left.iter().all(|one| one.evidence.unavailable.is_some()));
    let fingerprints = |pages: &[PullRequestSnapshot]| -> Vec<String> {
        pages.iter().map(|one| one.fingerprint.clone()).collect()
    };
    assert_eq!(fingerprints(&seen), fingerprints(&helped));
    assert_eq!(fingerprints(&seen), fingerprints(&left));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_the_check_run_that_events_tell_of() {
    let hub = FakeGithub::start().await.unwrap();
    let story = private(&hub);
    story.hook("https://ampel.example/webhooks/github/h", "secret");
    hub.hold_deliveries();
    let pull = story.open_pull_request("One").by("ada").create();
    pull.check("build").passes();
    let github = client(&hub, &hub.token_with_actions("ada"));
    let read = evidence(&*github, &pull).await;
    let mut told = fake::heard(&hub).check.unwrap();
    told.moved_at = None;
    assert_eq!(read.checks, [told]);
    let key = CheckKey::Run {
        app: "github-actions".into(),
        name: "build".into(),
    };
    assert_eq!(read.checks[0].key, key);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_token_is_told() {
    let hub = FakeGithub::start().await.unwrap();
    private(&hub);
    let github = client(&hub, &hub.token("ada"));
    let first = github.rate_limit().await.unwrap().unwrap();
    assert_eq!((first.limit, first.remaining), (5000, 5000));
    repository(&*github).await;
    let next = github.rate_limit().await.unwrap().unwrap();
    assert_eq!(next.remaining, 4999, "asking for it costs nothing");
    assert_eq!(next.resets_at, first.resets_at);
    assert_eq!(github.user().await.unwrap().login.as_str(), "ada");
}
