//! Clients of the fake Bitbucket, and what its webhooks say.
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
    facts::CheckReport,
    ids::PullRequestNumber,
    instance::AddressRules,
    merging::{Merge, Merging, Strategy},
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
use ampel_testkit::bitbucket::{FakeBitbucket, PullStory};
use http::HeaderMap;
use jiff::Timestamp;

/// A client with this text as the account's token.
pub fn client_with(cloud: &FakeBitbucket, token: &str) -> Box<dyn GitProvider> {
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let instance = rules.check_instance(&cloud.url()).unwrap();
    let token = Secret::new(token.to_owned());
    Providers::new(rules)
        .unwrap()
        .client(Provider::Bitbucket, &instance, token, Arc::new(Unpaced))
        .unwrap()
}

/// A client with an API token of this person.
pub fn client(cloud: &FakeBitbucket, login: &str, token: &str) -> Box<dyn GitProvider> {
    client_with(cloud, &format!("{}:{token}", cloud.email(login)))
}

/// A client that may do everything.
pub fn ada(cloud: &FakeBitbucket) -> Box<dyn GitProvider> {
    client(cloud, "ada", &cloud.token("ada"))
}

pub fn number(pull: &PullStory) -> PullRequestNumber {
    u32::try_from(pull.number()).unwrap().try_into().unwrap()
}

/// The pull request as a snapshot shows it.
pub async fn see(
    bitbucket: &dyn GitProvider,
    repo: &RepositoryFacts,
    pull: &PullStory,
) -> PullRequestSnapshot {
    let read = bitbucket.pull_request(repo, number(pull)).await.unwrap();
    read.of.unwrap()
}

/// A merge of the head that the pull request has now.
pub fn merge_of(pull: &PullStory, strategy: Strategy) -> Merge {
    Merge {
        head: pull.short_head().parse().unwrap(),
        strategy,
        title: Some("One title".to_owned()),
        message: Some("and why".to_owned()),
        delete_branch: false,
    }
}

/// Merges and asks how it ended until it did.
pub async fn merged(
    bitbucket: &dyn GitProvider,
    repo: &RepositoryFacts,
    pull: &PullStory,
    merge: &Merge,
) -> Result<Merging, ProviderError> {
    let mut state = bitbucket.merge(repo, number(pull), merge).await?;
    for _ask in 0..10 {
        let Merging::Accepted { task } = state else {
            return Ok(state);
        };
        state = bitbucket.merge_progress(repo, number(pull), &task).await?;
    }
    panic!("a merge without end");
}

/// The last word of each kind, and how many of which.
#[derive(Default)]
pub struct Heard {
    pub report: Option<PullRequestReport>,
    pub review: Option<ReviewReport>,
    pub check: Option<CheckReport>,
    pub kinds: Vec<&'static str>,
}

/// What the webhooks that are under way say, in their order.
pub fn heard(cloud: &FakeBitbucket) -> Heard {
    let secret = Secret::new(b"secret".to_vec());
    let mut heard = Heard::default();
    for delivery in cloud.take_deliveries() {
        let mut headers = HeaderMap::new();
        for (name, value) in &delivery.headers {
            headers.insert(
                http::HeaderName::try_from(name.as_str()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let body = delivery.body.as_bytes();
        let now = Timestamp::UNIX_EPOCH;
        let verified =
            webhook::verify(Provider::Bitbucket, &headers, body, &[&secret], now).unwrap();
        match webhook::parse(&verified).unwrap() {
            Parsed::Ignored { .. } => {}
            Parsed::Event { event, .. } => heard.take(event),
            Parsed::Several { events, .. } => {
                events.into_iter().for_each(|event| heard.take(event));
            }
        }
    }
    heard
}

impl Heard {
    fn take(&mut self, event: ProviderEvent) {
        self.kinds.push(event.kind());
        match event {
            ProviderEvent::PullRequestSeen { report, .. }
            | ProviderEvent::ReviewsHinted { report } => self.report = Some(*report),
            ProviderEvent::ReviewSeen { report, review } => {
                self.report = Some(*report);
                self.review = Some(*review);
            }
            ProviderEvent::CheckSeen { check, .. } => self.check = Some(*check),
            ProviderEvent::PullRequestHinted { .. }
            | ProviderEvent::CommentsSeen { .. }
            | ProviderEvent::ChecksHinted { .. }
            | ProviderEvent::BranchMoved { .. }
            | ProviderEvent::RepositoryChanged => {}
        }
    }
}
