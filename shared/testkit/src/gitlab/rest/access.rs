//! Who calls, and what token and role let them do.

use serde_json::json;

use super::answer::error;
use crate::fake::{Request, Response};
use crate::gitlab::model::{Repo, Role, Token, Visibility};
use crate::gitlab::world::World;

/// Who calls, with which token.
#[derive(Debug, Clone)]
pub(in crate::gitlab) struct Caller {
    pub(in crate::gitlab) login: String,
    pub(in crate::gitlab) token: Token,
}

/// Finds the token's owner, or the 401 GitLab answers.
pub(in crate::gitlab) fn identify(world: &World, request: &Request) -> Result<Caller, Response> {
    let found = token_in(request).and_then(|value| world.tokens.get(value));
    let Some(token) = found else {
        return Err(error(401, "401 Unauthorized"));
    };
    if token.revoked {
        return Err(invalid(
            "Token was revoked. You have to re-authorize from the user.",
        ));
    }
    if token.is_expired(world.clock.now()) {
        return Err(invalid(
            "Token is expired. You can either do re-authorization or token refresh.",
        ));
    }
    Ok(Caller {
        login: token.login.clone(),
        token: token.clone(),
    })
}

fn invalid(why: &str) -> Response {
    Response::new(
        401,
        json!({ "error": "invalid_token", "error_description": why }),
    )
}

fn token_in(request: &Request) -> Option<&str> {
    if let Some(value) = request.header("private-token") {
        return Some(value.trim());
    }
    let (scheme, value) = request.header("authorization")?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(value.trim())
}

/// The 403 of a token that lacks a scope: `api` for changes, `read_api` for reading. A token may
/// always ask about itself, and with `read_user` about its owner.
pub(super) fn needs_scope(caller: &Caller, request: &Request) -> Option<Response> {
    let token = &caller.token;
    let allowed = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/personal_access_tokens/self") => true,
        ("GET", "/user") => token.may_read() || token.has("read_user"),
        ("GET" | "HEAD", _) => token.may_read(),
        _ => token.may_write(),
    };
    let scope = if request.method == "GET" {
        "api read_api"
    } else {
        "api"
    };
    (!allowed).then(|| {
        Response::new(
            403,
            json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": scope,
            }),
        )
    })
}

/// Whether the project exists for the caller at all.
pub(in crate::gitlab) fn may_see(world: &World, caller: &Caller, repo: &Repo) -> bool {
    match repo.visibility {
        Visibility::Public | Visibility::Internal => true,
        Visibility::Private => world.role(repo, &caller.login).is_some(),
    }
}

/// Whether the caller may read code and merge requests.
pub(in crate::gitlab) fn may_read(world: &World, caller: &Caller, repo: &Repo) -> bool {
    match repo.visibility {
        Visibility::Public | Visibility::Internal => true,
        Visibility::Private => world
            .role(repo, &caller.login)
            .is_some_and(|role| role >= Role::Reporter),
    }
}

/// Whether the caller may read pipelines: a project may keep them from those who are no members.
pub(in crate::gitlab) fn may_read_pipelines(world: &World, caller: &Caller, repo: &Repo) -> bool {
    let role = world.role(repo, &caller.login);
    let is_kept = repo.rules.pipelines_for_members;
    may_read(world, caller, repo) && (!is_kept || role.is_some_and(|role| role >= Role::Reporter))
}

/// The 403 of a role that is too small.
pub(super) fn needs_role(
    world: &World,
    caller: &Caller,
    repo: u64,
    role: Role,
) -> Option<Response> {
    let own = world
        .repo(repo)
        .ok()
        .and_then(|repo| world.role(repo, &caller.login));
    let enough = own.is_some_and(|own| own >= role);
    (!enough).then(|| error(403, "403 Forbidden"))
}

/// 404, also for what the caller may not see.
pub(super) fn not_found(what: &str) -> Response {
    error(404, &format!("404 {what} Not Found"))
}
