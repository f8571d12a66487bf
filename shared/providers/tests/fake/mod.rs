//! Clients of the fake GitHub, and what its webhooks say.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

use std::sync::Arc;

use ampel_domain::{
    facts::CheckReport,
    ids::PullRequestNumber,
    instance::AddressRules,
    provider::Provider,
    pulls::{ProviderEvent, PullRequestReport, PullRequestSnapshot, ReviewReport},
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{
    GitProvider, ProviderError, Providers,
    pacing::Unpaced,
    webhook::{self, Parsed},
};
use ampel_testkit::github::{FakeGithub, PullStory};
use http::HeaderMap;
use jiff::Timestamp;

pub fn rules() -> AddressRules {
    AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    }
}

pub fn client_with(
    guarded: AddressRules,
    hub: &FakeGithub,
    token: &str,
) -> Result<Box<dyn GitProvider>, ProviderError> {
    let instance = rules().check_instance(&hub.url()).unwrap();
    let token = Secret::new(token.to_owned());
    Providers::new(guarded)?.client(Provider::Github, &instance, token, Arc::new(Unpaced))
}

pub fn client(hub: &FakeGithub, token: &str) -> Box<dyn GitProvider> {
    client_with(rules(), hub, token).unwrap()
}

pub fn number(pull: &PullStory) -> PullRequestNumber {
    u32::try_from(pull.number()).unwrap().try_into().unwrap()
}

/// The pull request as a snapshot shows it.
pub async fn see(
    github: &dyn GitProvider,
    repo: &RepositoryFacts,
    pull: &PullStory,
) -> PullRequestSnapshot {
    let read = github.pull_request(repo, number(pull)).await.unwrap();
    read.of.unwrap()
}

/// The last word of each kind.
#[derive(Default)]
pub struct Heard {
    pub report: Option<PullRequestReport>,
    pub review: Option<ReviewReport>,
    pub check: Option<CheckReport>,
}

/// What the webhooks that are under way say, the last word of each kind.
pub fn heard(hub: &FakeGithub) -> Heard {
    let mut heard = Heard::default();
    events(hub).into_iter().for_each(|event| heard.take(event));
    heard
}

/// The events of the webhooks that are under way, in their order.
pub fn events(hub: &FakeGithub) -> Vec<ProviderEvent> {
    let secret = Secret::new(b"secret".to_vec());
    let mut events = Vec::new();
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
        let verified = webhook::verify(Provider::Github, &headers, body, &[&secret], now).unwrap();
        match webhook::parse(&verified).unwrap() {
            Parsed::Ignored { .. } => {}
            Parsed::Event { event, .. } => events.push(event),
            Parsed::Several { events: all, .. } => events.extend(all),
        }
    }
    events
}

impl Heard {
    fn take(&mut self, event: ProviderEvent) {
        match event {
            ProviderEvent::PullRequestSeen { report, .. } => self.report = Some(*report),
            ProviderEvent::ReviewSeen { review, .. } => self.review = Some(*review),
            ProviderEvent::CheckSeen { check, .. } => self.check = Some(*check),
            ProviderEvent::ReviewsHinted { .. }
            | ProviderEvent::PullRequestHinted { .. }
            | ProviderEvent::CommentsSeen { .. }
            | ProviderEvent::ChecksHinted { .. }
            | ProviderEvent::BranchMoved { .. }
            | ProviderEvent::RepositoryChanged => {}
        }
    }
}
