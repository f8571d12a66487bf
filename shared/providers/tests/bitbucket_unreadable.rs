//! The client at the fake Bitbucket: what can not be read makes nothing green and stops nothing else.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod bitbucket_fake;

use ampel_domain::{
    facts::{Fact, Hold, Verdict},
    ids::{IdSeed, PullRequestId, RepositoryId},
    light::{Light, ReasonCode, judge},
    pulls::{HeadEvidence, PullRequest, PullRequestSnapshot},
};
use ampel_providers::ProviderError;
use ampel_testkit::bitbucket::{FakeBitbucket, FaultKind, Matcher, PullStory};
use bitbucket_fake::{ada, client_with, number, see};
use jiff::Timestamp;

fn id_of(pull: &PullStory) -> PullRequestId {
    let repository = RepositoryId::new(IdSeed {
        unix_millis: 1,
        random: 1,
    });
    repository.pull_request(number(pull))
}

/// What a snapshot alone makes of it: the light, its reasons, and whether it is read again.
fn judged(pull: &PullStory, seen: &PullRequestSnapshot) -> (Light, Vec<ReasonCode>, bool) {
    let stored = PullRequest::from_snapshot(id_of(pull), seen.clone(), later());
    let mut evidence = HeadEvidence::unknown(seen.evidence.sha.clone());
    evidence.absorb(seen.evidence.clone(), later());
    let judged = judge(&stored.facts(&evidence)).unwrap();
    let codes = judged.reasons.iter().map(|one| one.code).collect();
    (judged.light, codes, stored.needs_refresh(&evidence))
}

/// When a snapshot may begin: after all that is said in the stories.
fn later() -> Timestamp {
    "2099-01-01T00:00:00Z".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_ask_for_conflicts_is_told_which_one_may() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let conflicting = story.open_pull_request("One").by("ada").create();
    conflicting.conflict();
    let pull = story.open_pull_request("Two").by("ada").create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    cloud.fail_next(Matcher::path("/file-conflicts"), FaultKind::Status(403), 2);
    for pull in [&conflicting, &pull] {
        cloud.take_calls();
        let seen = see(&*bitbucket, &repo, pull).await;
        let Fact::Unavailable(why) = &seen.verdict else {
            panic!("{:?}", seen.verdict);
        };
        assert!(why.contains("access token"), "{why}");
        assert_eq!(seen.evidence.unavailable, None);
        // Itself, its builds, its conflicts and where they are: nothing else is tried.
        assert_eq!(cloud.take_calls().len(), 4);
        let (light, codes, again) = judged(pull, &seen);
        assert!(codes.contains(&ReasonCode::MergeabilityUnavailable));
        assert_eq!((light, again), (Light::Yellow, false));
    }
    cloud.fail_next(Matcher::path("/conflicts"), FaultKind::Status(404), 1);
    let access = client_with(&cloud, &cloud.access_token("acme/web"));
    let hidden = see(&*access, &repo, &pull).await.verdict;
    assert!(matches!(hidden, Fact::Unavailable(_)), "{hidden:?}");
    let shown = see(&*access, &repo, &conflicting).await.verdict;
    assert_eq!(shown, Fact::Known(Verdict::Conflicting));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_whose_source_is_gone_stops_none_of_the_others() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let orphan = story
        .open_pull_request("One")
        .by("ada")
        .from_fork("eve")
        .create();
    let other = story.open_pull_request("Two").by("ada").create();
    for pull in [&orphan, &other] {
        pull.approve("grace");
        pull.check("build").succeeds();
    }
    story.fork("eve").delete();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let listed = bitbucket.open_pull_requests(&repo, None).await.unwrap().of;
    let [gone, still] = &listed.pull_requests[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(judged(&other, still).0, Light::Green);
    assert_eq!(&see(&*bitbucket, &repo, &orphan).await, gone);
    assert!(gone.report.lifecycle.is_open(), "it did not vanish");
    let nothing = Verdict::Held(Hold::NothingToMerge);
    assert_eq!(gone.verdict, Fact::Known(nothing));
    let (light, codes, again) = judged(&orphan, gone);
    assert_eq!((light, again), (Light::Red, false));
    assert!(codes.contains(&ReasonCode::ChecksUnavailable), "{codes:?}");
    // It changes no fingerprint, so that it is not read again and again.
    let prints = bitbucket.fingerprints(&repo).await.unwrap().of.of;
    let of_list = [gone, still].map(|one| (one.report.number, one.fingerprint.clone()));
    assert_eq!(prints, of_list);
    let head = bitbucket.evidence(&repo, &gone.report.head.sha).await;
    let head = head.unwrap().of;
    assert!(head.checks.is_empty() && head.unavailable.is_some());
    let nobodys = "f".repeat(12).parse().unwrap();
    let nobody = bitbucket.evidence(&repo, &nobodys).await.unwrap().of;
    assert!(nobody.checks.is_empty() && nobody.unavailable.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_pull_request_refuses_is_missing_of_that_one_alone() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let first = story.open_pull_request("One").by("ada").create();
    story.open_pull_request("Two").by("ada").create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    for (path, status) in [
        ("/1/conflicts", 555),
        ("/1/statuses", 500),
        ("/1/statuses", 400),
    ] {
        cloud.fail_next(Matcher::path(path), FaultKind::Status(status), 10);
        let listed = bitbucket.open_pull_requests(&repo, None).await.unwrap().of;
        let [failed, fine] = &listed.pull_requests[..] else {
            panic!("{listed:?}");
        };
        assert_eq!(fine.verdict, Fact::Known(Verdict::Clean));
        assert_eq!(fine.evidence.unavailable, None);
        let is_missing = matches!(failed.verdict, Fact::Unavailable(_));
        assert_eq!(is_missing, path.ends_with("conflicts"));
        assert_eq!(
            failed.evidence.unavailable.is_some(),
            path.ends_with("statuses")
        );
        assert_eq!(judged(&first, failed).0, Light::Yellow);
        cloud.heal();
    }
    for (fault, expected) in [
        (FaultKind::Status(401), true),
        (FaultKind::TooManyRequests { retry_after: 40 }, false),
    ] {
        cloud.fail_next(Matcher::path("/1/statuses"), fault, 1);
        let refused = bitbucket.open_pull_requests(&repo, None).await.unwrap_err();
        assert_eq!(
            refused == ProviderError::Authentication,
            expected,
            "{refused}"
        );
        let limited = matches!(refused, ProviderError::RateLimited { .. });
        assert_eq!(limited, !expected, "{refused}");
    }
    assert_eq!(number(&first).get(), 1);
}
