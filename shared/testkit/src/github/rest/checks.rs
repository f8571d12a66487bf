//! Check runs, check suites and statuses of a commit. A branch name stands for its head.

use serde_json::json;

use super::Call;
use super::access::{Area, may};
use super::answer::{Response, error, not_found, page};
use crate::github::model::{Access, CheckSuite};
use crate::github::shape;
use crate::github::world::World;

pub(super) fn runs(world: &World, call: &Call<'_>, reference: &str) -> Response {
    let sha = match readable(world, call, Area::Checks, reference) {
        Ok(sha) => sha,
        Err(refusal) => return refusal,
    };
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let name = call.request.param("check_name");
    let all = call.request.param("filter") == Some("all");
    let mut runs = if all {
        repo.check_runs
            .values()
            .filter(|run| run.head_sha == sha)
            .collect()
    } else {
        repo.latest_runs(&sha)
    };
    runs.retain(|run| name.is_none_or(|name| name == run.name));
    runs.reverse();
    page(world, call.request, &runs, |part| {
        json!({
            "total_count": runs.len(),
            "check_runs": part
                .iter()
                .map(|run| shape::check_run(world, repo, run))
                .collect::<Vec<_>>(),
        })
    })
}

pub(super) fn suites(world: &World, call: &Call<'_>, reference: &str) -> Response {
    let sha = match readable(world, call, Area::Checks, reference) {
        Ok(sha) => sha,
        Err(refusal) => return refusal,
    };
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let suites: Vec<&CheckSuite> = repo
        .check_suites
        .values()
        .filter(|suite| suite.head_sha == sha)
        .collect();
    page(world, call.request, &suites, |part| {
        json!({
            "total_count": suites.len(),
            "check_suites": part
                .iter()
                .map(|suite| shape::rest_check_suite(world, repo, suite))
                .collect::<Vec<_>>(),
        })
    })
}

pub(super) fn combined(world: &World, call: &Call<'_>, reference: &str) -> Response {
    let sha = match readable(world, call, Area::Statuses, reference) {
        Ok(sha) => sha,
        Err(refusal) => return refusal,
    };
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let statuses = repo.latest_statuses(&sha);
    page(world, call.request, &statuses, |part| {
        shape::combined_status(world, repo, &sha, part)
    })
}

pub(super) fn statuses(world: &World, call: &Call<'_>, reference: &str) -> Response {
    let sha = match readable(world, call, Area::Statuses, reference) {
        Ok(sha) => sha,
        Err(refusal) => return refusal,
    };
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let newest_first: Vec<_> = repo
        .statuses
        .iter()
        .rev()
        .filter(|status| status.sha == sha)
        .collect();
    page(world, call.request, &newest_first, |part| {
        part.iter()
            .map(|status| shape::rest_status(world, repo, status))
            .collect()
    })
}

pub(super) fn commit(world: &World, call: &Call<'_>, reference: &str) -> Response {
    let sha = match readable(world, call, Area::Contents, reference) {
        Ok(sha) => sha,
        Err(refusal) => return refusal,
    };
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let found = world.git.get(&sha);
    found.map_or_else(not_found, |commit| {
        Response::ok(shape::commit_full(world, repo, commit))
    })
}

/// The SHA a reference stands for, if the token may read this kind of evidence.
fn readable(
    world: &World,
    call: &Call<'_>,
    area: Area,
    reference: &str,
) -> Result<String, Response> {
    may(world, call.caller, call.repo, area, Access::Read)?;
    let Ok(repo) = world.repo(call.repo) else {
        return Err(not_found());
    };
    let name = reference.strip_prefix("heads/").unwrap_or(reference);
    let sha = repo.head_of(name).unwrap_or(reference);
    if world.git.contains(sha) {
        Ok(sha.to_owned())
    } else {
        Err(error(422, &format!("No commit found for SHA: {reference}")))
    }
}
