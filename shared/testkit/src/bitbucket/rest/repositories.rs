//! Who am I, my workspaces, and their repositories.

use std::collections::BTreeSet;

use super::Call;
use super::access::{Caller, may, needs, permission};
use super::answer::{error, not_found};
use super::pages::{LONGEST, page};
use crate::bitbucket::model::{Permission, Repo, Scope};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Request, Response};

pub(super) fn myself(world: &World, caller: &Caller) -> Response {
    if let Err(refusal) = needs(caller, Scope::ReadUser) {
        return refusal;
    }
    let own = world.account(&caller.login);
    own.map_or_else(not_found, |own| {
        Response::ok(shape::myself(&world.site, own))
    })
}

/// The workspaces of all repositories the caller has a permission on.
pub(super) fn workspaces(world: &World, request: &Request, caller: &Caller) -> Response {
    if let Err(refusal) = needs(caller, Scope::ReadWorkspace) {
        return refusal;
    }
    let mine = world
        .repos
        .values()
        .filter(|repo| permission(caller, repo).is_some());
    let slugs: BTreeSet<&str> = mine.map(|repo| repo.workspace.as_str()).collect();
    let items = slugs
        .into_iter()
        .filter_map(|slug| world.account(slug))
        .map(|owner| {
            let administrator = owner.login.eq_ignore_ascii_case(&caller.login);
            shape::workspace_access(&world.site, owner, administrator)
        })
        .collect();
    page(world, request, items, LONGEST)
}

/// The repositories of a workspace the caller sees; with `role`, those they have it on.
pub(super) fn of_workspace(
    world: &World,
    request: &Request,
    caller: &Caller,
    workspace: &str,
) -> Response {
    if let Err(refusal) = needs(caller, Scope::ReadRepository) {
        return refusal;
    }
    if !world.accounts.values().any(|own| is_called(own, workspace)) {
        return error(404, &format!("No workspace with identifier '{workspace}'."));
    }
    let least = match request.param("role") {
        None => None,
        Some("member") => Some(Permission::Read),
        Some("contributor") => Some(Permission::Write),
        Some("admin" | "owner") => Some(Permission::Admin),
        Some(_unknown) => return error(400, "Invalid role"),
    };
    let wanted = |repo: &&Repo| match least {
        Some(least) => permission(caller, repo) >= Some(least),
        None => super::may_see(caller, repo),
    };
    let items = in_workspace(world, workspace)
        .filter(wanted)
        .map(|repo| shape::repo(world, repo))
        .collect();
    page(world, request, items, LONGEST)
}

/// What the caller may do with each repository of a workspace.
pub(super) fn permissions(
    world: &World,
    request: &Request,
    caller: &Caller,
    workspace: &str,
) -> Response {
    if let Err(refusal) = needs(caller, Scope::ReadRepository) {
        return refusal;
    }
    let Some(user) = world.account(&caller.login) else {
        return not_found();
    };
    let items = in_workspace(world, workspace)
        .filter_map(|repo| permission(caller, repo).map(|permission| (repo, permission)))
        .map(|(repo, permission)| shape::repo_permission(&world.site, user, repo, permission))
        .collect();
    page(world, request, items, LONGEST)
}

fn in_workspace<'w>(world: &'w World, workspace: &'w str) -> impl Iterator<Item = &'w Repo> {
    world
        .repos
        .values()
        .filter(move |repo| belongs(world, repo, workspace))
}

fn is_called(account: &crate::bitbucket::model::Account, name: &str) -> bool {
    account.login.eq_ignore_ascii_case(name) || account.uuid.eq_ignore_ascii_case(name)
}

fn belongs(world: &World, repo: &Repo, workspace: &str) -> bool {
    world
        .account(&repo.workspace)
        .is_some_and(|owner| is_called(owner, workspace))
}

/// The repository at a path. Either part may be a UUID in braces; as UUIDs are unique, the
/// workspace of one may be empty braces.
pub(super) fn find(world: &World, workspace: &str, name: &str) -> Option<u64> {
    let found = world.repos.values().find(|repo| {
        let by_uuid = repo.uuid.eq_ignore_ascii_case(name);
        let called = by_uuid || repo.slug.eq_ignore_ascii_case(name);
        called && (belongs(world, repo, workspace) || (by_uuid && workspace == "{}"))
    });
    found.map(|repo| repo.id)
}

pub(super) fn one(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(world, call, Scope::ReadRepository, Permission::Read) {
        return refusal;
    }
    world.repo(call.repo).map_or_else(
        |_| not_found(),
        |repo| Response::ok(shape::repo(world, repo)),
    )
}
