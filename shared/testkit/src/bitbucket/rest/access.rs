//! Who calls, and what the token lets them do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Call;
use super::answer::{error, not_found, unauthorized};
use crate::bitbucket::model::{Permission, Repo, Scope, Token, TokenKind, email_of};
use crate::bitbucket::world::World;
use crate::fake::{Request, Response};

/// Who calls, with which token.
pub(super) struct Caller {
    pub(super) login: String,
    pub(super) token: Token,
}

/// Finds the token's owner, or the 401 Bitbucket answers. API tokens come as Basic with the
/// e-mail, access tokens as Bearer; neither is taken the other way.
pub(super) fn identify(world: &World, request: &Request) -> Result<Caller, Response> {
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    let (email, secret) = if scheme.eq_ignore_ascii_case("basic") {
        let (email, secret) = basic(value.trim()).ok_or_else(unauthorized)?;
        (Some(email), secret)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        (None, value.trim().to_owned())
    } else {
        return Err(error(401, "Authentication is required."));
    };
    let now = world.clock.now();
    let token = world.tokens.get(&secret).filter(|own| own.is_valid(now));
    let token = token.ok_or_else(unauthorized)?;
    let fits = match (&token.kind, email) {
        (TokenKind::Api, Some(email)) => email.eq_ignore_ascii_case(&email_of(&token.login)),
        (TokenKind::Repository(_) | TokenKind::Workspace(_), None) => true,
        (TokenKind::Api, None) | (TokenKind::Repository(_) | TokenKind::Workspace(_), Some(_)) => {
            false
        }
    };
    if !fits {
        return Err(unauthorized());
    }
    Ok(Caller {
        login: token.login.clone(),
        token: token.clone(),
    })
}

fn basic(value: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(value).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (email, secret) = text.split_once(':')?;
    Some((email.to_owned(), secret.to_owned()))
}

/// What the caller may do with a repository.
pub(super) fn permission(caller: &Caller, repo: &Repo) -> Option<Permission> {
    match &caller.token.kind {
        TokenKind::Api => repo.permission_of(&caller.login),
        TokenKind::Repository(id) => (*id == repo.id).then_some(Permission::Admin),
        TokenKind::Workspace(slug) => {
            (slug.eq_ignore_ascii_case(&repo.workspace)).then_some(Permission::Admin)
        }
    }
}

/// Whether the repository exists for the caller at all.
pub(super) fn may_see(caller: &Caller, repo: &Repo) -> bool {
    !repo.private || permission(caller, repo).is_some()
}

/// 403 where the token lacks a scope.
pub(super) fn needs(caller: &Caller, scope: Scope) -> Result<(), Response> {
    if caller.token.scopes.contains(&scope) {
        return Ok(());
    }
    let required = match caller.token.kind {
        TokenKind::Api => scope.as_str(),
        TokenKind::Repository(_) | TokenKind::Workspace(_) => scope.classic(),
    };
    Err(Response::new(
        403,
        json!({
            "type": "error",
            "error": {
                "message": "Your credentials lack one or more required privilege scopes.",
                "detail": { "granted": caller.token.granted(), "required": [required] },
            },
        }),
    ))
}

/// Whether token and person may do this here, or the 403 Bitbucket answers.
pub(super) fn may(
    world: &World,
    call: &Call<'_>,
    scope: Scope,
    least: Permission,
) -> Result<(), Response> {
    needs(call.caller, scope)?;
    let repo = world.repo(call.repo).map_err(|_| not_found())?;
    let open = least == Permission::Read && !repo.private;
    if open || permission(call.caller, repo) >= Some(least) {
        return Ok(());
    }
    Err(error(
        403,
        &format!(
            "Your credentials don't allow this: {} access to the repository is needed.",
            least.as_str()
        ),
    ))
}
