//! Repositories: the caller's, one by name or id, and those that have moved.

use super::Call;
use super::access::{scoped, signed, visible};
use super::answer::{not_found, page};
use crate::fake::{Request, Response};
use crate::gitea::model::{Power, Repo, Token};
use crate::gitea::shape;
use crate::gitea::world::World;

pub(super) fn of_user(
    world: &World,
    request: &Request,
    token: Option<&Token>,
) -> Result<Response, Response> {
    let token = signed(world, token)?;
    scoped(world, Some(token), "user", false)?;
    scoped(world, Some(token), "repository", false)?;
    let login = Some(token.login.as_str());
    // What is public and of others is not the caller's.
    let own: Vec<&Repo> = world
        .repos
        .values()
        .filter(|repo| {
            let known = repo.collaborators.contains_key(&token.login);
            known || repo.power_of(login) == Power::Admin
        })
        .collect();
    Ok(page(world, request, &own, |repo| {
        shape::repository(world, repo, login)
    }))
}

pub(super) fn by_id(world: &World, token: Option<&Token>, id: &str) -> Result<Response, Response> {
    scoped(world, token, "repository", false)?;
    let id = id.parse().map_err(|_| not_found(world))?;
    visible(world, token, id)?;
    show(world, id, token.map(|token| token.login.as_str()))
}

pub(super) fn one(world: &World, call: &Call<'_>) -> Result<Response, Response> {
    show(world, call.repo, call.login())
}

fn show(world: &World, id: u64, login: Option<&str>) -> Result<Response, Response> {
    let repo = world.repo(id).map_err(|_| not_found(world))?;
    Ok(Response::ok(shape::repository(world, repo, login)))
}

/// A former name leads to the present one, below the API of this server.
pub(super) fn moved(
    world: &World,
    request: &Request,
    token: Option<&Token>,
    wanted: &str,
) -> Result<Response, Response> {
    let id = world.redirects.get(&wanted.to_lowercase());
    let id = *id.ok_or_else(|| not_found(world))?;
    visible(world, token, id)?;
    let repo = world.repo(id).map_err(|_| not_found(world))?;
    let path = request
        .path
        .replacen(&format!("/{wanted}"), &format!("/{}", repo.full_name()), 1);
    Ok(Response::empty(307).with("location", format!("/api/v1{path}")))
}
