//! Workflow runs of GitHub Actions and their jobs: what REST shows of suites and check runs.

use serde_json::{Value, json};

use super::{node_id, user_of};
use crate::github::model::{CheckRun, CheckSuite, Conclusion, Repo, WorkflowRun};
use crate::github::world::World;

/// A workflow run in `GET …/actions/runs`.
pub fn workflow_run(world: &World, repo: &Repo, suite: &CheckSuite, run: &WorkflowRun) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let own = format!("{api}/actions/runs/{}", run.id);
    let html = format!(
        "{}/{}/actions/runs/{}",
        world.site.html,
        repo.full_name(),
        run.id
    );
    let actor = user_of(world, &repo.owner);
    let shown = super::repo_in_event(world, repo);
    json!({
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": suite.id,
        "check_suite_node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "path": format!(".github/workflows/{}.yml", run.name.to_lowercase()),
        "display_title": run.name,
        "run_number": 1,
        "event": "pull_request",
        "status": suite.status.as_str(),
        "conclusion": suite.conclusion.map(Conclusion::as_str),
        "workflow_id": run.id,
        "url": own,
        "html_url": html,
        "pull_requests": [],
        "created_at": suite.created_at,
        "updated_at": suite.updated_at,
        "actor": actor,
        "run_attempt": 1,
        "run_started_at": suite.created_at,
        "triggering_actor": actor,
        "jobs_url": format!("{own}/jobs"),
        "logs_url": format!("{own}/logs"),
        "check_suite_url": format!("{api}/check-suites/{}", suite.id),
        "artifacts_url": format!("{own}/artifacts"),
        "cancel_url": format!("{own}/cancel"),
        "rerun_url": format!("{own}/rerun"),
        "workflow_url": format!("{api}/actions/workflows/{}", run.id),
        "head_commit": super::check::head_commit(world, &suite.head_sha),
        "repository": shown,
        "head_repository": shown,
    })
}

/// A job in `GET …/actions/runs/{id}/jobs`: a check run by another name.
pub fn job(world: &World, repo: &Repo, workflow: &WorkflowRun, run: &CheckRun) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let html = format!("{}/{}/runs/{}", world.site.html, repo.full_name(), run.id);
    json!({
        "id": run.id,
        "run_id": workflow.id,
        "run_url": format!("{api}/actions/runs/{}", workflow.id),
        "run_attempt": 1,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "url": format!("{api}/actions/jobs/{}", run.id),
        "html_url": html,
        "status": run.status.as_str(),
        "conclusion": run.conclusion.map(Conclusion::as_str),
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "name": run.name,
        "steps": [],
        "check_run_url": format!("{api}/check-runs/{}", run.id),
        "labels": ["ubuntu-latest"],
        "runner_id": null,
        "runner_name": null,
        "runner_group_id": null,
        "runner_group_name": null,
    })
}
