//! GitLab's JSON: what REST answers and webhooks carry, key by key.

mod hook;
mod pipeline;
mod project;
mod pull;
mod pull_event;
mod repository;
mod time;
mod user;

pub(in crate::gitlab) use hook::FLAGS;
pub use hook::{hook_event, rest_hook};
pub use pipeline::{hook_builds, hook_pipeline, rest_pipeline, rest_pipeline_item, rest_status};
pub use project::{
    hook_project, hook_project_in_pipeline, hook_repository, http_url, rest_project, ssh_url,
};
pub use pull::{pull_url, rest_approvals, rest_pull, rest_pull_item};
pub use pull_event::{hook_labels, hook_pull, hook_pull_in_pipeline, hook_reviewers};
pub use repository::{
    hook_commit, hook_commit_with_files, rest_branch, rest_commit, rest_compare,
    rest_protected_branch,
};
pub use time::{graphql_time, hook_time, rest_time};
pub use user::{avatar, hook_user, rest_user, rest_user_self, token_self};

use serde_json::Value;

use super::world::World;

/// The short form of whoever has a login; null for nobody.
pub(super) fn user_of(world: &World, login: &str) -> Value {
    world
        .user(login)
        .map_or(Value::Null, |user| rest_user(&world.site, user))
}
