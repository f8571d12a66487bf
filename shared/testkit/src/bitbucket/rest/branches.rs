//! Branches, and what they are restricted to.

use serde_json::json;

use super::Call;
use super::access::may;
use super::answer::{error, not_found, refused};
use super::pages::{LONGEST, page};
use crate::bitbucket::model::{Permission, RestrictionKind, Scope};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::Response;

pub(super) fn route(world: &mut World, call: &Call<'_>, name: &str) -> Response {
    match (call.method(), name) {
        ("GET", "") => list(world, call),
        ("GET", name) => one(world, call, name),
        ("DELETE", name) if !name.is_empty() => delete(world, call, name),
        _ => error(405, "Method not allowed"),
    }
}

fn list(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(world, call, Scope::ReadRepository, Permission::Read) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let items = repo
        .branches
        .iter()
        .map(|(name, sha)| shape::branch(world, repo, name, sha))
        .collect();
    page(world, call.request, items, LONGEST)
}

fn one(world: &World, call: &Call<'_>, name: &str) -> Response {
    if let Err(refusal) = may(world, call, Scope::ReadRepository, Permission::Read) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    match repo.head_of(name) {
        Some(sha) => Response::ok(shape::branch(world, repo, name, sha)),
        None => error(404, &format!("Branch \"{name}\" not found")),
    }
}

fn delete(world: &mut World, call: &Call<'_>, name: &str) -> Response {
    if let Err(refusal) = may(world, call, Scope::WriteRepository, Permission::Write) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    if repo.main_branch == name {
        return error(400, "The main branch cannot be deleted.");
    }
    if repo.restriction(RestrictionKind::Delete, name).is_some() {
        return error(403, "Permission denied to delete branch.");
    }
    match world.delete_branch(call.repo, name, &call.caller.login) {
        Ok(()) => Response::empty(204),
        Err(problem) => refused(&problem),
    }
}

/// The merge queues, all or that of one branch.
pub(super) fn merge_queues(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(world, call, Scope::ReadRepository, Permission::Read) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let wanted = call.request.param("target_branch");
    let items = repo
        .merge_queues
        .iter()
        .filter(|branch| wanted.is_none_or(|wanted| wanted == branch.as_str()))
        .map(|branch| json!({ "type": "merge_queue", "target_branch": branch }))
        .collect();
    page(world, call.request, items, LONGEST)
}

/// Only admins see the restrictions.
pub(super) fn restrictions(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(world, call, Scope::AdminRepository, Permission::Admin) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let asked = |name: &str, own: &str| {
        let wanted = call.request.param(name);
        wanted.is_none_or(|wanted| wanted == own)
    };
    let items = repo
        .restrictions
        .iter()
        .filter(|rule| asked("kind", rule.kind.as_str()) && asked("pattern", &rule.pattern))
        .map(|rule| shape::restriction(&world.site, repo, rule))
        .collect();
    page(world, call.request, items, LONGEST)
}
