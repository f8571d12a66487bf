//! The client merges, compares, looks up rules and keeps webhooks at the fake Gitea.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod gitea_fake;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Fact},
    hooks::WebhookTest,
    merging::{BranchRules, Comparison, Merge, Merging, Strategy},
    pulls::ProviderEvent,
    secret::Secret,
};
use ampel_providers::{GitProvider, ProviderError};
use ampel_testkit::{
    fake::{FaultKind, Matcher},
    gitea::{FakeGitea, PullStory, model::Protection},
};
use gitea_fake::{SECRET, client, heard, number, with_web};

const URL: &str = "https://ampel.example/webhooks/gitea/h";

fn squash(pull: &PullStory) -> Merge {
    Merge {
        head: CommitSha::whole(&pull.head_sha()).unwrap(),
        strategy: Strategy::Squash,
        title: Some("Add login (#1)".to_owned()),
        message: Some("With love.".to_owned()),
        delete_branch: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_happens_once_and_only_at_the_head_that_was_judged() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story.open_pull_request("Add login").by("ada").create();
    hub.settle();
    let judged = squash(&pull);
    pull.push();
    hub.settle();
    let moved = gitea.merge(&repo, number(&pull), &judged).await;
    assert_eq!(moved.unwrap_err(), ProviderError::HeadMoved);
    assert!(pull.data().is_open());
    let merged = gitea.merge(&repo, number(&pull), &squash(&pull)).await;
    assert_eq!(merged.unwrap(), Merging::Merged { commit: None });
    let data = pull.data();
    assert!(data.merged.is_some());
    let branch = data.head.branch.clone();
    let head = hub.read(|world| {
        let repo = world.repos.values().find(|repo| repo.name == "web");
        repo.and_then(|repo| repo.head_of(&branch).map(str::to_owned))
    });
    assert_eq!(head, None, "its branch is gone");
    let again = gitea.merge(&repo, number(&pull), &squash(&pull)).await;
    assert!(matches!(again, Err(ProviderError::NotMergeable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gitea_does_not_merge_says_why() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let why = async |pull: &PullStory| {
        let refused = gitea.merge(&repo, number(pull), &squash(pull)).await;
        refused.unwrap_err()
    };
    let draft = story.open_pull_request("Draft").by("ada").draft().create();
    let conflicting = story.open_pull_request("Conflict").by("ada").create();
    conflicting.conflict();
    hub.settle();
    for pull in [&draft, &conflicting] {
        let error = why(pull).await;
        assert!(
            matches!(error, ProviderError::NotMergeable { .. }),
            "{error}"
        );
    }
    let pull = story.open_pull_request("One").by("ada").create();
    hub.settle();
    hub.change(|world| {
        for repo in world.repos.values_mut() {
            repo.merge_styles.squash = false;
        }
        Ok(())
    })
    .unwrap();
    let error = why(&pull).await;
    assert!(
        matches!(error, ProviderError::MethodNotAllowed { .. }),
        "{error}"
    );
    assert!(pull.data().is_open(), "no other way is taken instead");
    story.reader("grace");
    let reader = client(&hub, &hub.token("grace"));
    let refused = reader.merge(&repo, number(&pull), &squash(&pull)).await;
    assert!(matches!(refused, Err(ProviderError::Permission { .. })));
    let reading = client(&hub, &hub.read_only_token("ada"));
    let refused = reading.merge(&repo, number(&pull), &squash(&pull)).await;
    let error = refused.unwrap_err();
    assert!(
        error.user_message().contains("`write:repository`"),
        "{error}"
    );
    story.archive();
    let error = why(&pull).await;
    assert!(
        matches!(error, ProviderError::NotMergeable { .. }),
        "{error}"
    );
    let none = gitea.merge_progress(&repo, number(&pull), "1").await;
    assert_eq!(none.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_whose_answer_is_lost_is_not_sent_again() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story.open_pull_request("One").by("ada").create();
    hub.settle();
    hub.fail_next(Matcher::path("/merge").method("POST"), FaultKind::Hangup, 1);
    let lost = gitea.merge(&repo, number(&pull), &squash(&pull)).await;
    assert!(matches!(lost, Err(ProviderError::Unavailable { .. })));
    assert_eq!(hub.count_calls("POST", "/merge"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_brought_up_to_date_compared_and_deleted() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .from_branch("feature/login")
        .create();
    story.push("main");
    let compare = async || gitea.compare(&repo, "main", "feature/login").await.unwrap();
    let apart = Comparison {
        ahead_by: 1,
        behind_by: 1,
    };
    assert_eq!(compare().await, apart);
    let head = CommitSha::whole(&pull.head_sha()).unwrap();
    let update = async |head: &CommitSha| gitea.update_branch(&repo, number(&pull), head).await;
    update(&head).await.unwrap();
    assert_ne!(pull.head_sha(), head.as_str());
    assert_eq!(compare().await.behind_by, 0);
    assert_eq!(update(&head).await, Err(ProviderError::HeadMoved));
    let now = CommitSha::whole(&pull.head_sha()).unwrap();
    assert_eq!(update(&now).await, Ok(()), "it is up to date already");
    assert_eq!(pull.head_sha(), now.as_str());
    story.push("main");
    hub.fail_next(Matcher::path("/update"), FaultKind::Status(500), 1);
    let failed = update(&now).await;
    assert!(matches!(failed, Err(ProviderError::Unavailable { .. })));
    pull.close();
    gitea.delete_branch(&repo, "feature/login").await.unwrap();
    gitea.delete_branch(&repo, "feature/login").await.unwrap();
    let gone = gitea.compare(&repo, "main", "feature/login").await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
    let kept = gitea.delete_branch(&repo, "main").await;
    assert!(matches!(kept, Err(ProviderError::MethodNotAllowed { .. })));
}

async fn rules(gitea: &dyn GitProvider, branch: &str) -> BranchRules {
    let repo = gitea.repository("acme", "web").await.unwrap();
    gitea.branch_rules(&repo, branch).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_branch_are_told_as_far_as_the_token_reads_them() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let free = rules(&*gitea, "main").await;
    assert_eq!(free.required_checks, Fact::Known(BTreeSet::new()));
    assert_eq!(free.required_approvals, Fact::Known(0));
    assert_eq!(free.must_be_up_to_date, Fact::Known(false));
    assert_eq!(free.has_queue, Fact::Known(false));
    let all = Strategy::ALL.into_iter().collect();
    assert_eq!(free.strategies, Fact::Known(all));
    let rule = |contexts: &[&str]| Protection {
        status_check: true,
        status_check_contexts: contexts.iter().map(|own| (*own).to_owned()).collect(),
        required_approvals: 2,
        block_on_outdated_branch: true,
        ..Protection::default()
    };
    story.protect("main", rule(&["ci/build"]));
    let strict = rules(&*gitea, "main").await;
    let build = BTreeSet::from(["ci/build".to_owned()]);
    assert_eq!(strict.required_checks, Fact::Known(build));
    assert_eq!(strict.required_approvals, Fact::Known(2));
    assert_eq!(strict.must_be_up_to_date, Fact::Known(true));
    story.writer("grace");
    let writer = client(&hub, &hub.token("grace"));
    let less = rules(&*writer, "main").await;
    assert_eq!(less.required_checks, strict.required_checks);
    assert!(matches!(less.must_be_up_to_date, Fact::Unavailable(why) if why.contains("admin")));
    // What names nothing, or a pattern, leaves every check to be heeded.
    for contexts in [&[][..], &["ci/*"]] {
        story.protect("main", rule(contexts));
        let checks = rules(&*gitea, "main").await.required_checks;
        assert!(matches!(checks, Fact::Unavailable(_)), "{checks:?}");
    }
    let none = gitea.branch_rules(&repo, "nowhere").await;
    assert_eq!(none.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_registered_once_whatever_happens_to_the_answer() {
    for hub in [
        FakeGitea::start().await.unwrap(),
        FakeGitea::start_forgejo().await.unwrap(),
    ] {
        let story = hub.repository("acme/web");
        story.member("ada");
        let gitea = client(&hub, &hub.token("ada"));
        let repo = gitea.repository("acme", "web").await.unwrap();
        let secret = Secret::new(SECRET.to_owned());
        hub.fail_next(Matcher::path("/hooks").method("POST"), FaultKind::Hangup, 1);
        let lost = gitea.register_webhook(&repo, URL, &secret).await;
        assert!(matches!(lost, Err(ProviderError::Unavailable { .. })));
        assert_eq!(hub.count_calls("POST", "/hooks"), 1);
        hub.take_calls();
        let id = gitea.register_webhook(&repo, URL, &secret).await.unwrap();
        assert!(hub.take_calls().len() <= 4);
        assert_eq!(story.hooks(), 1, "the first one made room");
        let shown = gitea.find_webhook(&repo, URL).await.unwrap().unwrap();
        assert_eq!(shown.registration, id);
        assert!(shown.is_active && shown.is_complete, "{shown:?}");
        let other = gitea.find_webhook(&repo, "https://ampel.example/").await;
        assert_eq!(other.unwrap(), None);
        story.disable_hook();
        let off = gitea.find_webhook(&repo, URL).await.unwrap().unwrap();
        assert!(!off.is_active);
        // A hook keeps its secret, so another secret takes another hook.
        let next = Secret::new("second".to_owned());
        let changed = gitea.update_webhook(&repo, &id, URL, &next).await;
        assert_eq!(changed.unwrap_err(), ProviderError::NotFound);
        assert_eq!(story.hooks(), 1, "it stays until the next one is there");
        hub.fail_next(
            Matcher::path("/hooks").method("POST"),
            FaultKind::Status(503),
            1,
        );
        let failed = gitea.register_webhook(&repo, URL, &next).await;
        assert!(matches!(failed, Err(ProviderError::Unavailable { .. })));
        let stays = gitea.find_webhook(&repo, URL).await.unwrap().unwrap();
        assert_eq!(stays.registration, id);
        let newer = gitea.register_webhook(&repo, URL, &next).await.unwrap();
        assert_ne!(newer, id);
        assert_eq!(story.hooks(), 1);
        let number = newer.parse().unwrap();
        assert_eq!(story.hook_data(number).secret.as_deref(), Some("second"));
        gitea.delete_webhook(&repo, &newer).await.unwrap();
        gitea.delete_webhook(&repo, &newer).await.unwrap();
        assert_eq!(story.hooks(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_for_pushes_alone_is_not_complete_and_a_test_delivers_something() {
    let (hub, gitea, repo) = with_web().await;
    let story = hub.repository("acme/web");
    let id = story.hook_for(URL, SECRET, &["push"]).to_string();
    let shown = gitea.find_webhook(&repo, URL).await.unwrap().unwrap();
    assert!(shown.is_active && !shown.is_complete);
    hub.hold_deliveries();
    let tried = gitea.test_webhook(&repo, &id).await;
    assert_eq!(tried.unwrap(), WebhookTest::Sent);
    let heard = heard(&hub);
    assert!(
        matches!(&heard[..], [ProviderEvent::BranchMoved { .. }]),
        "{heard:?}"
    );
    assert_eq!(gitea.webhook_deliveries(&repo, &id).await.unwrap(), None);
    let gone = gitea.test_webhook(&repo, "999").await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_manage_hooks_says_what_it_needs() {
    let (hub, _, repo) = with_web().await;
    hub.repository("acme/web").writer("grace");
    for (token, needs) in [
        (hub.token("grace"), "admin access"),
        (hub.read_only_token("ada"), "`write:repository`"),
    ] {
        let gitea = client(&hub, &token);
        let secret = Secret::new(SECRET.to_owned());
        let error = gitea
            .register_webhook(&repo, URL, &secret)
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Permission { .. }), "{error}");
        assert!(error.user_message().contains(needs), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_stays_is_told() {
    let (hub, gitea, repo) = with_web().await;
    let pull = hub
        .repository("acme/web")
        .open_pull_request("One")
        .by("ada")
        .create();
    hub.take_calls();
    hub.fail_next(Matcher::any(), FaultKind::Status(502), 2);
    gitea.repository("acme", "web").await.unwrap();
    assert_eq!(hub.take_calls().len(), 3);
    hub.fail_next(
        Matcher::any(),
        FaultKind::TooManyRequests { retry_after: 40 },
        1,
    );
    let error = gitea.fingerprints(&repo).await.unwrap_err();
    assert!(
        matches!(error, ProviderError::RateLimited { .. }),
        "{error}"
    );
    assert_eq!(hub.take_calls().len(), 1);
    // What may not be read is not there and says so, and takes nothing else away.
    hub.fail_next(Matcher::path("/reviews"), FaultKind::Status(403), 1);
    let seen = gitea_fake::see(&*gitea, &repo, &pull).await;
    let why = seen.reviews.unwrap_err().why;
    assert!(why.contains("`read:repository`"), "{why}");
    assert_eq!(seen.evidence.unavailable, None);
    hub.fail_next(Matcher::path("/statuses"), FaultKind::Status(403), 1);
    let seen = gitea_fake::see(&*gitea, &repo, &pull).await;
    assert!(seen.reviews.is_ok() && seen.evidence.unavailable.is_some());
    // What failed is no empty list.
    hub.fail_next(Matcher::path("/reviews"), FaultKind::Status(500), 9);
    let failed = gitea.pull_request(&repo, number(&pull)).await;
    assert!(matches!(failed, Err(ProviderError::Unavailable { .. })));
}
