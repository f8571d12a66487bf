//! A webhook on its way.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One signed webhook request, ready to send.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// Numeric id of this attempt.
    pub id: u64,
    /// The id the provider sends in a header.
    pub guid: String,
    /// The repository it is about.
    pub repo: u64,
    /// The hook it goes through.
    pub hook: u64,
    /// The event's name, as the provider's event header writes it.
    pub event: String,
    /// The body's action, where the event has one.
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
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}
