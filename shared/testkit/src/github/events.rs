//! What every webhook body has in common.

use serde_json::{Value, json};

use super::model::{Repo, User, UserKind};
use super::shape;
use super::world::World;
pub(super) use crate::fake::put;

/// Adds the repository, its organization and the sender.
pub(super) fn complete(world: &World, repo: &Repo, sender: &User, body: &mut Value) {
    let is_push = body.get("pusher").is_some();
    let mut shown = shape::repo_in_event(world, repo);
    let owner = world.user(&repo.owner);
    if is_push {
        // A push is older than the rest of the API: times in seconds, and some keys of its own.
        put(&mut shown, "created_at", json!(repo.created_at.as_second()));
        put(&mut shown, "pushed_at", json!(repo.pushed_at.as_second()));
        put(&mut shown, "stargazers", json!(0));
        put(&mut shown, "master_branch", json!(repo.default_branch));
        if let Some(owner) = owner {
            put(
                &mut shown,
                "owner",
                shape::owner_in_push(&world.site, owner),
            );
        }
    }
    put(body, "repository", shown);
    if let Some(owner) = owner.filter(|owner| owner.kind == UserKind::Organization) {
        put(
            body,
            "organization",
            shape::organization(&world.site, owner),
        );
    }
    put(body, "sender", shape::simple_user(&world.site, sender));
}
