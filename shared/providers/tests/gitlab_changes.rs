//! What the client changes at the fake GitLab: hooks, merges, branches.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod gitlab_fake;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Fact},
    hooks::WebhookTest,
    merging::{Comparison, Merge, Merging, Strategy},
    pulls::ProviderEvent,
    secret::Secret,
};
use ampel_providers::ProviderError;
use ampel_testkit::gitlab::{
    PullStory,
    model::{MergeMethod, Role, SquashOption},
};
use gitlab_fake::{HOOK, client, heard, number, world};

fn order(pull: &PullStory, strategy: Strategy) -> Merge {
    Merge {
        head: pull.head_sha().parse().unwrap(),
        strategy,
        title: None,
        message: None,
        delete_branch: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_registered_once_signs_and_is_switched_on_again() {
    let (hub, story, gitlab, repo) = world().await;
    let secret = Secret::new("0f".repeat(32));
    assert_eq!(gitlab.find_webhook(&repo, HOOK).await.unwrap(), None);
    let id = gitlab.register_webhook(&repo, HOOK, &secret).await.unwrap();
    let again = gitlab.register_webhook(&repo, HOOK, &secret).await.unwrap();
    assert_eq!((id.as_str(), story.hooks()), (again.as_str(), 1));
    let shown = gitlab.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert!(shown.is_active && shown.is_complete);
    hub.take_deliveries();
    let pull = story.open_pull_request("One").by("ada").create();
    let deliveries = hub.take_deliveries();
    let opened = deliveries
        .iter()
        .find(|delivery| delivery.event == "Merge Request Hook")
        .unwrap();
    let names: BTreeSet<&str> = opened
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(names.contains("webhook-signature") && !names.contains("x-gitlab-token"));
    let event = heard(opened, secret.expose()).unwrap();
    assert_eq!(event.pull_request(), Some(number(&pull)));
    let ProviderEvent::PullRequestSeen { report, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!(report.author.as_str(), "ada");
    gitlab.delete_webhook(&repo, &id).await.unwrap();
    gitlab.delete_webhook(&repo, &id).await.unwrap();
    assert_eq!(story.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_token_chosen_by_hand_is_the_only_proof() {
    let (hub, story, gitlab, repo) = world().await;
    let secret = Secret::new("whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=".to_owned());
    gitlab.register_webhook(&repo, HOOK, &secret).await.unwrap();
    story.push("main");
    let deliveries = hub.take_deliveries();
    assert!(!deliveries.is_empty());
    for delivery in &deliveries {
        assert!(
            !delivery
                .headers
                .iter()
                .any(|(name, _)| name == "x-gitlab-token")
        );
        assert!(heard(delivery, secret.expose()).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_server_that_can_not_sign_is_given_a_token() {
    let (hub, story, gitlab, repo) = world().await;
    hub.is_version("18.11.2-ee");
    let secret = Secret::new("the secret of the hook".to_owned());
    gitlab.register_webhook(&repo, HOOK, &secret).await.unwrap();
    story.push("main");
    let deliveries = hub.take_deliveries();
    let carried = |name: &str| {
        let mut headers = deliveries[0].headers.iter();
        headers.find(|(own, _)| own == name).map(|(_, value)| value)
    };
    assert_eq!(carried("webhook-signature"), None);
    let token = carried("x-gitlab-token").unwrap();
    assert!(!token.contains(secret.expose()));
    assert!(heard(&deliveries[0], secret.expose()).is_some());
    // Once it can, the token is taken back.
    hub.is_version("19.1.0-ee");
    let id = gitlab.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    gitlab
        .update_webhook(&repo, &id.registration, HOOK, &secret)
        .await
        .unwrap();
    story.push("main");
    let delivery = hub.take_deliveries().pop().unwrap();
    let names: Vec<&str> = delivery
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(names.contains(&"webhook-signature") && !names.contains(&"x-gitlab-token"));
    assert!(heard(&delivery, secret.expose()).is_some());
}

/// Takes whatever is sent to it.
fn receiver() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/webhooks/gitlab/h1",
        listener.local_addr().unwrap()
    );
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _read = stream.read(&mut vec![0; 65_536]);
            let _sent = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_gitlab_switched_off_is_seen_and_switched_on() {
    let (hub, story, gitlab, repo) = world().await;
    let secret = Secret::new("s".to_owned());
    let url = receiver();
    let id = gitlab.register_webhook(&repo, &url, &secret).await.unwrap();
    story.disable_hook();
    let shown = gitlab.find_webhook(&repo, &url).await.unwrap().unwrap();
    assert!(!shown.is_active);
    hub.take_calls();
    gitlab
        .update_webhook(&repo, &id, &url, &secret)
        .await
        .unwrap();
    assert_eq!(hub.count_calls("POST", "/test/push_events"), 1);
    hub.release_deliveries();
    hub.deliveries_done().await;
    let shown = gitlab.find_webhook(&repo, &url).await.unwrap().unwrap();
    assert!(shown.is_active);
    story.forget_hook();
    let gone = gitlab.update_webhook(&repo, &id, &url, &secret).await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
    assert_eq!(gitlab.find_webhook(&repo, &url).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_tried_and_its_deliveries_are_listed() {
    let (hub, story, gitlab, repo) = world().await;
    let secret = Secret::new("s".to_owned());
    let id = gitlab.register_webhook(&repo, HOOK, &secret).await.unwrap();
    hub.take_deliveries();
    // There is no merge request yet: a push is sent instead.
    let tried = gitlab.test_webhook(&repo, &id).await.unwrap();
    assert_eq!(tried, WebhookTest::Sent);
    assert_eq!(hub.take_deliveries()[0].event, "Push Hook");
    story.open_pull_request("One").create();
    hub.take_deliveries();
    gitlab.test_webhook(&repo, &id).await.unwrap();
    assert_eq!(hub.take_deliveries()[0].event, "Merge Request Hook");
    let listed = gitlab.webhook_deliveries(&repo, &id).await.unwrap();
    assert!(listed.is_some());
    let missing = gitlab.webhook_deliveries(&repo, "999999").await;
    assert_eq!(missing.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_manage_hooks_is_told_what_it_takes() {
    let (hub, story, _gitlab, repo) = world().await;
    story.role("grace", Role::Developer);
    let gitlab = client(&hub, &hub.token("grace"));
    let secret = Secret::new("s".to_owned());
    let refused = gitlab.register_webhook(&repo, HOOK, &secret).await;
    let Err(ProviderError::Permission { needs }) = refused else {
        panic!("{refused:?}");
    };
    assert!(needs.contains("Maintainer"), "{needs}");
    assert_eq!(story.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_pinned_to_its_head_and_done_as_the_project_does_it() {
    let (hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    let judged = order(&pull, Strategy::Merge);
    pull.push();
    let moved = gitlab.merge(&repo, number(&pull), &judged).await;
    assert_eq!(moved.unwrap_err(), ProviderError::HeadMoved);
    let rebase = order(&pull, Strategy::Rebase);
    let refused = gitlab.merge(&repo, number(&pull), &rebase).await;
    assert!(matches!(
        refused,
        Err(ProviderError::MethodNotAllowed { .. })
    ));
    assert_eq!(hub.count_calls("PUT", "/merge"), 1);
    let merge = Merge {
        title: Some("Add one".to_owned()),
        message: Some("For a reason.".to_owned()),
        ..order(&pull, Strategy::Merge)
    };
    let merged = gitlab.merge(&repo, number(&pull), &merge).await.unwrap();
    assert!(
        matches!(merged, Merging::Merged { commit: Some(_) }),
        "{merged:?}"
    );
    assert!(!pull.data().is_open());
    let calls = hub.calls();
    let sent = calls.iter().rfind(|call| call.method == "PUT").unwrap();
    assert_eq!(
        sent.body["merge_commit_message"],
        "Add one\n\nFor a reason."
    );
    let told = gitlab.merge_progress(&repo, number(&pull), "merge").await;
    assert_eq!(told.unwrap(), merged);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_merged_and_who_may_not_merge_are_told_apart() {
    let (hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    pull.to_draft();
    let refused = gitlab
        .merge(&repo, number(&pull), &order(&pull, Strategy::Merge))
        .await;
    assert!(
        matches!(refused, Err(ProviderError::NotMergeable { .. })),
        "{refused:?}"
    );
    pull.ready();
    story.role("kurt", Role::Reporter);
    let reader = client(&hub, &hub.token("kurt"));
    let refused = reader
        .merge(&repo, number(&pull), &order(&pull, Strategy::Merge))
        .await;
    assert!(
        matches!(refused, Err(ProviderError::Permission { .. })),
        "{refused:?}"
    );
    assert!(pull.data().is_open());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_branch_are_the_projects() {
    let (_hub, story, gitlab, repo) = world().await;
    let free = gitlab.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(free.required_checks, Fact::Known(BTreeSet::new()));
    assert_eq!(free.must_be_up_to_date, Fact::Known(false));
    assert_eq!(free.has_queue, Fact::Known(false));
    story.rules(|rules| {
        rules.merge_method = MergeMethod::FastForward;
        rules.squash = SquashOption::Never;
    });
    story.require_pipeline();
    story.require_approvals(2);
    let strict = gitlab.branch_rules(&repo, "main").await.unwrap();
    assert!(matches!(strict.required_checks, Fact::Unavailable(_)));
    assert_eq!(strict.required_approvals, Fact::Known(2));
    let only = BTreeSet::from([Strategy::Rebase]);
    assert_eq!(strict.strategies, Fact::Known(only));
    assert_eq!(strict.must_be_up_to_date, Fact::Known(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_compared_brought_up_to_date_and_deleted() {
    let (hub, story, gitlab, repo) = world().await;
    let pull = story.open_pull_request("One").by("ada").create();
    let branch = pull.data().head.branch;
    story.push("main");
    let apart = gitlab.compare(&repo, "main", &branch).await.unwrap();
    let expected = Comparison {
        ahead_by: 1,
        behind_by: 1,
    };
    assert_eq!(apart, expected);
    let other: CommitSha = "a".repeat(40).parse().unwrap();
    let moved = gitlab.update_branch(&repo, number(&pull), &other).await;
    assert_eq!(moved.unwrap_err(), ProviderError::HeadMoved);
    let before = pull.head_sha();
    let head = before.parse().unwrap();
    gitlab
        .update_branch(&repo, number(&pull), &head)
        .await
        .unwrap();
    hub.settle();
    assert_ne!(pull.head_sha(), before);
    pull.close();
    gitlab.delete_branch(&repo, &branch).await.unwrap();
    gitlab.delete_branch(&repo, &branch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_merges_go_by_train_it_is_joined_and_not_jumped() {
    let (hub, story, gitlab, repo) = world().await;
    story.rules(|rules| rules.merge_trains = true);
    let pull = story.open_pull_request("One").by("ada").create();
    let judged = order(&pull, Strategy::Merge);
    pull.push();
    let moved = gitlab.merge(&repo, number(&pull), &judged).await;
    assert_eq!(moved.unwrap_err(), ProviderError::HeadMoved);
    let judged = order(&pull, Strategy::Merge);
    let accepted = gitlab.merge(&repo, number(&pull), &judged).await.unwrap();
    let Merging::Accepted { task } = accepted else {
        panic!("{accepted:?}");
    };
    assert_eq!(hub.count_calls("PUT", "/merge"), 0);
    assert!(pull.data().is_open());
    let told = gitlab.merge_progress(&repo, number(&pull), &task).await;
    assert!(matches!(told, Ok(Merging::Accepted { .. })), "{told:?}");
    pull.check("train").succeeds();
    let told = gitlab.merge_progress(&repo, number(&pull), &task).await;
    assert!(matches!(told, Ok(Merging::Merged { .. })), "{told:?}");
}
