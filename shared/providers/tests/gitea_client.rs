//! The client reads at the fake Gitea.

mod gitea_fake;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckKey, CheckState, CommitSha, Conclusion, Fact, Hold, Lifecycle, Opinion, Verdict},
    provider::ProviderRepositoryId,
    pulls::ProviderEvent,
    secret::Secret,
};
use ampel_providers::ProviderError;
use ampel_testkit::gitea::FakeGitea;
use gitea_fake::{SECRET, client, heard, number, see, with_web};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_tells_whose_it_is_and_no_more() {
    let hub = FakeGitea::start().await.unwrap();
    let token = hub.token("ada");
    let gitea = client(&hub, &token);
    let said = gitea.validate_credentials().await.unwrap();
    assert_eq!(said.identity.login.as_str(), "ada");
    assert!(said.scopes.is_empty() && said.expires_at.is_none());
    assert_eq!(gitea.user().await.unwrap(), said.identity);
    assert_eq!(gitea.rate_limit().await.unwrap(), None);
    let blind = client(&hub, &hub.token_with_scopes("ada", &["read:repository"]));
    let error = blind.validate_credentials().await.unwrap_err();
    assert!(error.user_message().contains("`read:user`"), "{error}");
    hub.revoke_token(&token);
    let refused = gitea.validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_listed_to_the_last_page() {
    let hub = FakeGitea::start().await.unwrap();
    for i in 0..103 {
        hub.repository(&format!("acme/r{i:03}")).member("ada");
    }
    hub.repository("acme/other").member("grace");
    let gitea = client(&hub, &hub.token("ada"));
    let mut names = BTreeSet::new();
    for page in 1..=3 {
        let listed = gitea.list_repositories(page, 100).await.unwrap();
        assert_eq!(listed.has_more, page < 3);
        names.extend(listed.items.iter().map(|found| found.full_name()));
    }
    assert_eq!(names.len(), 103);
    assert!(!names.contains("acme/other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_followed_by_its_id_and_its_name_is_not_mistaken() {
    let (hub, gitea, tracked) = with_web().await;
    let story = hub.repository("acme/web");
    story.open_pull_request("One").by("ada").create();
    story.rename("site");
    // The old name still leads to it.
    let renamed = gitea.repository("acme", "web").await.unwrap();
    assert_eq!(renamed.full_name(), "acme/site");
    let page = gitea.open_pull_requests(&tracked, None).await.unwrap();
    assert_eq!(page.of.pull_requests.len(), 1);
    let by_id = gitea.repository_by_id(&tracked.provider_id).await.unwrap();
    assert_eq!(by_id, renamed);
    // Until another repository takes the name.
    let taken = hub.repository("acme/web");
    taken.member("ada");
    let lost = ProviderError::NotFound;
    let empty = gitea.open_pull_requests(&tracked, None).await;
    assert_eq!(empty.unwrap_err(), lost);
    assert_eq!(gitea.fingerprints(&tracked).await.unwrap_err(), lost);
    let one = 1.try_into().unwrap();
    assert_eq!(gitea.pull_request(&tracked, one).await.unwrap_err(), lost);
    taken.open_pull_request("Another").by("ada").create();
    assert_eq!(gitea.pull_request(&tracked, one).await.unwrap_err(), lost);
    assert_eq!(gitea.fingerprints(&tracked).await.unwrap_err(), lost);
    assert_eq!(gitea.reviews(&tracked, one).await.unwrap_err(), lost);
    assert_eq!(
        gitea.branch_rules(&tracked, "main").await.unwrap_err(),
        lost
    );
    assert_eq!(
        gitea.delete_branch(&tracked, "main").await.unwrap_err(),
        lost
    );
    // Also for a commit that both have.
    let head = CommitSha::whole(&taken.push("main")).unwrap();
    assert_eq!(gitea.evidence(&tracked, &head).await.unwrap_err(), lost);
    let compared = gitea.compare(&tracked, "main", head.as_str()).await;
    assert_eq!(compared.unwrap_err(), lost);
    let secret = Secret::new("s".to_owned());
    let mistaken = gitea
        .register_webhook(&tracked, "https://x.example/", &secret)
        .await;
    assert_eq!(mistaken.unwrap_err(), lost);
    assert_eq!(taken.hooks(), 0);
    let nobody = ProviderRepositoryId("999999".to_owned());
    assert_eq!(gitea.repository_by_id(&nobody).await.unwrap_err(), lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_read_with_everything_that_hangs_on_it() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story
        .open_pull_request("Add login")
        .by("ada")
        .saying("why")
        .create();
    pull.label("bug").request_review("alan");
    pull.request_changes("grace");
    pull.approve("grace");
    pull.approve("edsger");
    pull.dismiss("edsger");
    pull.approve_as_outsider("kurt");
    pull.check("build").fails();
    pull.check("build").succeeds();
    pull.check("lint").runs();
    hub.settle();
    let seen = see(&*gitea, &repo, &pull).await;
    let report = &seen.report;
    assert_eq!(
        (report.title.as_str(), report.author.as_str()),
        ("Add login", "ada")
    );
    assert_eq!(report.description.as_deref(), Some("why"));
    assert_eq!(report.head.sha.as_str(), pull.head_sha());
    assert_eq!(report.base, "main");
    assert!(report.labels.contains("bug"));
    assert!(report.requested_reviewers.contains("alan"));
    assert_eq!(report.lifecycle, Lifecycle::Open);
    assert_eq!(seen.verdict, Fact::Known(Verdict::Clean));
    let reviews = seen.reviews.unwrap();
    let opinions: Vec<(&str, Opinion)> = reviews
        .iter()
        .map(|one| (one.reviewer.as_str(), one.opinion))
        .collect();
    assert_eq!(
        opinions,
        [
            // Her later word took it back.
            ("grace", Opinion::Withdrawn),
            ("grace", Opinion::Approved),
            ("edsger", Opinion::Withdrawn),
            ("kurt", Opinion::Commented),
        ]
    );
    assert_eq!(
        gitea.reviews(&repo, number(&pull)).await.unwrap().of,
        reviews
    );
    assert_eq!(seen.evidence.unavailable, None);
    let states: Vec<_> = seen
        .evidence
        .checks
        .iter()
        .map(|check| (check.key.clone(), check.state))
        .collect();
    let status = |context: &str| CheckKey::Status {
        context: context.to_owned(),
    };
    assert_eq!(
        states,
        [
            (status("build"), CheckState::Completed(Conclusion::Success)),
            (status("lint"), CheckState::InProgress),
        ]
    );
    let alone = gitea.evidence(&repo, &report.head.sha).await.unwrap().of;
    assert_eq!(alone, seen.evidence);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_merge_yet_is_held_and_never_called_a_conflict() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let held = Fact::Known(Verdict::Held(Hold::Unclear));
    hub.mergeable_after(2);
    let pull = story.open_pull_request("Checked").by("ada").create();
    assert_eq!(see(&*gitea, &repo, &pull).await.verdict, held);
    assert_eq!(see(&*gitea, &repo, &pull).await.verdict, held);
    assert_eq!(
        see(&*gitea, &repo, &pull).await.verdict,
        Fact::Known(Verdict::Clean)
    );
    pull.conflict();
    hub.settle();
    assert_eq!(see(&*gitea, &repo, &pull).await.verdict, held);
    let draft = story.open_pull_request("Draft").by("ada").draft().create();
    hub.settle();
    let seen = see(&*gitea, &repo, &draft).await;
    let as_draft = Fact::Known(Verdict::Held(Hold::Draft));
    assert_eq!((seen.report.draft, seen.verdict), (true, as_draft));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pull_request_is_the_same_alone_and_in_a_list() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story
        .open_pull_request("One")
        .by("grace")
        .from_fork("grace")
        .create();
    pull.check("build").fails();
    pull.approve("alan");
    let other = story.open_pull_request("Two").by("ada").create();
    hub.settle();
    let listed = gitea.open_pull_requests(&repo, None).await.unwrap().of;
    assert_eq!(listed.next, None);
    let alone = gitea.pull_request(&repo, number(&pull)).await.unwrap();
    assert_eq!(alone.of.as_ref(), listed.pull_requests.first());
    assert!(alone.of.unwrap().report.head.is_fork);
    let shown = gitea.fingerprints(&repo).await.unwrap().of;
    assert!(!shown.tell_checks);
    let of_list: Vec<_> = listed
        .pull_requests
        .iter()
        .map(|one| (one.report.number, one.fingerprint.clone()))
        .collect();
    assert_eq!(shown.of, of_list);
    pull.check("build").succeeds();
    assert_eq!(gitea.fingerprints(&repo).await.unwrap().of.of, of_list);
    pull.dismiss("alan");
    other.close();
    let later = gitea.fingerprints(&repo).await.unwrap().of.of;
    assert_eq!(later.len(), 1);
    assert_ne!(later.first(), of_list.first(), "a dismissal is seen");
    let closed = see(&*gitea, &repo, &other).await;
    assert!(matches!(
        closed.report.lifecycle,
        Lifecycle::Closed { at: Some(_) }
    ));
    let none = gitea.pull_request(&repo, 99.try_into().unwrap()).await;
    assert_eq!(none.unwrap().of, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_pull_requests_cost_two_calls_each() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    for i in 0..100 {
        let pull = story
            .open_pull_request(&format!("No. {i}"))
            .by("ada")
            .create();
        pull.approve("grace");
        pull.check("build").succeeds();
    }
    hub.settle();
    hub.take_calls();
    let first = gitea.open_pull_requests(&repo, None).await.unwrap().of;
    assert_eq!(hub.take_calls().len(), 1 + 2 * 50);
    let second = gitea.open_pull_requests(&repo, first.next.as_deref()).await;
    let second = second.unwrap().of;
    assert_eq!(hub.take_calls().len(), 1 + 2 * 50);
    assert_eq!(second.next, None);
    let all = [first.pull_requests, second.pull_requests].concat();
    let numbers: BTreeSet<u32> = all.iter().map(|one| one.report.number.get()).collect();
    assert_eq!(numbers.len(), 100);
    assert!(all.iter().all(|one| one.evidence.checks.len() == 1));
    assert_eq!(gitea.fingerprints(&repo).await.unwrap().of.of.len(), 100);
    assert_eq!(
        hub.take_calls().len(),
        2,
        "a light reconcile reads the list"
    );
    gitea
        .evidence(&repo, &all[0].report.head.sha)
        .await
        .unwrap();
    assert_eq!(
        hub.take_calls().len(),
        2,
        "and two calls for each doubtful head"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_between_two_pages_makes_none_be_skipped() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    for i in 0..60 {
        story
            .open_pull_request(&format!("No. {i}"))
            .by("ada")
            .create();
    }
    let first = gitea.open_pull_requests(&repo, None).await.unwrap().of;
    story.pull(1).close();
    story.pull(2).close();
    let second = gitea.open_pull_requests(&repo, first.next.as_deref()).await;
    let all = [first.pull_requests, second.unwrap().of.pull_requests].concat();
    let numbers: Vec<u32> = all.iter().map(|one| one.report.number.get()).collect();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_and_statuses_are_read_to_the_last_page() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story.open_pull_request("Long").by("ada").create();
    for i in 0..120 {
        pull.review_without_opinion("grace");
        pull.check(&format!("check {i:03}")).runs();
        pull.check(&format!("check {i:03}")).succeeds();
    }
    hub.take_calls();
    let seen = see(&*gitea, &repo, &pull).await;
    assert_eq!(seen.reviews.unwrap().len(), 120);
    assert_eq!(seen.evidence.checks.len(), 120);
    let over = CheckState::Completed(Conclusion::Success);
    assert!(seen.evidence.checks.iter().all(|check| check.state == over));
    assert_eq!(hub.take_calls().len(), 1 + 3 + 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_events_say_is_what_snapshots_say() {
    for hub in [
        FakeGitea::start().await.unwrap(),
        FakeGitea::start_forgejo().await.unwrap(),
    ] {
        let story = hub.repository("acme/web");
        story.member("ada").member("grace");
        story.hook("https://ampel.example/webhooks/gitea/h", SECRET);
        hub.hold_deliveries();
        let pull = story
            .open_pull_request("One")
            .by("ada")
            .from_fork("ada")
            .create();
        pull.retitle("Two").label("bug").request_review("grace");
        pull.push();
        pull.check("build").succeeds();
        pull.to_draft();
        pull.approve("alan");
        let gitea = client(&hub, &hub.token("ada"));
        let repo = gitea.repository("acme", "web").await.unwrap();
        let seen = see(&*gitea, &repo, &pull).await;
        let mut hinted = None;
        let mut checks = Vec::new();
        for event in heard(&hub) {
            match event {
                ProviderEvent::ReviewsHinted { report } => hinted = Some(*report),
                ProviderEvent::CheckSeen { check, .. } => checks.push(*check),
                ProviderEvent::PullRequestSeen { .. }
                | ProviderEvent::ReviewSeen { .. }
                | ProviderEvent::PullRequestHinted { .. }
                | ProviderEvent::CommentsSeen { .. }
                | ProviderEvent::ChecksHinted { .. }
                | ProviderEvent::BranchMoved { .. }
                | ProviderEvent::RepositoryChanged => {}
            }
        }
        assert_eq!(hinted.unwrap(), seen.report);
        // Forgejo tells nobody of statuses.
        if let Some(check) = checks.pop() {
            assert_eq!(seen.evidence.checks, [check]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_does_not_claim_the_second_it_was_taken_in() {
    let (hub, gitea, repo) = with_web().await;
    let pull = hub
        .repository("acme/web")
        .open_pull_request("One")
        .by("ada")
        .create();
    let read = gitea.pull_request(&repo, number(&pull)).await.unwrap();
    let now = hub.read(|world| world.clock.now());
    assert!(read.date < now, "{} {now}", read.date);
    assert!(now.duration_since(read.date).as_secs() < 20);
}
