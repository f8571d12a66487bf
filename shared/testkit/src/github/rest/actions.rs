//! GitHub Actions: the workflow runs of a repository and the jobs of one.

use serde_json::json;

use super::Call;
use super::access::{Area, may};
use super::answer::{Response, not_found, page};
use crate::github::model::{Access, CheckSuite, WorkflowRun};
use crate::github::shape;
use crate::github::world::World;

pub(super) fn route(world: &World, call: &Call<'_>, rest: &[&str]) -> Response {
    if let Err(refusal) = may(world, call.caller, call.repo, Area::Actions, Access::Read) {
        return refusal;
    }
    match rest {
        ["runs"] => runs(world, call),
        ["runs", id, "jobs"] => id
            .parse()
            .map_or_else(|_| not_found(), |id| jobs(world, call, id)),
        _ => not_found(),
    }
}

/// The runs of the repository, the newest first.
fn runs(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let head = call.request.param("head_sha");
    let mut runs: Vec<(&CheckSuite, &WorkflowRun)> = repo
        .check_suites
        .values()
        .filter(|suite| head.is_none_or(|head| head == suite.head_sha))
        .filter_map(|suite| suite.workflow.as_ref().map(|run| (suite, run)))
        .collect();
    runs.reverse();
    page(world, call.request, &runs, |part| {
        json!({
            "total_count": runs.len(),
            "workflow_runs": part
                .iter()
                .map(|(suite, run)| shape::workflow_run(world, repo, suite, run))
                .collect::<Vec<_>>(),
        })
    })
}

/// The jobs of the latest attempt.
fn jobs(world: &World, call: &Call<'_>, id: u64) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let found = repo.check_suites.values().find_map(|suite| {
        let run = suite.workflow.as_ref().filter(|run| run.id == id);
        run.map(|run| (suite, run))
    });
    let Some((suite, workflow)) = found else {
        return not_found();
    };
    let mut jobs = repo.latest_runs(&suite.head_sha);
    jobs.retain(|run| run.suite_id == suite.id);
    page(world, call.request, &jobs, |part| {
        json!({
            "total_count": jobs.len(),
            "jobs": part
                .iter()
                .map(|run| shape::job(world, repo, workflow, run))
                .collect::<Vec<_>>(),
        })
    })
}
