//! Branches, their rules, and what lies between two of them.

use serde_json::{Value, json};

use super::Call;
use super::access::{admin, awake, signed};
use super::answer::{error, not_found};
use crate::fake::Response;
use crate::gitea::model::{Power, Repo};
use crate::gitea::shape;
use crate::gitea::world::World;

pub(super) fn one(world: &World, call: &Call<'_>, name: &str) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let shown = shape::branch(world, repo, name, call.login());
    shown.map(Response::ok).ok_or_else(|| not_found(world))
}

pub(super) fn delete(world: &mut World, call: &Call<'_>, name: &str) -> Result<Response, Response> {
    let token = signed(world, call.token)?;
    awake(world, call.repo)?;
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    if repo.power_of(Some(&token.login)) < Power::Write {
        let why = "user should have a permission to write to a repo";
        return Err(error(world, 403, why));
    }
    if repo.head_of(name).is_none() {
        return Err(not_found(world));
    }
    if repo.default_branch == name {
        return Err(error(world, 403, "can not delete default branch"));
    }
    if repo.protection(name).is_some() {
        return Err(error(world, 403, "branch protected"));
    }
    match world.delete_branch(call.repo, name, &token.login) {
        Ok(()) => Ok(Response::empty(204)),
        Err(_) => Err(not_found(world)),
    }
}

/// Rules are shown to administrators only; everybody else has to do with what a branch says.
pub(super) fn protections(
    world: &World,
    call: &Call<'_>,
    rest: &[&str],
) -> Result<Response, Response> {
    admin(world, call.token, call.repo)?;
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    if rest.is_empty() {
        let all: Vec<Value> = repo
            .protections
            .iter()
            .map(|(name, rule)| shape::protection(repo, name, rule))
            .collect();
        return Ok(Response::ok(json!(all)));
    }
    let name = rest.join("/");
    let rule = repo.protection(&name).ok_or_else(|| not_found(world))?;
    Ok(Response::ok(shape::protection(repo, &name, rule)))
}

pub(super) fn compare(
    world: &World,
    call: &Call<'_>,
    basehead: &str,
) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let parts = basehead
        .split_once("...")
        .or_else(|| basehead.split_once(".."));
    let (base, head) = parts.unwrap_or((&repo.default_branch, basehead));
    let base = resolve(world, repo, base).ok_or_else(|| not_found(world))?;
    let head = resolve(world, repo, head).ok_or_else(|| not_found(world))?;
    Ok(Response::ok(shape::compare(world, repo, base, head)))
}

/// The commit of a branch, of `owner:branch` in a fork, or of a commit's own name.
pub(super) fn resolve<'a>(world: &'a World, repo: &'a Repo, name: &'a str) -> Option<&'a str> {
    if let Some((owner, branch)) = name.split_once(':') {
        let mut all = world.repos.values();
        let fork = all.find(|own| {
            let related = own.id == repo.id || own.fork_of == Some(repo.id);
            related && own.owner.eq_ignore_ascii_case(owner)
        });
        return fork.and_then(|fork| fork.head_of(branch));
    }
    let known = world.git.contains(name).then_some(name);
    repo.head_of(name).or(known)
}
