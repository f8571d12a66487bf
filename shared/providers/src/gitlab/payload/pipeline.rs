//! `pipeline`.

use ampel_domain::{
    facts::{CheckKey, CheckReport, CheckScope, CheckState},
    ids::PullRequestNumber,
    pulls::ProviderEvent,
};
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Moment, Project, Text, repository_of, sha, text},
};
use crate::gitlab::words;

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    object_attributes: Pipeline<'a>,
    merge_request: Option<MergeRequest>,
    #[serde(borrow)]
    project: Option<Project<'a>>,
    #[serde(default)]
    builds: Option<Vec<Option<Job>>>,
}

#[derive(Deserialize)]
struct Pipeline<'a> {
    id: u64,
    /// The source branch where it runs for a merge request.
    #[serde(borrow, rename = "ref")]
    reference: Option<Text<'a>>,
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    tag: Option<bool>,
    created_at: Option<Moment>,
    finished_at: Option<Moment>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct MergeRequest {
    iid: Option<u32>,
    target_project_id: Option<u64>,
}

#[derive(Deserialize)]
struct Job {
    created_at: Option<Moment>,
    started_at: Option<Moment>,
    finished_at: Option<Moment>,
}

/// A pipeline of a tag is no merge request's, whatever the commit; one that runs in a fork for a
/// merge request elsewhere is nobody's here.
pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let pipeline = &payload.object_attributes;
    let key = words::pipeline_key(text(pipeline.source.as_ref()), payload.scope());
    let is_ours = pipeline.tag != Some(true) && !payload.is_for_elsewhere();
    let Some(key) = key.filter(|_| is_ours) else {
        return Ok(None);
    };
    let event = ProviderEvent::CheckSeen {
        sha: sha(
            pipeline.sha.as_ref(),
            "object_attributes.sha is no full commit hash",
        )?,
        pull_request: payload.pull_request(),
        check: Box::new(payload.report(key)?),
    };
    let repository = repository_of(payload.project.as_ref(), None)?;
    Ok(Some((repository, event)))
}

impl Payload<'_> {
    fn report(&self, key: CheckKey) -> Result<CheckReport, Unusable> {
        let pipeline = &self.object_attributes;
        let state = words::pipeline_state(pipeline.status.as_str());
        let is_over = matches!(state, CheckState::Completed(_));
        let moved_at = self.moved_at();
        Ok(CheckReport {
            key,
            state,
            run: pipeline.id,
            attempt: 0,
            at: moved_at
                .ok_or(Unusable::Field("the pipeline has no time"))?
                .0,
            moved_at: None,
            status_id: None,
            url: words::link(text(pipeline.url.as_ref())),
            started_at: None,
            completed_at: pipeline
                .finished_at
                .filter(|_| is_over)
                .map(|moment| moment.0),
        })
    }

    /// When it last moved. The pipeline itself tells only its beginning and its last end, and a
    /// retried one goes on under its id; its jobs tell the rest.
    fn moved_at(&self) -> Option<Moment> {
        let pipeline = &self.object_attributes;
        let of_jobs = self
            .builds
            .iter()
            .flatten()
            .flatten()
            .filter_map(|job| job.created_at.max(job.started_at).max(job.finished_at))
            .max();
        pipeline.created_at.max(pipeline.finished_at).max(of_jobs)
    }

    /// Whether it ran for a merge request of another project.
    fn is_for_elsewhere(&self) -> bool {
        let merge_request = self.merge_request.as_ref();
        let target = merge_request.and_then(|merge_request| merge_request.target_project_id);
        let here = self.project.as_ref().and_then(|project| project.id);
        target.is_some() && target != here
    }

    /// The merge request it ran for.
    fn pull_request(&self) -> Option<PullRequestNumber> {
        PullRequestNumber::new(self.merge_request.as_ref()?.iid?)
    }

    fn scope(&self) -> Option<CheckScope> {
        match self.pull_request() {
            Some(number) => Some(CheckScope::PullRequest { number }),
            None => words::pipeline_scope(text(self.object_attributes.reference.as_ref())?),
        }
    }
}
