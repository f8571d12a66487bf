//! Pull requests: lists, one, changes, and what they consist of.

use serde_json::Value;

use super::Call;
use super::access::{self, needs};
use super::answer::{error, invalid, not_found, refused};
use super::pages::{LONGEST, LONGEST_OF_PULLS, page, query_without};
use crate::bitbucket::model::{Permission, Pull, PullRef, Repo, Scope};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Problem, Response};

/// Whether the caller may use pull requests this way.
pub(super) fn may(world: &World, call: &Call<'_>) -> Result<(), Response> {
    if call.method() == "GET" {
        return access::may(world, call, Scope::ReadPullRequest, Permission::Read);
    }
    // Who may read may also take part; what needs more asks for it itself.
    access::may(world, call, Scope::WritePullRequest, Permission::Read)
}

/// Newest first, the open ones unless `state` names others (it may come several times).
pub(super) fn list(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(world, call) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let query = call.request.query.iter();
    let states: Vec<&str> = query
        .filter(|(name, _)| name == "state")
        .map(|(_, value)| value.as_str())
        .collect();
    let known = ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"];
    if states.iter().any(|state| !known.contains(state)) {
        return error(400, "Invalid state");
    }
    let wanted = |pull: &&Pull| {
        let state = pull.state.as_str();
        states.contains(&state) || (states.is_empty() && pull.is_open())
    };
    let items = repo
        .pulls
        .values()
        .rev()
        .filter(wanted)
        .map(|pull| shape::pull(world, repo, pull))
        .collect();
    page(world, call.request, items, LONGEST_OF_PULLS)
}

pub(super) fn one(world: &World, at: PullRef) -> Response {
    world.pull(at).map_or_else(
        |_| not_found(),
        |(repo, pull)| Response::ok(shape::pull(world, repo, pull)),
    )
}

fn listed(
    world: &World,
    call: &Call<'_>,
    at: PullRef,
    longest: usize,
    show: impl FnOnce(&Repo, &Pull) -> Vec<Value>,
) -> Response {
    match world.pull(at) {
        Ok((repo, pull)) => page(world, call.request, show(repo, pull), longest),
        Err(_) => not_found(),
    }
}

/// Newest first.
pub(super) fn activity(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    listed(world, call, at, LONGEST_OF_PULLS, |repo, pull| {
        let newest_first = pull.activity.iter().rev();
        newest_first
            .map(|own| shape::activity(world, repo, pull, own))
            .collect()
    })
}

/// Newest first.
pub(super) fn commits(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    listed(world, call, at, LONGEST, |repo, pull| {
        let destination = repo.destination_of(pull);
        let commits = world.git.commits_beyond(&pull.source.sha, destination);
        let newest_first = commits.into_iter().rev();
        newest_first
            .map(|commit| shape::commit(world, repo, commit))
            .collect()
    })
}

/// The build statuses of the head.
pub(super) fn statuses(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    listed(world, call, at, LONGEST, |repo, pull| {
        let statuses = repo.statuses_of(&pull.source.sha).into_iter();
        statuses
            .map(|status| shape::status(world, repo, status))
            .collect()
    })
}

pub(super) fn comments(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    listed(world, call, at, LONGEST, |repo, pull| {
        let comments = pull.comments.iter();
        comments
            .map(|own| shape::comment(world, repo, pull, own))
            .collect()
    })
}

/// Diffstat and conflicts live below the repository: the pull request only knows where.
pub(super) fn compared(world: &World, call: &Call<'_>, at: PullRef, kind: &str) -> Response {
    let Ok((repo, pull)) = world.pull(at) else {
        return not_found();
    };
    let range = shape::comparison(world, repo, pull);
    let base = format!("{}/repositories/{}", world.site.api, repo.full_name());
    let own = format!("from_pullrequest_id={}&topic=true", pull.number);
    let rest = query_without(call.request, &[]);
    let rest = if rest.is_empty() {
        rest
    } else {
        format!("&{rest}")
    };
    Response::empty(302).with("location", format!("{base}/{kind}/{range}?{own}{rest}"))
}

pub(super) fn comment(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let body = call.request.json();
    let Some(text) = body.pointer("/content/raw").and_then(Value::as_str) else {
        return invalid("content", "required key not provided");
    };
    match world.comment(at, &call.caller.login, text) {
        Ok(id) => world.pull(at).map_or_else(
            |_| not_found(),
            |(repo, pull)| {
                let made = pull.comments.iter().find(|own| own.id == id);
                made.map_or_else(not_found, |made| {
                    Response::new(201, shape::comment(world, repo, pull, made))
                })
            },
        ),
        Err(problem) => refused(&problem),
    }
}

pub(super) fn decline(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    match world.decline_pull(at, &call.caller.login) {
        Ok(()) => one(world, at),
        Err(problem) => refused(&problem),
    }
}

pub(super) fn edit(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    if let Err(refusal) = needs(call.caller, Scope::WritePullRequest) {
        return refusal;
    }
    match change(world, call, at) {
        Ok(()) => one(world, at),
        Err(problem) => refused(&problem),
    }
}

fn change(world: &mut World, call: &Call<'_>, at: PullRef) -> Result<(), Problem> {
    let body = call.request.json();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let by = &call.caller.login;
    if text("title").is_some() || text("description").is_some() {
        world.edit_pull(at, text("title"), text("description"), by)?;
    }
    let branch = body.pointer("/destination/branch/name");
    if let Some(branch) = branch.and_then(Value::as_str) {
        world.retarget(at, branch, by)?;
    }
    if let Some(draft) = body.get("draft").and_then(Value::as_bool) {
        world.set_draft(at, draft, by)?;
    }
    Ok(())
}
