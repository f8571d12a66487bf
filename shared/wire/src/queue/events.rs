//! `events.fifo`: what happened at a provider.

use ampel_domain::{
    ids::{HookId, OrganizationId, RepositoryId},
    pulls::ProviderEvent,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event on its way from a verified delivery to the table.
///
/// Message group: repository and the event's topic. Dedupe id: a hash of hook and delivery id,
/// because GitHub sends one delivery id to every hook that subscribes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventMessage {
    /// The organization the hook belongs to.
    pub organization_id: OrganizationId,
    /// The repository the hook belongs to.
    pub repository_id: RepositoryId,
    /// The hook it was delivered to.
    pub hook_id: HookId,
    /// The provider's id of the delivery, cut at 128 characters. Says nothing about order.
    pub delivery_id: String,
    /// When we got it, by our clock: for latency metrics, and for when a branch moved where the
    /// provider does not say.
    pub received_at: Timestamp,
    /// What happened.
    pub event: ProviderEvent,
}

impl EventMessage {
    /// The message group: at most 128 characters of those SQS allows.
    #[must_use]
    pub fn group_id(&self) -> String {
        let topic: String = self
            .event
            .topic()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .take(80)
            .collect();
        format!(
            "{}-{topic}",
            self.repository_id.to_string().replace('-', "")
        )
    }
}
