//! Deliveries by senders who know the secret.

use std::collections::BTreeSet;

use ampel_domain::{provider::Provider, pulls::ProviderEvent, secret::Secret};
use ampel_providers::webhook::{self, ParseError, Parsed};
use ampel_testkit::signing::Unsigned;
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;

/// All providers.
pub const PROVIDERS: [Provider; 4] = [
    Provider::Github,
    Provider::Gitlab,
    Provider::Bitbucket,
    Provider::Gitea,
];
/// The secret that tests sign with.
pub const SECRET: &str = "a secret of the tests";
/// When deliveries are sent, where a provider says it.
pub const SENT_AT: i64 = 1_767_603_601;
/// The id of all deliveries.
pub const DELIVERY: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/// What became of a delivery.
pub type Outcome = Result<Parsed, ParseError>;

pub fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::try_from(*name).unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

pub fn secret(text: &str) -> Secret<Vec<u8>> {
    Secret::new(text.as_bytes().to_vec())
}

/// The headers of a genuine delivery.
pub fn signed(provider: Provider, event: &str, body: &[u8]) -> HeaderMap {
    let unsigned = Unsigned {
        provider,
        event,
        id: DELIVERY,
        body,
    };
    let pairs = unsigned.sign(SECRET, sent_at());
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    headers(&pairs)
}

/// Signs, verifies and parses a body, as a delivery of this event.
pub fn deliver(provider: Provider, event: &str, body: &[u8]) -> Outcome {
    receive(provider, &signed(provider, event, body), body)
}

/// The same with a content type.
pub fn deliver_as(provider: Provider, content_type: &str, event: &str, body: &[u8]) -> Outcome {
    let mut headers = signed(provider, event, body);
    headers.insert("content-type", content_type.parse().unwrap());
    receive(provider, &headers, body)
}

fn receive(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Outcome {
    let secret = secret(SECRET);
    let verified = webhook::verify(provider, headers, body, &[&secret], sent_at()).unwrap();
    webhook::parse(&verified)
}

fn sent_at() -> Timestamp {
    Timestamp::from_second(SENT_AT).unwrap()
}

/// What a delivery gave, where it gave something: the repository and the events.
pub fn events(outcome: &Outcome) -> Option<(String, Vec<ProviderEvent>)> {
    match outcome {
        Ok(Parsed::Event { repository, event }) => {
            Some((repository.0.clone(), vec![event.clone()]))
        }
        Ok(Parsed::Several { repository, events }) => Some((repository.0.clone(), events.clone())),
        Ok(Parsed::Ignored { .. }) | Err(_) => None,
    }
}

/// The own event's word for what a delivery gave; several events of one delivery are of one kind.
pub fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(Parsed::Event { event, .. }) => event.kind(),
        Ok(Parsed::Several { events, .. }) => {
            let kinds: BTreeSet<&str> = events.iter().map(ProviderEvent::kind).collect();
            assert_eq!(kinds.len(), 1, "{kinds:?}");
            kinds.into_iter().next().unwrap_or_default()
        }
        Ok(Parsed::Ignored { .. }) => "ignored",
        Err(ParseError::Unusable { .. }) => "unusable",
        Err(ParseError::NotJson) => "not JSON",
    }
}
