//! Branches, their rules, commits, comparisons and pipelines. A branch name stands for its head.

use serde_json::json;

use super::Call;
use super::access::{may_read, may_read_pipelines, needs_role, not_found};
use super::answer::error;
use super::paging::page;
use crate::fake::Response;
use crate::gitlab::model::{Job, Pipeline, Repo, Role};
use crate::gitlab::shape;
use crate::gitlab::world::World;

pub(super) fn route(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    if !may_read(world, call.caller, repo) {
        return error(403, "403 Forbidden");
    }
    match (call.request.method.as_str(), rest) {
        ("GET", ["branches"]) => {
            let branches: Vec<_> = repo.branches.iter().collect();
            page(world, call.request, &branches, |(name, sha)| {
                shape::rest_branch(world, repo, name, sha)
            })
        }
        ("GET", ["branches", name]) => repo.head_of(name).map_or_else(
            || not_found("Branch"),
            |sha| Response::ok(shape::rest_branch(world, repo, name, sha)),
        ),
        ("DELETE", ["branches", name]) => delete_branch(world, call, name),
        ("GET", ["compare"]) => compare(world, call, repo),
        ("GET", ["commits", sha]) => sha_of(world, repo, sha)
            .and_then(|sha| world.git.get(&sha))
            .map_or_else(
                || not_found("Commit"),
                |commit| Response::ok(shape::rest_commit(world, repo, commit)),
            ),
        ("GET", ["commits", sha, "statuses"]) => statuses(world, call, repo, sha),
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

fn sha_of(world: &World, repo: &Repo, reference: &str) -> Option<String> {
    if world.git.contains(reference) {
        return Some(reference.to_owned());
    }
    repo.head_of(reference).map(str::to_owned)
}

fn delete_branch(world: &mut World, call: &Call<'_>, name: &str) -> Response {
    if let Some(refusal) = needs_role(world, call.caller, call.repo, Role::Developer) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    if repo.head_of(name).is_none() {
        return not_found("Branch");
    }
    if repo.protection(name).is_some() || repo.default_branch == name {
        return error(403, "403 Forbidden");
    }
    match world.delete_branch(call.repo, name, &call.caller.login) {
        Ok(()) => Response::empty(204),
        Err(_) => not_found("Branch"),
    }
}

/// What `to` has beyond the merge base with `from`.
fn compare(world: &World, call: &Call<'_>, repo: &Repo) -> Response {
    let side = |name: &str| {
        let reference = call.param(name)?;
        let project = call.param("from_project_id").and_then(|id| id.parse().ok());
        let source = project.and_then(|id: u64| world.repos.get(&id));
        let place = source.filter(|_| name == "from").unwrap_or(repo);
        sha_of(world, place, &reference)
    };
    if call.param("from").is_none() || call.param("to").is_none() {
        return Response::new(400, json!({ "error": "from is missing, to is missing" }));
    }
    match (side("from"), side("to")) {
        (Some(from), Some(to)) => Response::ok(shape::rest_compare(world, repo, &from, &to)),
        (None, _) | (_, None) => not_found("Ref"),
    }
}

/// Jobs and statuses of a commit: the newest of each name, or all of them.
fn statuses(world: &World, call: &Call<'_>, repo: &Repo, reference: &str) -> Response {
    let Some(sha) = sha_of(world, repo, reference) else {
        return not_found("Commit");
    };
    let all = call.flag("all") == Some(true);
    let name = call.param("name");
    let mut found: Vec<(&Pipeline, &Job)> = repo
        .pipelines
        .values()
        .filter(|pipeline| pipeline.sha == sha)
        .flat_map(|pipeline| pipeline.jobs.iter().map(move |job| (pipeline, job)))
        .filter(|(_, job)| all || !job.retried)
        .filter(|(_, job)| name.as_ref().is_none_or(|name| *name == job.name))
        .collect();
    found.sort_by_key(|(_, job)| job.id);
    page(world, call.request, &found, |(pipeline, job)| {
        shape::rest_status(world, repo, pipeline, job)
    })
}

/// Rules of branches; one is found by its own name, not by a branch it covers.
pub(super) fn protected(world: &World, call: &Call<'_>, rest: &[&str]) -> Response {
    if let Some(refusal) = needs_role(world, call.caller, call.repo, Role::Developer) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    match rest {
        [] => page(world, call.request, &repo.protected, |rule| {
            shape::rest_protected_branch(rule)
        }),
        [name] => repo
            .protected
            .iter()
            .find(|rule| rule.name == *name)
            .map_or_else(
                || error(404, "404 Not found"),
                |rule| Response::ok(shape::rest_protected_branch(rule)),
            ),
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

/// Pipelines of a project, newest first, or one of them.
pub(super) fn pipelines(world: &World, call: &Call<'_>, rest: &[&str]) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    if !may_read_pipelines(world, call.caller, repo) {
        return error(403, "403 Forbidden");
    }
    if let [id] = rest {
        let found = id.parse().ok().and_then(|id: u64| repo.pipelines.get(&id));
        return found.map_or_else(
            || error(404, "404 Not found"),
            |pipeline| Response::ok(shape::rest_pipeline(world, repo, pipeline)),
        );
    }
    let is = |name: &str, own: &str| call.param(name).is_none_or(|wanted| wanted == own);
    let mut found: Vec<&Pipeline> = repo
        .pipelines
        .values()
        .filter(|pipeline| {
            is("sha", &pipeline.sha)
                && is("ref", &pipeline.reference())
                && is("status", pipeline.status.as_str())
                && is("source", pipeline.kind.source())
        })
        .collect();
    if call.param("sort").as_deref() != Some("asc") {
        found.reverse();
    }
    page(world, call.request, &found, |pipeline| {
        shape::rest_pipeline_item(world, repo, pipeline)
    })
}
