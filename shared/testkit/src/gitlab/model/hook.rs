//! Webhooks and what was sent through them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fake::Delivery;

/// A webhook of a project, or a system hook of the whole instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// Numeric id.
    pub id: u64,
    /// `X-Gitlab-Webhook-UUID`: names the hook, not the event.
    pub uuid: String,
    /// Where deliveries go.
    pub url: String,
    /// Sent in clear as `X-Gitlab-Token`.
    pub token: Option<String>,
    /// `whsec_` and the key in base64: signs deliveries.
    pub signing_token: Option<String>,
    /// Flags that are on, such as `merge_requests_events`.
    pub events: BTreeSet<String>,
    /// Given up for good.
    pub disabled: bool,
    /// Nothing is sent until then.
    pub disabled_until: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// What was sent, oldest first; not kept over restarts.
    #[serde(skip)]
    pub sent: Vec<Sent>,
}

impl Hook {
    /// Whether anything is sent at `now`.
    pub fn is_executable(&self, now: Timestamp) -> bool {
        !self.disabled && self.disabled_until.is_none_or(|end| end <= now)
    }

    /// GitLab's word in `alert_status`.
    pub fn alert_status(&self, now: Timestamp) -> &'static str {
        if self.disabled {
            "disabled"
        } else if self.is_executable(now) {
            "executable"
        } else {
            "temporarily_disabled"
        }
    }
}

/// A delivery as the hook's list of events shows it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What was sent.
    pub delivery: Delivery,
    /// When it was sent.
    pub at: Timestamp,
    /// The receiver's status; 0 if none came.
    pub status: u16,
}
