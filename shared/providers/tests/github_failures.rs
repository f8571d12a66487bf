//! The client when the fake GitHub refuses, fails or hangs up.

mod fake;

use ampel_domain::secret::Secret;
use ampel_providers::ProviderError;
use ampel_testkit::github::{FakeGithub, FaultKind, Matcher};
use fake::{client, rules};

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_registered_once_whatever_happens_to_the_answer() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let url = "https://ampel.example/webhooks/github/h";
    let secret = Secret::new("first".to_owned());
    hub.fail_next(Matcher::path("/hooks").method("POST"), FaultKind::Hangup, 1);
    let lost = github
        .register_webhook(&repo, url, &secret)
        .await
        .unwrap_err();
    assert!(matches!(lost, ProviderError::Unavailable { .. }), "{lost}");
    assert_eq!(
        hub.count_calls("POST", "/hooks"),
        1,
        "what is not safe is not repeated"
    );
    let found = github.find_webhook(&repo, url).await.unwrap();
    let id = github.register_webhook(&repo, url, &secret).await.unwrap();
    assert_eq!(found.map(|webhook| webhook.registration), Some(id.clone()));
    let other = github.find_webhook(&repo, "https://ampel.example/").await;
    assert_eq!(other.unwrap(), None);
    assert_eq!(story.hooks(), 1);
    let next = Secret::new("second".to_owned());
    github.update_webhook(&repo, &id, url, &next).await.unwrap();
    assert_eq!(story.hooks(), 1);
    github.delete_webhook(&repo, &id).await.unwrap();
    github.delete_webhook(&repo, &id).await.unwrap();
    assert_eq!(story.hooks(), 0);
    let gone = github.update_webhook(&repo, &id, url, &next).await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_manage_hooks_says_what_it_needs() {
    let hub = FakeGithub::start().await.unwrap();
    hub.repository("acme/web").member("ada").reader("grace");
    for token in [
        hub.token("grace"),
        hub.token_with_scopes("ada", &["public_repo"]),
    ] {
        let github = client(&hub, &token);
        let repo = github.repository("acme", "web").await.unwrap();
        let secret = Secret::new("s".to_owned());
        let refused = github
            .register_webhook(&repo, "https://a.example/", &secret)
            .await;
        let error = refused.unwrap_err();
        assert!(matches!(error, ProviderError::Permission { .. }), "{error}");
        assert!(error.user_message().contains("admin:repo_hook"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_stays_is_told() {
    let hub = FakeGithub::start().await.unwrap();
    let story = hub.repository("acme/web");
    story.member("ada");
    story.open_pull_request("One").by("ada").create();
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    hub.take_calls();
    hub.fail_next(Matcher::any(), FaultKind::Status(502), 2);
    github.repository("acme", "web").await.unwrap();
    assert_eq!(hub.take_calls().len(), 3);
    hub.fail_next(Matcher::any(), FaultKind::Hangup, 1);
    github.validate_credentials().await.unwrap();
    hub.fail_next(Matcher::any(), FaultKind::Status(503), 3);
    let down = github.repository("acme", "web").await.unwrap_err();
    assert!(matches!(down, ProviderError::Unavailable { .. }) && down.is_retryable());
    hub.heal();
    hub.take_calls();
    hub.fail_next(Matcher::path("/graphql"), FaultKind::Status(504), 1);
    github.open_pull_requests(&repo, None).await.unwrap();
    let asked: Vec<u64> = hub
        .take_calls()
        .iter()
        .map(|call| call.body["variables"]["first"].as_u64().unwrap())
        .collect();
    assert_eq!(
        asked,
        [50, 20],
        "what was too much is asked for in smaller pages"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_and_not_knocked_against() {
    let hub = FakeGithub::start().await.unwrap();
    hub.repository("acme/web").member("ada");
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    for (fault, at_least) in [
        (FaultKind::SecondaryLimit { retry_after: 30 }, 25),
        (FaultKind::TooManyRequests { retry_after: 40 }, 35),
        (FaultKind::PrimaryLimit { reset_in: 600 }, 0),
    ] {
        hub.take_calls();
        hub.fail_next(Matcher::any(), fault.clone(), 1);
        let error = github.fingerprints(&repo).await.unwrap_err();
        let ProviderError::RateLimited { until, .. } = error else {
            panic!("{fault:?}: {error}");
        };
        let wait = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!(wait >= at_least, "{fault:?}: {wait}");
        assert_eq!(hub.take_calls().len(), 1);
    }
    hub.fail_next(Matcher::any(), FaultKind::Unauthorized, 1);
    let refused = github.fingerprints(&repo).await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_is_refused_before_anything_is_sent() {
    let hub = FakeGithub::start().await.unwrap();
    let token = hub.token("ada");
    let refused = fake::client_with(
        ampel_domain::instance::AddressRules::default(),
        &hub,
        &token,
    );
    let Err(error) = refused else { panic!("taken") };
    assert!(matches!(error, ProviderError::RefusedUrl(_)), "{error}");
    assert!(fake::client_with(rules(), &hub, &token).is_ok());
    assert!(hub.calls().is_empty());
}
