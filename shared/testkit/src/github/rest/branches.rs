//! How branches compare, and their end.

use super::Call;
use super::access::{Area, may};
use super::answer::{Response, error, not_found, page};
use crate::github::model::{Access, Commit, Repo};
use crate::github::shape;
use crate::github::world::World;

/// `base...head`, each a branch or a commit.
pub(super) fn compare(world: &World, call: &Call<'_>, wanted: &str) -> Response {
    if let Err(refusal) = may(world, call.caller, call.repo, Area::Contents, Access::Read) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let sides = wanted.split_once("...");
    let found = sides.and_then(|(base, head)| {
        Some((commit_of(world, repo, base)?, commit_of(world, repo, head)?))
    });
    let Some((base, head)) = found else {
        return not_found();
    };
    let commits = world.git.commits_beyond(&head.sha, &base.sha);
    page(world, call.request, &commits, |part| {
        shape::compared(world, repo, base, head, part)
    })
}

fn commit_of<'w>(world: &'w World, repo: &Repo, name: &str) -> Option<&'w Commit> {
    world.git.get(repo.head_of(name).unwrap_or(name))
}

/// Deletes a branch, unless a rule keeps it.
pub(super) fn delete(world: &mut World, call: &Call<'_>, branch: &str) -> Response {
    if let Err(refusal) = may(world, call.caller, call.repo, Area::Contents, Access::Write) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    if repo.head_of(branch).is_none() {
        return error(422, "Reference does not exist");
    }
    if repo.protection(branch).is_some() || branch == repo.default_branch {
        return error(422, "Cannot delete this protected branch");
    }
    match world.delete_branch(call.repo, branch, &call.caller.login) {
        Ok(()) => Response::empty(204),
        Err(problem) => error(422, &problem.to_string()),
    }
}
