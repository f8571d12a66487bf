//! Webhooks as the API shows them. A secret is never shown.

use serde_json::{Value, json};

use super::time;
use crate::gitea::model::Hook;

/// What the hook routes answer.
pub fn hook(hook: &Hook) -> Value {
    json!({
        "id": hook.id,
        "type": hook.kind,
        "branch_filter": "",
        "config": { "content_type": hook.content_type, "url": hook.url },
        "events": hook.events,
        "authorization_header": hook.authorization_header,
        "active": hook.active,
        "updated_at": time(hook.updated_at),
        "created_at": time(hook.created_at),
    })
}
