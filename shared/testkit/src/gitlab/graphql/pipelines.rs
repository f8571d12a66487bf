//! Pipelines and their jobs.

use serde_json::json;

use super::connection::Connection;
use super::resolve::{Args, Context, Out, Resolved, Thing, gid, unknown};
use crate::gitlab::model::{Job, JobStatus, Pipeline, Repo};
use crate::gitlab::shape;

/// A field of a pipeline.
pub(super) fn pipeline<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pipeline: &'w Pipeline,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let status = pipeline.status;
    let maybe_time = |time: Option<jiff::Timestamp>| Ok(Out::leaf(time.map(shape::graphql_time)));
    match field {
        "id" => Ok(Out::leaf(gid("Ci::Pipeline", pipeline.id))),
        "iid" => Ok(Out::leaf(pipeline.number.to_string())),
        "name" | "beforeSha" => Ok(Out::null()),
        "sha" => Ok(Out::leaf(pipeline.sha.as_str())),
        "ref" => Ok(Out::leaf(pipeline.reference())),
        "refPath" => Ok(Out::leaf(reference_path(pipeline))),
        "source" => Ok(Out::leaf(pipeline.kind.source())),
        "mergeRequestEventType" => Ok(Out::leaf(pipeline.kind.event_type())),
        "status" => Ok(Out::leaf(status.as_str().to_uppercase())),
        "active" => Ok(Out::leaf(!status.is_over())),
        "complete" => Ok(Out::leaf(status.is_over())),
        "warnings" => {
            Ok(Out::leaf(pipeline.present_jobs().any(|job| {
                job.allow_failure && job.status == JobStatus::Failed
            })))
        }
        "createdAt" => maybe_time(Some(pipeline.created_at)),
        "updatedAt" => maybe_time(Some(pipeline.updated_at)),
        "startedAt" => maybe_time(pipeline.started_at),
        "finishedAt" => maybe_time(pipeline.finished_at),
        "duration" => {
            let end = pipeline.finished_at.map(jiff::Timestamp::as_second);
            let start = pipeline.started_at.map(jiff::Timestamp::as_second);
            Ok(Out::leaf(end.zip(start).map(|(end, start)| end - start)))
        }
        "path" => Ok(Out::leaf(format!(
            "/{}/-/pipelines/{}",
            repo.full_name(),
            pipeline.id
        ))),
        "latest" => {
            let mut others = repo.pipelines.values();
            let newer = others.any(|own| own.id > pipeline.id && own.branch == pipeline.branch);
            Ok(Out::leaf(!newer))
        }
        "totalJobs" => Ok(Out::leaf(pipeline.present_jobs().count())),
        "user" => Ok(Out::maybe(
            context
                .world
                .user(&pipeline.user)
                .map(|user| Thing::User("UserCore", user)),
        )),
        "detailedStatus" => Ok(Out::plain(json!({
            "__typename": "DetailedStatus",
            "group": status.as_str(),
            "icon": format!("status_{}", status.as_str()),
            "label": status.label(),
            "text": status.label(),
        }))),
        "jobs" => {
            let retried = args.flag("retried");
            let jobs = pipeline.jobs.iter();
            let wanted = jobs.filter(|job| retried.is_none_or(|retried| retried == job.retried));
            let things = wanted.map(|job| Thing::Job(repo, job));
            Ok(Connection::of("CiJobConnection", things, args))
        }
        _ => unknown("Pipeline", field),
    }
}

fn reference_path(pipeline: &Pipeline) -> String {
    let reference = pipeline.reference();
    if reference.starts_with("refs/") {
        reference
    } else {
        format!("refs/heads/{reference}")
    }
}

/// A field of a job.
pub(super) fn job<'w>(repo: &Repo, job: &Job, field: &str) -> Resolved<'w> {
    let maybe_time = |time: Option<jiff::Timestamp>| Ok(Out::leaf(time.map(shape::graphql_time)));
    match field {
        "id" => Ok(Out::leaf(gid("Ci::Build", job.id))),
        "name" => Ok(Out::leaf(job.name.as_str())),
        "status" => Ok(Out::leaf(job.status.as_str().to_uppercase())),
        "allowFailure" => Ok(Out::leaf(job.allow_failure)),
        "retried" => Ok(Out::leaf(job.retried)),
        "createdAt" => maybe_time(Some(job.created_at)),
        "startedAt" => maybe_time(job.started_at),
        "finishedAt" => maybe_time(job.finished_at),
        "webPath" => Ok(Out::leaf(format!(
            "/{}/-/jobs/{}",
            repo.full_name(),
            job.id
        ))),
        _ => unknown("CiJob", field),
    }
}
