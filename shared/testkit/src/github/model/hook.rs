//! Webhooks and what was sent through them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fake::Delivery;

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
