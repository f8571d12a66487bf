//! Webhooks of a repository.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A webhook of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// Our own number of it.
    pub id: u64,
    /// In braces.
    pub uuid: String,
    /// What its maker wrote about it.
    pub description: String,
    /// Where deliveries go.
    pub url: String,
    /// Signs them; without one they carry no signature.
    pub secret: Option<String>,
    /// Subscribed events, such as `pullrequest:created`.
    pub events: Vec<String>,
    /// Sends only while this is true.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Deliveries that were larger than Bitbucket sends: nobody is told of them.
    pub dropped: u64,
}

impl Hook {
    /// Whether it gets `event`.
    pub fn wants(&self, event: &str) -> bool {
        self.active && self.events.iter().any(|own| own == event)
    }
}
