//! The client at the fake Bitbucket: webhooks, rules, merges, branches, and refusals.

mod bitbucket_fake;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Fact, Hold, Verdict},
    hooks::WebhookTest,
    merging::{Merge, Merging, Strategy},
    secret::Secret,
};
use ampel_providers::ProviderError;
use ampel_testkit::bitbucket::{
    FakeBitbucket, FaultKind, Matcher,
    model::{MergeStrategy, RestrictionKind},
};
use bitbucket_fake::{ada, client, merge_of, merged, number};

const URL: &str = "https://ampel.example/webhooks/bitbucket/h";

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_registered_once_whatever_happens_to_the_answer() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let secret = Secret::new("first".to_owned());
    let id = bitbucket
        .register_webhook(&repo, URL, &secret)
        .await
        .unwrap();
    let again = bitbucket.register_webhook(&repo, URL, &secret).await;
    assert_eq!(again.unwrap(), id, "an answer may have been lost");
    assert_eq!(story.hooks(), 1);
    let found = bitbucket.find_webhook(&repo, URL).await.unwrap().unwrap();
    assert!(found.is_active && found.is_complete);
    assert_eq!(found.registration, id);
    let other = bitbucket.find_webhook(&repo, "https://x.example/").await;
    assert_eq!(other.unwrap(), None);
    let tried = bitbucket.test_webhook(&repo, &id).await.unwrap();
    assert_eq!(tried, WebhookTest::NotOffered);
    assert_eq!(
        bitbucket.webhook_deliveries(&repo, &id).await.unwrap(),
        None
    );
    story.disable_hook();
    let off = bitbucket.find_webhook(&repo, URL).await.unwrap().unwrap();
    assert!(!off.is_active);
    assert!(bitbucket.test_webhook(&repo, &id).await.is_err());
    bitbucket
        .update_webhook(&repo, &id, URL, &secret)
        .await
        .unwrap();
    let on = bitbucket.find_webhook(&repo, URL).await.unwrap().unwrap();
    assert!(on.is_active);
    bitbucket.delete_webhook(&repo, &id).await.unwrap();
    bitbucket.delete_webhook(&repo, &id).await.unwrap();
    assert_eq!(story.hooks(), 0);
    let gone = bitbucket.update_webhook(&repo, &id, URL, &secret).await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_manage_hooks_says_what_it_needs() {
    let cloud = FakeBitbucket::start().await.unwrap();
    cloud.repository("acme/web").member("ada").reader("grace");
    for (login, token) in [
        ("ada", cloud.token_without_webhooks("ada")),
        ("grace", cloud.token("grace")),
    ] {
        let bitbucket = client(&cloud, login, &token);
        let repo = bitbucket.repository("acme", "web").await.unwrap();
        let secret = Secret::new("s".to_owned());
        let refused = bitbucket.register_webhook(&repo, URL, &secret).await;
        let error = refused.unwrap_err();
        assert!(matches!(error, ProviderError::Permission { .. }), "{error}");
        assert!(error.user_message().contains("webhook"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_pinned_as_well_as_bitbucket_lets_it() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("One").by("ada").create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let judged = merge_of(&pull, Strategy::Merge);
    pull.push();
    let moved = bitbucket.merge(&repo, number(&pull), &judged).await;
    assert_eq!(moved.unwrap_err(), ProviderError::HeadMoved);
    assert_eq!(
        cloud.count_calls("POST", "/merge"),
        0,
        "nothing was asked for"
    );
    let now = merge_of(&pull, Strategy::Merge);
    let begun = bitbucket.merge(&repo, number(&pull), &now).await.unwrap();
    assert!(matches!(begun, Merging::Accepted { .. }), "{begun:?}");
    let Merging::Accepted { task } = begun else {
        return;
    };
    let mut ended = bitbucket.merge_progress(&repo, number(&pull), &task).await;
    for _ask in 0..5 {
        if matches!(ended, Ok(Merging::Merged { .. })) {
            break;
        }
        ended = bitbucket.merge_progress(&repo, number(&pull), &task).await;
    }
    let Ok(Merging::Merged { commit }) = ended else {
        panic!("{ended:?}");
    };
    let made = pull.data().merge_commit.unwrap();
    assert_eq!(commit.unwrap().as_str(), &made[..12]);
    let again = bitbucket.merge(&repo, number(&pull), &now).await;
    let again = again.unwrap_err();
    assert!(
        matches!(again, ProviderError::NotMergeable { .. }),
        "{again}"
    );
    assert_eq!(cloud.count_calls("POST", "/merge"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_merged_says_why() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").reader("grace");
    story.merge_strategies(&[MergeStrategy::SquashFastForward, MergeStrategy::MergeCommit]);
    let conflicting = story.open_pull_request("One").by("ada").create();
    conflicting.conflict();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let merge = merge_of(&conflicting, Strategy::Merge);
    let error = merged(&*bitbucket, &repo, &conflicting, &merge).await;
    let error = error.unwrap_err();
    let ProviderError::NotMergeable { why } = &error else {
        panic!("{error}");
    };
    assert!(why.contains("conflict"), "{why}");
    let pull = story.open_pull_request("Two").by("ada").create();
    let rebase = merge_of(&pull, Strategy::Rebase);
    let refused = merged(&*bitbucket, &repo, &pull, &rebase).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, ProviderError::MethodNotAllowed { .. }),
        "{refused}"
    );
    let reader = client(&cloud, "grace", &cloud.token("grace"));
    let merge = merge_of(&pull, Strategy::Merge);
    let forbidden = reader.merge(&repo, number(&pull), &merge).await;
    let forbidden = forbidden.unwrap_err();
    assert!(
        matches!(forbidden, ProviderError::Permission { .. }),
        "{forbidden}"
    );
    let squash = Merge {
        strategy: Strategy::Squash,
        delete_branch: true,
        ..merge
    };
    let done = merged(&*bitbucket, &repo, &pull, &squash).await.unwrap();
    assert!(matches!(done, Merging::Merged { .. }), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_a_merge_queue_is_open_and_not_merged_yet() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").queue_merges("main");
    let pull = story.open_pull_request("One").by("ada").create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let rules = bitbucket.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(rules.has_queue, Fact::Known(true));
    let free = bitbucket
        .branch_rules(&repo, &pull.data().source.branch)
        .await
        .unwrap();
    assert_eq!(free.has_queue, Fact::Known(false));
    let merge = merge_of(&pull, Strategy::Merge);
    let mut state = bitbucket.merge(&repo, number(&pull), &merge).await;
    for _ask in 0..3 {
        let Ok(Merging::Accepted { task }) = state else {
            panic!("{state:?}");
        };
        state = bitbucket.merge_progress(&repo, number(&pull), &task).await;
    }
    let listed = bitbucket.open_pull_requests(&repo, None).await.unwrap().of;
    let [waiting] = &listed.pull_requests[..] else {
        panic!("{listed:?}");
    };
    assert!(waiting.report.lifecycle.is_open());
    let waits = Verdict::Held(Hold::WaitsForAnother);
    assert_eq!(waiting.verdict, Fact::Known(waits));
    let prints = bitbucket.fingerprints(&repo).await.unwrap().of.of;
    assert_eq!(prints[0].1, waiting.fingerprint);
    // Its turn comes.
    pull.merge("ada");
    let Ok(Merging::Accepted { task }) = state else {
        panic!("{state:?}");
    };
    let ended = bitbucket.merge_progress(&repo, number(&pull), &task).await;
    assert!(
        matches!(ended, Ok(Merging::Merged { commit: Some(_) })),
        "{ended:?}"
    );
    assert_eq!(cloud.count_calls("POST", "/merge"), 1);
    cloud.fail_next(Matcher::path("/merge-queues"), FaultKind::Status(404), 1);
    let unknown = bitbucket.branch_rules(&repo, "main").await.unwrap();
    assert!(matches!(unknown.has_queue, Fact::Unavailable(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_read_as_far_as_the_token_may() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").writer("grace");
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let free = bitbucket.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(free.required_checks, Fact::Known(BTreeSet::new()));
    assert_eq!(free.required_approvals, Fact::Known(0));
    assert_eq!(free.must_be_up_to_date, Fact::Known(false));
    story.require_approvals("main", 2).require_builds("main", 1);
    story.protect("other", RestrictionKind::RequireApprovals, Some(5));
    story.merge_strategies(&[MergeStrategy::Squash, MergeStrategy::FastForward]);
    let rules = bitbucket.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(rules.required_approvals, Fact::Known(2));
    assert!(matches!(rules.required_checks, Fact::Unavailable(_)));
    let allowed = BTreeSet::from([Strategy::Squash, Strategy::Rebase]);
    assert_eq!(rules.strategies, Fact::Known(allowed.clone()));
    story.protect("main", RestrictionKind::RequireDefaultReviewers, Some(1));
    let chosen = bitbucket.branch_rules(&repo, "main").await.unwrap();
    assert!(matches!(chosen.required_approvals, Fact::Unavailable(_)));
    let writer = client(&cloud, "grace", &cloud.token("grace"));
    let seen = writer.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(seen.strategies, Fact::Known(allowed));
    let Fact::Unavailable(why) = seen.required_approvals else {
        panic!("{seen:?}");
    };
    assert!(why.contains("admin"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_are_compared_and_deleted() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada").reader("grace");
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_branch("feature/one")
        .create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    let before = bitbucket
        .compare(&repo, "main", "feature/one")
        .await
        .unwrap();
    pull.push();
    story.push("main");
    let after = bitbucket
        .compare(&repo, "main", "feature/one")
        .await
        .unwrap();
    assert_eq!(after.ahead_by, before.ahead_by + 1);
    assert_eq!((before.behind_by, after.behind_by), (0, 1));
    let head: CommitSha = pull.short_head().parse().unwrap();
    let update = bitbucket.update_branch(&repo, number(&pull), &head).await;
    assert!(matches!(
        update.unwrap_err(),
        ProviderError::MethodNotAllowed { .. }
    ));
    let reader = client(&cloud, "grace", &cloud.token("grace"));
    let refused = reader.delete_branch(&repo, "feature/one").await;
    assert!(matches!(
        refused.unwrap_err(),
        ProviderError::Permission { .. }
    ));
    bitbucket.delete_branch(&repo, "feature/one").await.unwrap();
    bitbucket.delete_branch(&repo, "feature/one").await.unwrap();
    let gone = bitbucket.compare(&repo, "main", "feature/one").await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_stays_is_told() {
    let cloud = FakeBitbucket::start().await.unwrap();
    let story = cloud.repository("acme/web");
    story.member("ada");
    let pull = story.open_pull_request("One").by("ada").create();
    let bitbucket = ada(&cloud);
    let repo = bitbucket.repository("acme", "web").await.unwrap();
    cloud.take_calls();
    cloud.fail_next(Matcher::any(), FaultKind::Status(502), 2);
    bitbucket.repository("acme", "web").await.unwrap();
    assert_eq!(cloud.take_calls().len(), 3);
    cloud.fail_next(
        Matcher::any(),
        FaultKind::TooManyRequests { retry_after: 40 },
        1,
    );
    let limited = bitbucket.fingerprints(&repo).await.unwrap_err();
    assert!(
        matches!(limited, ProviderError::RateLimited { .. }),
        "{limited}"
    );
    assert_eq!(cloud.take_calls().len(), 1);
    cloud.fail_next(Matcher::path("/merge").method("POST"), FaultKind::Hangup, 1);
    let merge = merge_of(&pull, Strategy::Merge);
    let lost = bitbucket.merge(&repo, number(&pull), &merge).await;
    let lost = lost.unwrap_err();
    assert!(matches!(lost, ProviderError::Unavailable { .. }), "{lost}");
    assert_eq!(
        cloud.count_calls("POST", "/merge"),
        1,
        "what is not safe is not repeated"
    );
}
