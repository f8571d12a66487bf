//! Commits, their build statuses, and comparing two of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Call;
use super::access::may;
use super::answer::{error, invalid, not_found, refused};
use super::pages::{LENGTH_OF_DIFFSTATS, LONGEST, page};
use crate::bitbucket::actions::NewStatus;
use crate::bitbucket::model::{BuildState, Permission, Repo, Scope};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::Response;

fn readable<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Repo, Response> {
    may(world, call, Scope::ReadRepository, Permission::Read)?;
    world.repo(call.repo).map_err(|_| not_found())
}

/// The commit of a branch name, or of a beginning of a hash.
fn resolve(world: &World, repo: &Repo, name: &str) -> Option<String> {
    let tip = repo.head_of(name).map(str::to_owned);
    tip.or_else(|| world.commit_beginning(repo, name))
}

fn no_commit(name: &str) -> Response {
    error(404, &format!("Commit not found: {name}"))
}

pub(super) fn one(world: &World, call: &Call<'_>, sha: &str) -> Response {
    let repo = match readable(world, call) {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let found = resolve(world, repo, sha);
    let found = found.as_deref().and_then(|sha| world.git.get(sha));
    found.map_or_else(
        || no_commit(sha),
        |commit| Response::ok(shape::commit(world, repo, commit)),
    )
}

/// Newest first: what `include` (or the revision, or every branch) reaches and `exclude` does not.
pub(super) fn list(world: &World, call: &Call<'_>, revision: Option<&str>) -> Response {
    let repo = match readable(world, call) {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let named = |name: &'static str| {
        let all = call.request.query.iter();
        all.filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    };
    let included: Vec<&str> = named("include").chain(revision).collect();
    let included = if included.is_empty() {
        repo.branches.keys().map(String::as_str).collect()
    } else {
        included
    };
    let mut reached = BTreeMap::new();
    for name in included {
        let Some(sha) = resolve(world, repo, name) else {
            return no_commit(name);
        };
        reached.extend(world.git.ancestors(&sha).into_iter().map(|sha| (sha, ())));
    }
    for name in named("exclude") {
        let Some(sha) = resolve(world, repo, name) else {
            return no_commit(name);
        };
        for known in world.git.ancestors(&sha) {
            reached.remove(&known);
        }
    }
    let mut commits: Vec<_> = reached
        .keys()
        .filter_map(|sha| world.git.get(sha))
        .collect();
    commits.sort_by_cached_key(|commit| {
        let depth = world.git.ancestors(&commit.sha).len();
        std::cmp::Reverse((depth, commit.sha.clone()))
    });
    let items = commits
        .into_iter()
        .map(|commit| shape::commit(world, repo, commit))
        .collect();
    page(world, call.request, items, LONGEST)
}

/// Both sides of `source..destination`, or of a pull request's `name:source␍destination`, whose
/// source may live in a fork.
fn sides(world: &World, repo: &Repo, spec: &str) -> Option<(String, String)> {
    let (source, destination) = spec.split_once('\r').or_else(|| spec.split_once(".."))?;
    let (home, source) = match source.rsplit_once(':') {
        Some((name, source)) => (world.repo_named(name).unwrap_or(repo), source),
        None => (repo, source),
    };
    let source = resolve(world, home, source).or_else(|| resolve(world, repo, source));
    Some((source?, resolve(world, repo, destination)?))
}

pub(super) fn merge_base(world: &World, call: &Call<'_>, spec: &str) -> Response {
    let repo = match readable(world, call) {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let base = sides(world, repo, spec)
        .and_then(|(source, destination)| world.git.merge_base(&source, &destination));
    let base = base.as_deref().and_then(|sha| world.git.get(sha));
    base.map_or_else(
        || no_commit(spec),
        |commit| Response::ok(shape::commit(world, repo, commit)),
    )
}

/// The files a source changed since it left its destination. Nothing is merged for it, whatever
/// `merge` says: that parameter was removed in September 2026, so no file conflicts here.
pub(super) fn diffstat(world: &World, call: &Call<'_>, spec: &str) -> Response {
    let longest = LENGTH_OF_DIFFSTATS;
    compared(world, call, spec, longest, |repo, source, path, _both| {
        Some(shape::diffstat(world, repo, source, path))
    })
}

/// The files both sides changed. API tokens have been seen refused here, where they may read the
/// pull request; a story makes that so with a fault.
pub(super) fn conflicts(world: &World, call: &Call<'_>, spec: &str) -> Response {
    compared(world, call, spec, LONGEST, |_, _, path, both| {
        both.then(|| shape::conflict(path))
    })
}

fn compared(
    world: &World,
    call: &Call<'_>,
    spec: &str,
    longest: usize,
    show: impl Fn(&Repo, &str, &str, bool) -> Option<Value>,
) -> Response {
    let repo = match readable(world, call) {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let Some((source, destination)) = sides(world, repo, spec) else {
        return no_commit(spec);
    };
    let ours = world.git.changed_files(&source, &destination);
    let theirs = world.git.changed_files(&destination, &source);
    let items = ours
        .iter()
        .filter_map(|(path, content)| {
            let conflicts = theirs.get(path).is_some_and(|other| other != content);
            show(repo, &source, path, conflicts)
        })
        .collect();
    page(world, call.request, items, longest)
}

pub(super) fn statuses(world: &World, call: &Call<'_>, sha: &str) -> Response {
    let repo = match readable(world, call) {
        Ok(repo) => repo,
        Err(refusal) => return refusal,
    };
    let Some(sha) = resolve(world, repo, sha) else {
        return no_commit(sha);
    };
    let items = repo
        .statuses_of(&sha)
        .into_iter()
        .map(|status| shape::status(world, repo, status))
        .collect();
    page(world, call.request, items, LONGEST)
}

pub(super) fn report(world: &mut World, call: &Call<'_>, sha: &str) -> Response {
    if let Err(refusal) = may(world, call, Scope::WriteRepository, Permission::Write) {
        return refusal;
    }
    let body = call.request.json();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let state = match text("state").unwrap_or_default() {
        "INPROGRESS" => BuildState::InProgress,
        "SUCCESSFUL" => BuildState::Successful,
        "FAILED" => BuildState::Failed,
        "STOPPED" => BuildState::Stopped,
        _unknown => return invalid("state", "is not a valid choice"),
    };
    let Some(key) = text("key").filter(|key| !key.is_empty()) else {
        return invalid("key", "required key not provided");
    };
    let sha = world
        .repo(call.repo)
        .ok()
        .and_then(|repo| resolve(world, repo, sha));
    let sha = sha.unwrap_or_default();
    let done = world.report_status(&NewStatus {
        repo: call.repo,
        sha: &sha,
        key,
        state,
        refname: text("refname"),
        by: &call.caller.login,
    });
    match (done, world.repo(call.repo)) {
        (Ok(()), Ok(repo)) => {
            let status = repo
                .statuses
                .iter()
                .find(|own| own.sha == sha && own.key == key);
            status.map_or_else(not_found, |status| {
                Response::new(201, shape::status(world, repo, status))
            })
        }
        (Err(problem), _) | (Ok(()), Err(problem)) => refused(&problem),
    }
}
