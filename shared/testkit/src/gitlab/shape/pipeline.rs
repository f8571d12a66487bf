//! Pipelines, jobs and commit statuses.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::project::web_url;
use super::{hook_time, hook_user, rest_time, user_of};
use crate::fake::merge;
use crate::gitlab::model::{Job, JobStatus, Pipeline, Repo, User};
use crate::gitlab::world::{Site, World};

const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

fn pipeline_url(site: &Site, repo: &Repo, id: u64) -> String {
    format!("{}/-/pipelines/{id}", web_url(site, repo))
}

fn seconds_between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.as_second() - from?.as_second())
}

/// A pipeline in a list.
pub fn rest_pipeline_item(world: &World, repo: &Repo, pipeline: &Pipeline) -> Value {
    json!({
        "id": pipeline.id,
        "iid": pipeline.number,
        "project_id": repo.id,
        "sha": pipeline.sha,
        "ref": pipeline.reference(),
        "status": pipeline.status.as_str(),
        "source": pipeline.kind.source(),
        "created_at": rest_time(pipeline.created_at),
        "updated_at": rest_time(pipeline.updated_at),
        "web_url": pipeline_url(&world.site, repo, pipeline.id),
        "name": null,
    })
}

/// What `GET …/pipelines/:id` answers, and `head_pipeline` of a merge request.
pub fn rest_pipeline(world: &World, repo: &Repo, pipeline: &Pipeline) -> Value {
    let mut value = rest_pipeline_item(world, repo, pipeline);
    let status = pipeline.status;
    let path = format!("/{}/-/pipelines/{}", repo.full_name(), pipeline.id);
    merge(
        &mut value,
        json!({
            "before_sha": NO_COMMIT,
            "tag": false,
            "yaml_errors": null,
            "user": user_of(world, &pipeline.user),
            "started_at": pipeline.started_at.map(rest_time),
            "finished_at": pipeline.finished_at.map(rest_time),
            "committed_at": null,
            "duration": seconds_between(pipeline.started_at, pipeline.finished_at),
            "queued_duration": seconds_between(Some(pipeline.created_at), pipeline.started_at),
            "coverage": null,
            "detailed_status": {
                "icon": format!("status_{}", status.as_str()),
                "text": status.label(),
                "label": status.label(),
                "group": status.as_str(),
                "tooltip": status.label(),
                "has_details": true,
                "details_path": path,
                "illustration": null,
                "favicon": format!("/assets/ci_favicons/favicon_status_{}.png", status.as_str()),
            },
        }),
    );
    value
}

/// One item of `GET …/repository/commits/:sha/statuses`: jobs are statuses, too.
pub fn rest_status(world: &World, repo: &Repo, pipeline: &Pipeline, job: &Job) -> Value {
    let external = job.external.as_ref();
    let own = format!("{}/-/jobs/{}", web_url(&world.site, repo), job.id);
    let creator = external.map_or(pipeline.user.as_str(), |external| external.creator.as_str());
    json!({
        "id": job.id,
        "sha": pipeline.sha,
        "ref": pipeline.reference(),
        "status": job.status.as_str(),
        "name": job.name,
        "target_url": external.map_or(Some(own), |external| external.target_url.clone()),
        "description": external.and_then(|external| external.description.clone()),
        "created_at": rest_time(job.created_at),
        "started_at": job.started_at.map(rest_time),
        "finished_at": job.finished_at.map(rest_time),
        "allow_failure": job.allow_failure,
        "coverage": null,
        "pipeline_id": pipeline.id,
        "author": user_of(world, creator),
    })
}

/// `object_attributes` of a pipeline event.
pub fn hook_pipeline(world: &World, repo: &Repo, pipeline: &Pipeline) -> Value {
    json!({
        "id": pipeline.id,
        "iid": pipeline.number,
        "name": null,
        // The source branch also where it runs for a merge request, unlike in the API.
        "ref": pipeline.branch,
        "tag": false,
        "sha": pipeline.sha,
        "before_sha": NO_COMMIT,
        "source": pipeline.kind.source(),
        "status": pipeline.status.as_str(),
        "detailed_status": pipeline.status.label(),
        "stages": ["test"],
        "created_at": hook_time(pipeline.created_at),
        "finished_at": pipeline.finished_at.map(hook_time),
        "duration": seconds_between(pipeline.started_at, pipeline.finished_at),
        "queued_duration": seconds_between(Some(pipeline.created_at), pipeline.started_at),
        "variables": [],
        "url": pipeline_url(&world.site, repo, pipeline.id),
    })
}

/// The jobs of a pipeline event. Commit statuses of other services are none.
pub fn hook_builds(site: &Site, pipeline: &Pipeline, by: &User) -> Value {
    let builds = pipeline
        .present_jobs()
        .filter(|job| job.external.is_none())
        .map(|job| {
            let failed = job.status == JobStatus::Failed;
            json!({
                "id": job.id,
                "stage": job.stage,
                "name": job.name,
                "status": job.status.as_str(),
                "created_at": hook_time(job.created_at),
                "started_at": job.started_at.map(hook_time),
                "finished_at": job.finished_at.map(hook_time),
                "duration": seconds_between(job.started_at, job.finished_at),
                "queued_duration": seconds_between(Some(job.created_at), job.started_at),
                "failure_reason": failed.then_some("script_failure"),
                "when": "on_success",
                "manual": false,
                "allow_failure": job.allow_failure,
                "user": hook_user(site, by),
                "runner": null,
                "artifacts_file": { "filename": null, "size": null },
                "environment": null,
            })
        });
    builds.collect()
}
