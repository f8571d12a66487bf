//! Webhooks at the fake GitHub: trying them, and what was sent.

mod fake;

use ampel_domain::{hooks::WebhookTest, pulls::ProviderEvent, secret::Secret};
use ampel_providers::ProviderError;
use ampel_testkit::github::{FakeGithub, RepoStory};
use fake::{client, events};

const HOOK: &str = "https://ampel.example/webhooks/github/h";

fn story(hub: &FakeGithub) -> RepoStory {
    let story = hub.repository("acme/web");
    story.member("ada");
    story
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_tried_and_its_deliveries_are_listed() {
    let hub = FakeGithub::start().await.unwrap();
    let story = story(&hub);
    hub.route_deliveries("https://ampel.example", "http://127.0.0.1:9");
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let secret = Secret::new("secret".to_owned());
    let id = github.register_webhook(&repo, HOOK, &secret).await.unwrap();
    hub.deliveries_done().await;
    let shown = github.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert!(shown.is_active && shown.is_complete);
    story.open_pull_request("One").by("ada").create();
    let tried = github.test_webhook(&repo, &id).await.unwrap();
    assert_eq!(tried, WebhookTest::Sent);
    hub.deliveries_done().await;
    let listed = github
        .webhook_deliveries(&repo, &id)
        .await
        .unwrap()
        .unwrap();
    let events: Vec<&str> = listed.iter().map(|one| one.event.as_str()).collect();
    assert_eq!(events.first(), Some(&"ping"), "the newest first");
    assert!(events.contains(&"pull_request"));
    // Nobody listens there.
    assert!(listed.iter().all(|one| one.status.is_none()));
    github.delete_webhook(&repo, &id).await.unwrap();
    let gone = github.test_webhook(&repo, &id).await.unwrap_err();
    assert_eq!(gone, ProviderError::NotFound);
    let gone = github.webhook_deliveries(&repo, &id).await.unwrap_err();
    assert_eq!(gone, ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_from_before_an_event_was_used_is_not_complete() {
    let hub = FakeGithub::start().await.unwrap();
    story(&hub).hook(HOOK, "secret");
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    let shown = github.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert!(shown.is_complete);
    let path = format!("/repos/acme/web/hooks/{}", shown.registration);
    let fewer = r#"{"remove_events":["issue_comment"]}"#;
    let token = hub.token("ada");
    hub.send(&token, "PATCH", &path, fewer).unwrap();
    let shown = github.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert!(shown.is_active && !shown.is_complete);
    let secret = Secret::new("secret".to_owned());
    let registration = &shown.registration;
    github
        .update_webhook(&repo, registration, HOOK, &secret)
        .await
        .unwrap();
    let shown = github.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert!(shown.is_complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_pull_request_and_what_becomes_of_a_repository_is_heard() {
    let hub = FakeGithub::start().await.unwrap();
    let story = story(&hub);
    story.hook(HOOK, "secret");
    hub.hold_deliveries();
    let pull = story.open_pull_request("One").by("ada").create();
    events(&hub);
    let comment = pull.say("grace", "Why?");
    let at = pull.data().updated_at;
    let number = fake::number(&pull);
    let hinted = |at| ProviderEvent::PullRequestHinted { number, at };
    assert_eq!(events(&hub), [hinted(at)]);
    pull.unsay("grace", comment);
    let later = pull.data().updated_at;
    assert!(later > at);
    assert_eq!(events(&hub), [hinted(later)]);
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    pull.say("grace", "Because.");
    let seen = fake::see(&*github, &repo, &pull).await;
    assert_eq!(seen.report.comments, Some(1));
    events(&hub);
    story.rename("site");
    story.transfer("grace");
    story.archive().unarchive();
    story.private().public();
    story.delete();
    let heard = events(&hub);
    assert_eq!(heard.len(), 7);
    let is_change = |event: &ProviderEvent| *event == ProviderEvent::RepositoryChanged;
    assert!(heard.iter().all(is_change), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_those_of_the_repository_that_had_the_name_first() {
    let hub = FakeGithub::start().await.unwrap();
    let had_it = story(&hub);
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    had_it.rename("site");
    let has_it = story(&hub);
    let secret = Secret::new("secret".to_owned());
    let id = github.register_webhook(&repo, HOOK, &secret).await.unwrap();
    assert_eq!((had_it.hooks(), has_it.hooks()), (1, 0));
    has_it.hook(HOOK, "theirs");
    let found = github.find_webhook(&repo, HOOK).await.unwrap().unwrap();
    assert_eq!(found.registration, id);
    let next = Secret::new("second".to_owned());
    github
        .update_webhook(&repo, &id, HOOK, &next)
        .await
        .unwrap();
    github.delete_webhook(&repo, &id).await.unwrap();
    assert_eq!((had_it.hooks(), has_it.hooks()), (0, 1));
    had_it.delete();
    let gone = github.register_webhook(&repo, HOOK, &secret).await;
    assert_eq!(gone.unwrap_err(), ProviderError::NotFound);
    assert_eq!(has_it.hooks(), 1);
}
