//! `hook-stamps`: what was seen of a hook's deliveries, at most one message per hook, container
//! and minute.

use ampel_domain::{hooks::RefusalReason, ids::HookId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was seen of a hook's deliveries since the last message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookStampMessage {
    /// The hook.
    pub hook_id: HookId,
    /// The last genuine delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// The last one that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
    /// Why it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_because: Option<RefusalReason>,
    /// A genuine delivery was signed with the secret in force since this rotation: it starts the
    /// grace of the secret before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_secret_of: Option<Timestamp>,
}
