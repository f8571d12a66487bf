//! What a provider brings: its world, and how that answers.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::Clock;
use super::delivery::Delivery;
use super::faults::FaultKind;
use super::http::{Request, Response, decoded};

/// Why something cannot be done to a fake world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is no such thing.
    #[error("there is no {0}")]
    Missing(String),
    /// The provider would refuse it.
    #[error("{0}")]
    Refused(String),
}

impl Problem {
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing(what.into())
    }

    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// The whole state of a fake provider, and its side of the conversation. Everything around it
/// (server, courier, faults, record, handle) is [`Fake`](super::Fake)'s.
pub trait FakeWorld: Send + Sized + 'static {
    /// The provider's name. Calls that came over the network are recorded in the file that
    /// `AMPEL_<NAME>_REQUESTS` names, if that is set.
    const NAME: &'static str;

    /// How long the provider waits for the receiver of a webhook.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// A new, empty world at the provider's public address.
    fn empty() -> Self;

    /// The clock.
    fn clock(&mut self) -> &mut Clock;

    /// The present.
    fn now(&self) -> Timestamp;

    /// Where people find it: what a person types as `instanceUrl`.
    fn url(&self) -> String;

    /// Begins every link with this address from now on, such as `http://127.0.0.1:4000`.
    fn set_site(&mut self, base_url: &str);

    /// The deliveries made by changes since the last time.
    fn drain_outbox(&mut self) -> Vec<Delivery>;

    /// Answers a call.
    fn answer(&mut self, request: &Request) -> Response;

    /// The refusal a fault stands for, in the provider's own words and headers. The kinds that end
    /// in the right answer, or in none, never come here.
    fn refuse(&mut self, request: &Request, kind: &FaultKind) -> Response;

    /// Notes what a receiver answered; 0 if it did not. May send the delivery again.
    fn note_answer(&mut self, delivery: &Delivery, status: u16);

    /// The header a token goes in: name in lower case, and value.
    fn credentials(token: &str) -> (String, String);

    /// The path a call is known by: without the root of the API, percent-decoded. `raw` is the path
    /// as it was sent.
    fn local_path(raw: &str) -> String {
        decoded(raw)
    }

    /// Name of the GraphQL operation a call asks for, for records and faults.
    fn operation(_request: &Request) -> Option<String> {
        None
    }

    /// A plain HTML page for a link out of the product; the path as [`Self::local_path`] gives it.
    fn page(&self, _path: &str) -> Option<String> {
        None
    }

    /// Everything worth printing, for the control API.
    fn overview(&self) -> Value {
        json!({})
    }

    /// Does one thing the control API was told (`verb`, `repo`, `number`...) and tells it in a
    /// sentence.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be done.
    fn obey(&mut self, _order: &Value) -> Result<String, Problem> {
        Err(Problem::refused("this world takes no orders"))
    }
}
