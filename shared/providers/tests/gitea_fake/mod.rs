//! Clients of the fake Gitea, and what its webhooks say.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

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
use ampel_testkit::gitea::{FakeGitea, PullStory};
use http::HeaderMap;
use jiff::Timestamp;

/// What hooks of the tests sign with.
pub const SECRET: &str = "secret";

pub fn client(hub: &FakeGitea, token: &str) -> Box<dyn GitProvider> {
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let instance = rules.check_instance(&hub.url()).unwrap();
    let token = Secret::new(token.to_owned());
    Providers::new(rules)
        .unwrap()
        .client(Provider::Gitea, &instance, token, Arc::new(Unpaced))
        .unwrap()
}

/// A fake with the repository `acme/web`, whose admin is ada, and her client.
pub async fn with_web() -> (FakeGitea, Box<dyn GitProvider>, RepositoryFacts) {
    let hub = FakeGitea::start().await.unwrap();
    hub.repository("acme/web").member("ada");
    let gitea = client(&hub, &hub.token("ada"));
    let repo = gitea.repository("acme", "web").await.unwrap();
    (hub, gitea, repo)
}

pub fn number(pull: &PullStory) -> PullRequestNumber {
    u32::try_from(pull.number()).unwrap().try_into().unwrap()
}

/// The pull request as a snapshot shows it.
pub async fn see(
    gitea: &dyn GitProvider,
    repo: &RepositoryFacts,
    pull: &PullStory,
) -> PullRequestSnapshot {
    let read = gitea.pull_request(repo, number(pull)).await.unwrap();
    read.of.unwrap()
}

/// What the webhooks that are under way say, in their order.
pub fn heard(hub: &FakeGitea) -> Vec<ProviderEvent> {
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let mut heard = Vec::new();
    for delivery in hub.take_deliveries() {
        let mut headers = HeaderMap::new();
        for (name, value) in &delivery.headers {
            headers.insert(
                http::HeaderName::try_from(name.as_str()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let body = delivery.body.as_bytes();
        let now = Timestamp::UNIX_EPOCH;
        let verified = webhook::verify(Provider::Gitea, &headers, body, &[&secret], now).unwrap();
        match webhook::parse(&verified).unwrap() {
            Parsed::Ignored { .. } => {}
            Parsed::Event { event, .. } => heard.push(event),
            Parsed::Several { events, .. } => heard.extend(events),
        }
    }
    heard
}
