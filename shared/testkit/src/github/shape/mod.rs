//! GitHub's JSON: what REST answers and webhooks carry, key by key.

mod actions;
mod check;
mod comment;
mod commit;
mod hook;
mod pull;
mod repository;
mod review;
mod user;

use serde_json::Value;

pub use actions::{job, workflow_run};
pub use check::{check_run, rest_check_suite, webhook_check_run, webhook_check_suite};
pub use comment::{comment, issue_of};
pub use commit::{
    branch_list_item, combined_status, commit_full, compare_url, compared, push_commit,
    rest_status, status_event,
};
pub use hook::{delivery_detail, delivery_item, hook_in_ping, rest_hook};
pub use pull::{label, pull_in_event, pull_in_review_event, rest_pull, rest_pull_item};
pub use repository::{branch, repo_in_event, rest_repo, rest_repo_item, rules_for_branch};
pub use review::{rest_review, webhook_review};
pub use user::{email_of, organization, owner_in_push, private_user, simple_user, team};

use super::world::World;
pub(super) use crate::fake::merge;

/// An opaque GraphQL id: a prefix for the type, then the numeric id.
pub fn node_id(prefix: &str, id: u64) -> String {
    use base64::Engine;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("{prefix}_{}", engine.encode(id.to_be_bytes()))
}

/// The numeric id inside an opaque id of this type.
pub fn number_in(prefix: &str, node_id: &str) -> Option<u64> {
    use base64::Engine;
    let encoded = node_id.strip_prefix(prefix)?.strip_prefix('_')?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(encoded)
        .ok()?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// The public form of whoever has a login; null for nobody.
pub(super) fn user_of(world: &World, login: &str) -> Value {
    world
        .user(login)
        .map_or(Value::Null, |user| simple_user(&world.site, user))
}
