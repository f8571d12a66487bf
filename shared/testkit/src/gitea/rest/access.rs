//! Who calls, and what token and rights let them do.

use super::answer::{error, not_found};
use crate::fake::{Request, Response};
use crate::gitea::model::{Power, Token};
use crate::gitea::world::World;

/// What Gitea says to a token it does not know.
pub(super) const BAD_TOKEN: &str = "invalid username, password or token";

const NOT_ADMIN: &str =
    "user should be an owner or a collaborator with admin write of a repository";

/// Finds who calls: nobody without a token, and 401 with one that is not valid.
pub(super) fn identify(world: &World, request: &Request) -> Result<Option<Token>, Response> {
    let Some(header) = request.header("authorization") else {
        return Ok(None);
    };
    let value = header.split_once(' ').and_then(|(scheme, value)| {
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        known.then_some(value.trim())
    });
    let token = value.and_then(|value| world.tokens.get(value));
    match token.filter(|token| !token.revoked) {
        Some(token) => Ok(Some(token.clone())),
        None => Err(error(world, 401, BAD_TOKEN)),
    }
}

/// The caller's token, or 401 without one.
pub(super) fn signed<'a>(world: &World, token: Option<&'a Token>) -> Result<&'a Token, Response> {
    token.ok_or_else(|| error(world, 401, "token is required"))
}

/// Whether the token's scopes reach a category of routes, or 403. Who sends no token has none.
pub(super) fn scoped(
    world: &World,
    token: Option<&Token>,
    category: &str,
    write: bool,
) -> Result<(), Response> {
    let Some(token) = token else { return Ok(()) };
    if token.reaches(category, write) {
        return Ok(());
    }
    let level = if write { "write" } else { "read" };
    let message =
        format!("token does not have at least one of required scope(s): [{level}:{category}]");
    Err(error(world, 403, &message))
}

/// Whether the repository exists for the caller at all, or 404.
pub(super) fn visible(world: &World, token: Option<&Token>, repo: u64) -> Result<(), Response> {
    let login = token.map(|token| token.login.as_str());
    match world.repo(repo) {
        Ok(repo) if repo.power_of(login) >= Power::Read => Ok(()),
        Ok(_) | Err(_) => Err(not_found(world)),
    }
}

/// Whether the caller may change settings here, or 401 or 403.
pub(super) fn admin(world: &World, token: Option<&Token>, repo: u64) -> Result<(), Response> {
    let token = signed(world, token)?;
    match world.repo(repo) {
        Ok(repo) if repo.power_of(Some(&token.login)) >= Power::Admin => Ok(()),
        Ok(_) | Err(_) => Err(error(world, 403, NOT_ADMIN)),
    }
}

/// Whether the repository takes changes, or 423.
pub(super) fn awake(world: &World, repo: u64) -> Result<(), Response> {
    match world.repo(repo) {
        Ok(repo) if repo.is_archived() => {
            let message = format!("{} is archived", repo.full_name());
            Err(error(world, 423, &message))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}
