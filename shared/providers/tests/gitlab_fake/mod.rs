//! Clients of the fake GitLab, and what its webhooks say.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the way tests do"
)]

use std::sync::Arc;

use ampel_domain::{
    ids::PullRequestNumber,
    instance::AddressRules,
    provider::Provider,
    pulls::{ProviderEvent, PullRequestSnapshot},
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{
    GitProvider, Providers,
    pacing::Unpaced,
    webhook::{self, Parsed},
};
use ampel_testkit::{
    fake::Delivery,
    gitlab::{FakeGitlab, PullStory, RepoStory},
};
use http::HeaderMap;
use jiff::Timestamp;

pub const HOOK: &str = "https://ampel.example/webhooks/gitlab/h1";

pub fn client(hub: &FakeGitlab, token: &str) -> Box<dyn GitProvider> {
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let instance = rules.check_instance(&hub.url()).unwrap();
    let token = Secret::new(token.to_owned());
    Providers::new(rules)
        .unwrap()
        .client(Provider::Gitlab, &instance, token, Arc::new(Unpaced))
        .unwrap()
}

/// A GitLab that knows at once what conflicts, a project that ada maintains, and her client.
pub async fn world() -> (FakeGitlab, RepoStory, Box<dyn GitProvider>, RepositoryFacts) {
    let hub = FakeGitlab::start().await.unwrap();
    hub.checked_after(0);
    hub.hold_deliveries();
    let story = hub.repository("acme/tools/web");
    story.member("ada");
    let gitlab = client(&hub, &hub.token("ada"));
    let repo = gitlab.repository("acme/tools", "web").await.unwrap();
    hub.take_calls();
    (hub, story, gitlab, repo)
}

pub fn number(pull: &PullStory) -> PullRequestNumber {
    u32::try_from(pull.number()).unwrap().try_into().unwrap()
}

/// The merge request as a snapshot shows it.
pub async fn see(
    gitlab: &dyn GitProvider,
    repo: &RepositoryFacts,
    pull: &PullStory,
) -> PullRequestSnapshot {
    let read = gitlab.pull_request(repo, number(pull)).await.unwrap();
    read.of.unwrap()
}

/// When a delivery was sent, by its own header.
pub fn sent_at(delivery: &Delivery) -> Timestamp {
    let mut headers = delivery.headers.iter();
    let (_, seconds) = headers
        .find(|(name, _)| name == "webhook-timestamp")
        .unwrap();
    Timestamp::from_second(seconds.parse().unwrap()).unwrap()
}

/// What a delivery says, verified with this secret.
pub fn heard(delivery: &Delivery, secret: &str) -> Option<ProviderEvent> {
    let mut headers = HeaderMap::new();
    for (name, value) in &delivery.headers {
        headers.insert(
            http::HeaderName::try_from(name.as_str()).unwrap(),
            value.parse().unwrap(),
        );
    }
    let secret = Secret::new(secret.as_bytes().to_vec());
    let (body, now) = (delivery.body.as_bytes(), sent_at(delivery));
    let verified = webhook::verify(Provider::Gitlab, &headers, body, &[&secret], now).unwrap();
    match webhook::parse(&verified).unwrap() {
        Parsed::Ignored { .. } => None,
        Parsed::Event { event, .. } => Some(event),
        Parsed::Several { .. } => panic!("GitLab tells one thing at a time"),
    }
}
