//! Who calls, and what the token lets them do.

use super::answer::{Request, Response, error, not_found};
use crate::github::model::{Access, FineGrained, Repo, Token, TokenKind};
use crate::github::world::World;

/// Who calls, with which token.
#[derive(Debug, Clone)]
pub(in crate::github) struct Caller {
    pub(in crate::github) login: String,
    pub(in crate::github) token: Token,
}

/// What a permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::github) enum Area {
    Checks,
    Statuses,
    PullRequests,
    Contents,
    Actions,
    Webhooks,
    Administration,
}

impl Area {
    fn word(self) -> &'static str {
        match self {
            Self::Checks => "checks",
            Self::Statuses => "statuses",
            Self::PullRequests => "pull_requests",
            Self::Contents => "contents",
            Self::Actions => "actions",
            Self::Webhooks => "repository_hooks",
            Self::Administration => "administration",
        }
    }
}

/// Finds the token's owner, or the 401 GitHub answers.
pub(in crate::github) fn identify(world: &World, request: &Request) -> Result<Caller, Response> {
    let header = request.header("authorization").unwrap_or_default();
    let Some(value) = token_in(header) else {
        return Err(error(401, "Requires authentication"));
    };
    let now = world.clock.now();
    let token = world.tokens.get(value).filter(|token| token.is_valid(now));
    token
        .map(|token| Caller {
            login: token.login.clone(),
            token: token.clone(),
        })
        .ok_or_else(|| error(401, "Bad credentials"))
}

fn token_in(header: &str) -> Option<&str> {
    let (scheme, value) = header.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then_some(value.trim())
}

/// Whether the repository exists for the caller at all.
pub(in crate::github) fn may_see(caller: &Caller, repo: &Repo) -> bool {
    if !repo.private {
        return true;
    }
    let related = is_member(repo, &caller.login) || repo.readers.contains(&caller.login);
    let reached = match &caller.token.kind {
        TokenKind::Classic { .. } => caller.token.has_scope("repo"),
        TokenKind::FineGrained(grants) => reaches(grants, repo.id),
    };
    related && reached
}

/// Whether the token may do this here, or the 403 or 404 GitHub answers.
pub(in crate::github) fn may(
    world: &World,
    caller: &Caller,
    repo: u64,
    area: Area,
    access: Access,
) -> Result<(), Response> {
    let Ok(repo) = world.repo(repo) else {
        return Err(not_found());
    };
    if access == Access::Write && !is_member(repo, &caller.login) {
        // Without the role, GitHub hides settings and refuses the rest.
        return Err(match area {
            Area::Webhooks | Area::Administration => not_found(),
            Area::Checks | Area::Statuses | Area::PullRequests | Area::Contents | Area::Actions => {
                error(403, "Must have push access to repository")
            }
        });
    }
    match &caller.token.kind {
        TokenKind::Classic { .. } => classic(&caller.token, repo, area, access),
        TokenKind::FineGrained(grants) if reaches(grants, repo.id) || access == Access::Read => {
            fine_grained(grants, area, access)
        }
        TokenKind::FineGrained(_) => Err(not_found()),
    }
}

fn classic(token: &Token, repo: &Repo, area: Area, access: Access) -> Result<(), Response> {
    let allowed = match area {
        Area::Webhooks if access == Access::Write => token.has_scope("write:repo_hook"),
        Area::Webhooks => token.has_scope("read:repo_hook"),
        Area::Administration => token.has_scope("repo"),
        Area::Checks | Area::Statuses | Area::PullRequests | Area::Contents | Area::Actions => {
            let open = !repo.private && access == Access::Read;
            let public = !repo.private && token.has_scope("public_repo");
            open || public || token.has_scope("repo")
        }
    };
    if allowed { Ok(()) } else { Err(not_found()) }
}

fn fine_grained(grants: &FineGrained, area: Area, access: Access) -> Result<(), Response> {
    let granted = match area {
        Area::Checks => grants.checks,
        Area::Statuses => grants.statuses,
        Area::PullRequests => grants.pull_requests,
        Area::Contents => grants.contents,
        Area::Actions => grants.actions,
        Area::Webhooks => grants.webhooks,
        Area::Administration => grants.administration,
    };
    if granted >= access {
        return Ok(());
    }
    let wanted = if access == Access::Write {
        "write"
    } else {
        "read"
    };
    Err(
        error(403, "Resource not accessible by personal access token").with(
            "x-accepted-github-permissions",
            format!("{}={wanted}", area.word()),
        ),
    )
}

fn reaches(grants: &FineGrained, repo: u64) -> bool {
    grants
        .repositories
        .as_ref()
        .is_none_or(|ids| ids.contains(&repo))
}

fn is_member(repo: &Repo, login: &str) -> bool {
    repo.owner.eq_ignore_ascii_case(login) || repo.writers.contains(login)
}
