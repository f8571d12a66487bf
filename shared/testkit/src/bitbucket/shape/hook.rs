//! Webhooks and branch restrictions, as the API shows them.

use serde_json::{Value, json};

use super::commit::api;
use super::{escaped, link, repo_short};
use crate::bitbucket::model::{Hook, Repo, Restriction};
use crate::bitbucket::world::Site;

/// A webhook. Its secret is never shown, only whether there is one.
pub(in crate::bitbucket) fn hook(site: &Site, repo: &Repo, hook: &Hook) -> Value {
    let path = format!("hooks/{}", escaped(&hook.uuid));
    let created = hook.created_at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ");
    json!({
        "uuid": hook.uuid,
        "type": "webhook_subscription",
        "description": hook.description,
        "url": hook.url,
        "active": hook.active,
        "events": hook.events,
        "secret_set": hook.secret.is_some(),
        "created_at": created.to_string(),
        "subject": repo_short(site, repo),
        "links": { "self": link(api(site, repo, &path)) },
        "skip_cert_verification": false,
        "history_enabled": false,
        "source": null,
        "read_only": null,
    })
}

/// A branch restriction.
pub(in crate::bitbucket) fn restriction(site: &Site, repo: &Repo, rule: &Restriction) -> Value {
    let path = format!("branch-restrictions/{}", rule.id);
    json!({
        "id": rule.id,
        "type": "branchrestriction",
        "kind": rule.kind.as_str(),
        "branch_match_kind": "glob",
        "pattern": rule.pattern,
        "value": rule.value,
        "users": [],
        "groups": [],
        "links": { "self": link(api(site, repo, &path)) },
    })
}
