//! The client at the fake Bitbucket: reading.

mod bitbucket_fake;

use ampel_domain::{
    facts::{CheckKey, CheckState, Conclusion, Fact, Lifecycle, Opinion, Verdict},
    provider::ProviderRepositoryId,
};
use ampel_providers::ProviderError;
use ampel_testkit::bitbucket::{FakeBitbucket, FaultKind, Matcher};
use bitbucket_fake::{ada, client, client_with, heard, number, see};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_tells_whose_it_is_and_what_it_may_do() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let token = cloud.token("ada");
    let bitbucket = client(&cloud, "ada", &token);
    let said = bitbucket.validate_credentials().await.unwrap();
    assert_eq!(said.identity.login.as_str(), "ada");
    assert_eq!(said.identity.email, Some(cloud.email("ada")));
    assert!(said.is_of_person && !said.scopes.is_empty());
    assert_eq!(said.expires_at, None, "Bitbucket does not say");
    assert_eq!(bitbucket.user().await.unwrap(), said.identity);
    assert_eq!(bitbucket.rate_limit().await.unwrap(), None);
    let alone = client_with(&cloud, &token);
    let refused = alone.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication, "without its e-mail");
    cloud.revoke_token(&token);
    let refused = bitbucket.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_belongs_to_nobody_and_reads_its_repository() {
    let cloud = FakeBitbucket::start().await.unwrap();
    cloud
        .repository("acme/web")
        .open_pull_request("One")
        .by("ada")
        .create();
    let token = cloud.access_token("acme/web");
    let bitbucket = client_with(&cloud, &token);
    let said = bitbucket.validate_credentials().await.unwrap();
    cloud.fail_next(Matcher::path("/user"), FaultKind::Status(401), 1);
    let again = bitbucket.validate_credentials().await.unwrap();
    assert_eq!(again, said, "however it is refused to say who it is");
    assert!(!said.is_of_person);
    assert_eq!(said.identity.login.as_str(), "access token");
    assert!(!said.identity.user_id.0.contains(&token));
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let page = bitbucket.open_pull_requests(&repo, None).await.unwrap();
    assert_eq!(page.of.pull_requests.len(), 1);
    let listed = bitbucket.list_repositories(1, 10).await.unwrap_err();
    assert!(
        matches!(listed, ProviderError::Permission { .. }),
        "{listed}"
    );
    cloud.revoke_token(&token);
    let refused = bitbucket.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_of_all_workspaces_are_listed_to_the_end() {
    let cloud = FakeBitbucket::start().await.unwrap();
    for name in ["acme/a", "acme/b", "acme/c", "zeta/d", "zeta/e"] {
        cloud.repository(name).member("ada");
    }
    let bitbucket = ada(&cloud);
    let mut names = Vec::new();
    for page in 1.. {
        let shown = bitbucket.list_repositories(page, 2).await.unwrap();
        assert!(shown.items.len() <= 2);
        names.extend(shown.items.iter().map(|found| found.full_name()));
        if !shown.has_more {
            break;
        }
    }
    assert_eq!(names, ["acme/a", "acme/b", "acme/c", "zeta/d", "zeta/e"]);
    let beyond = bitbucket.list_repositories(9, 2).await.unwrap();
    assert!(beyond.items.is_empty() && !beyond.has_more);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_followed_by_its_id_and_its_name_is_not_mistaken() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("One").by("ada").create();
    let bitbucket = ada(&cloud);
    let tracked = bitbucket.repository("acme", "web").await.unwrap();
    story.rename("site");
    let by_id = bitbucket.repository_by_id(&tracked.provider_id).await;
    assert_eq!(by_id.unwrap().full_name(), "acme/site");
    // Another repository takes the name, and what was tracked is read all the same.
    cloud.repository("acme/web").member("ada");
    let page = bitbucket.open_pull_requests(&tracked, None).await.unwrap();
    assert_eq!(page.of.pull_requests.len(), 1);
    assert_eq!(see(&*bitbucket, &tracked, &pull).await.report.title, "One");
    story.transfer("zeta");
    let moved = bitbucket.repository_by_id(&tracked.provider_id).await;
    assert_eq!(moved.unwrap().full_name(), "zeta/site");
    story.delete();
    let gone = bitbucket.open_pull_requests(&tracked, None).await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
    let gone = bitbucket.pull_request(&tracked, number(&pull)).await;
    assert_eq!(
        gone.unwrap_err(),
        ProviderError::NotFound,
        "gone with all it had, and not just this one"
    );
    let nobody = ProviderRepositoryId("{00000000-0000-0000-0000-000000000000}".to_owned());
    let nobody = bitbucket.repository_by_id(&nobody).await;
    assert_eq!(nobody.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_read_with_everything_that_hangs_on_it() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").member("grace").member("alan");
    let pull = story
        .open_pull_request("Add login")
        .by("ada")
        .saying("why")
        .create();
    pull.request_review("kurt");
    pull.approve("grace").request_changes("alan");
    pull.check("old").fails();
    pull.push();
    pull.check("build").succeeds();
    pull.check("lint").runs();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let seen = see(&*bitbucket, &repo, &pull).await;
    let report = &seen.report;
    assert_eq!(
        (report.title.as_str(), report.author.as_str()),
        ("Add login", "ada")
    );
    assert_eq!(report.description.as_deref(), Some("why"));
    assert_eq!(report.head.sha.as_str(), pull.short_head());
    assert_eq!(report.base, "main");
    assert!(report.requested_reviewers.contains("kurt"));
    assert!(!report.requested_reviewers.contains("grace"));
    assert_eq!(report.lifecycle, Lifecycle::Open);
    assert_eq!(seen.verdict, Fact::Known(Verdict::Clean));
    let reviews = seen.reviews.unwrap();
    let mut opinions: Vec<(&str, Opinion)> = reviews
        .iter()
        .map(|review| (review.reviewer.as_str(), review.opinion))
        .collect();
    opinions.sort();
    assert_eq!(
        opinions,
        [
            ("alan", Opinion::ChangesRequested),
            ("grace", Opinion::Approved)
        ]
    );
    let alone = bitbucket.reviews(&repo, number(&pull)).await.unwrap();
    assert_eq!(alone.of, reviews);
    let states: Vec<(CheckKey, CheckState)> = seen
        .evidence
        .checks
        .iter()
        .map(|check| (check.key.clone(), check.state))
        .collect();
    let key = |context: &str| CheckKey::Status {
        context: context.to_owned(),
    };
    assert_eq!(
        states,
        [
            (key("build"), CheckState::Completed(Conclusion::Success)),
            (key("lint"), CheckState::InProgress)
        ],
        "builds of a former head do not count"
    );
    let evidence = bitbucket.evidence(&repo, &report.head.sha).await.unwrap();
    assert_eq!(evidence.of, seen.evidence);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_approves_while_requesting_changes_requests_them() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    story.hook("https://ampel.example/webhooks/bitbucket/h", "secret");
    cloud.hold_deliveries();
    let pull = story.open_pull_request("One").by("ada").create();
    pull.request_changes("grace").approve("grace");
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let told = heard(&cloud).review.unwrap();
    assert_eq!(told.opinion, Opinion::ChangesRequested);
    assert_eq!(
        [told],
        see(&*bitbucket, &repo, &pull).await.reviews.unwrap()[..]
    );
    // Taken back, the request leaves the approval.
    pull.withdraw("grace");
    let told = heard(&cloud).review.unwrap();
    assert_eq!(told.opinion, Opinion::Approved);
    assert_eq!(
        [told],
        see(&*bitbucket, &repo, &pull).await.reviews.unwrap()[..]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pull_request_is_the_same_alone_and_in_a_list() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let fork = story
        .open_pull_request("One")
        .by("ada")
        .from_fork("grace")
        .draft()
        .create();
    fork.check("build").fails();
    let conflicting = story.open_pull_request("Two").by("ada").create();
    conflicting.conflict();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let listed = bitbucket.open_pull_requests(&repo, None).await.unwrap().of;
    assert_eq!(listed.next, None);
    let [first, second] = &listed.pull_requests[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(&see(&*bitbucket, &repo, &fork).await, first);
    assert!(first.report.head.is_fork && first.report.draft);
    assert_eq!(first.evidence.checks.len(), 1);
    assert_eq!(first.verdict, Fact::Known(Verdict::Clean));
    let evidence = bitbucket.evidence(&repo, &first.report.head.sha).await;
    assert_eq!(evidence.unwrap().of, first.evidence, "also a fork's");
    assert_eq!(second.verdict, Fact::Known(Verdict::Conflicting));
    let fingerprints = bitbucket.fingerprints(&repo).await.unwrap().of;
    assert!(!fingerprints.tell_checks);
    let of_list = [first, second].map(|one| (one.report.number, one.fingerprint.clone()));
    assert_eq!(fingerprints.of, of_list);
    fork.request_changes("alan");
    let later = bitbucket.fingerprints(&repo).await.unwrap().of.of;
    assert_ne!(later[0], of_list[0], "an opinion alone changes it");
    assert_eq!(later[1], of_list[1]);
    let none = bitbucket.pull_request(&repo, 99.try_into().unwrap()).await;
    assert_eq!(none.unwrap().of, None);
    conflicting.close();
    let closed = see(&*bitbucket, &repo, &conflicting).await;
    let lifecycle = closed.report.lifecycle;
    assert!(matches!(lifecycle, Lifecycle::Closed { at: Some(_) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_for_a_hundred_pull_requests_are_counted() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").member("grace");
    for i in 0..100 {
        let pull = story
            .open_pull_request(&format!("No. {i}"))
            .by("ada")
            .create();
        pull.approve("grace");
        pull.check("build").succeeds();
    }
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    cloud.take_calls();
    let first = bitbucket.open_pull_requests(&repo, None).await.unwrap();
    let mut cursor = first.of.next.clone();
    // One that is closed while pages are read hides none of the others.
    story.pull(1).close();
    let mut seen = first.of.pull_requests.clone();
    while cursor.is_some() {
        let page = bitbucket.open_pull_requests(&repo, cursor.as_deref());
        let page = page.await.unwrap().of;
        seen.extend(page.pull_requests);
        cursor = page.next;
    }
    let numbers: Vec<u32> = seen.iter().map(|one| one.report.number.get()).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<u32>>());
    // Five pages; of each pull request its builds, and its conflicts behind a redirect.
    assert_eq!(cloud.count_calls("GET", "/statuses"), 100);
    assert_eq!(cloud.count_calls("GET", "/conflicts"), 100);
    assert_eq!(cloud.count_calls("GET", "/file-conflicts"), 100);
    assert_eq!(cloud.take_calls().len(), 305);
    let light = bitbucket.fingerprints(&repo).await.unwrap();
    assert_eq!(light.of.of.len(), 99);
    assert_eq!(cloud.take_calls().len(), 2, "a light reconcile's list");
    let head = first.of.pull_requests[1].report.head.sha.clone();
    bitbucket.evidence(&repo, &head).await.unwrap();
    assert_eq!(cloud.take_calls().len(), 1, "and one for each head");
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_are_read_to_the_last_page() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("Long").by("ada").create();
    for i in 0..230 {
        pull.check(&format!("build {i}")).succeeds();
    }
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let seen = see(&*bitbucket, &repo, &pull).await;
    assert_eq!(seen.evidence.checks.len(), 230);
    assert_eq!(seen.evidence.unavailable, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_events_say_is_what_snapshots_say() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").member("grace");
    story.hook("https://ampel.example/webhooks/bitbucket/h", "secret");
    cloud.hold_deliveries();
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_fork("alan")
        .create();
    pull.retitle("Two").request_review("grace");
    pull.check("build").succeeds();
    pull.approve("grace");
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let seen = see(&*bitbucket, &repo, &pull).await;
    let told = heard(&cloud);
    assert_eq!(told.report.unwrap(), seen.report);
    assert_eq!([told.review.unwrap()], seen.reviews.unwrap()[..]);
    assert_eq!([told.check.unwrap()], seen.evidence.checks[..]);
    // Taken back, an opinion is newer than when it was given, and a snapshot has it no more.
    pull.withdraw("grace");
    let told = heard(&cloud).review.unwrap();
    assert_eq!(told.opinion, Opinion::Withdrawn);
    let later = see(&*bitbucket, &repo, &pull).await;
    assert_eq!(later.reviews.unwrap(), []);
    assert!(told.updated_at > seen.report.updated_at);
    assert_eq!(told.updated_at, later.report.updated_at);
}
