//! Webhooks and what was sent through them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A webhook of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// Numeric id.
    pub id: u64,
    /// Where deliveries go.
    pub url: String,
    /// Signs them; without one they carry no signature.
    pub secret: Option<String>,
    /// Subscribed events; `*` means all.
    pub events: Vec<String>,
    /// Sends only while this is true.
    pub active: bool,
    /// `json` or `form`.
    pub content_type: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// What was sent, oldest first; not kept over restarts.
    #[serde(skip)]
    pub deliveries: Vec<DeliveryRecord>,
}

impl Hook {
    /// Whether it gets `event`. Everybody gets the ping.
    pub fn wants(&self, event: &str) -> bool {
        event == "ping" || self.events.iter().any(|own| own == "*" || own == event)
    }
}

/// One signed webhook request, ready to send.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// Numeric id of this attempt.
    pub id: u64,
    /// `X-GitHub-Delivery`: the event's id, the same for every hook and redelivery.
    pub guid: String,
    /// The repository it is about.
    pub repo: u64,
    /// The hook it goes through.
    pub hook: u64,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The body's `action`, where the event has one.
    pub action: Option<String>,
    /// Where it goes.
    pub url: String,
    /// All request headers, signature included.
    pub headers: Vec<(String, String)>,
    /// The exact bytes that were signed.
    pub body: String,
}

impl Delivery {
    /// A header's value; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if the hook sends forms.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or(serde_json::Value::Null)
    }
}

/// A delivery as the hook's list of deliveries shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// What was sent.
    pub delivery: Delivery,
    /// When it was sent.
    pub at: Timestamp,
    /// Sent again on request.
    pub redelivery: bool,
    /// The receiver's status; 0 while none came.
    pub status_code: u16,
}
