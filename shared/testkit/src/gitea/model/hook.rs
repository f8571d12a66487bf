//! Webhooks.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A webhook of a repository. Nothing is resent, and failures never switch it off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// Numeric id.
    pub id: u64,
    /// `gitea`, `gogs`, or on Forgejo `forgejo`.
    pub kind: String,
    /// Where deliveries go.
    pub url: String,
    /// Signs them; without one the signature headers are there and empty.
    pub secret: Option<String>,
    /// `json` or `form`.
    pub content_type: String,
    /// The fine names of events, such as `pull_request_sync`.
    pub events: BTreeSet<String>,
    /// Sent as `Authorization`.
    pub authorization_header: String,
    /// Sends only while this is true.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// What the receiver of the newest delivery answered; 0 if it did not.
    pub last_status: Option<u16>,
}
