//! Pipelines: the checks of GitLab. One check for each kind: the newest of the commit.

use std::collections::BTreeMap;

use ampel_domain::{
    facts::{CheckKey, CheckReport, CheckState, CommitSha, Unavailable},
    pulls::{EvidenceSnapshot, Snapshot},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    answers::{MergeRequest, Pipeline, number_of},
    api::{Api, READING, has_next, json},
    projects::project,
    snapshot::unreadable,
};
use crate::{ProviderError, gitlab::words};

/// Pages of a hundred pipelines of one commit that are read at most.
const MOST_PAGES: u32 = 10;

/// A pipeline in a list of REST.
#[derive(Deserialize)]
struct ListedPipeline {
    id: u64,
    status: String,
    source: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    web_url: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    tag: bool,
}

/// The newest pipeline of each kind.
#[derive(Default)]
pub(super) struct Newest(BTreeMap<CheckKey, CheckReport>);

impl Newest {
    fn take(&mut self, check: CheckReport) {
        let seen = self.0.get(&check.key);
        if seen.is_none_or(|seen| seen.run < check.run) {
            self.0.insert(check.key.clone(), check);
        }
    }

    fn into_checks(self) -> Vec<CheckReport> {
        self.0.into_values().collect()
    }
}

/// The evidence that an answer shows, and whether there may be more of it than it shows.
///
/// Its pipelines count where they ran on its head; its head pipeline counts also where it ran on
/// a trial merge of that.
pub(super) fn shown(
    api: &Api,
    answer: &MergeRequest,
    head: &CommitSha,
) -> (EvidenceSnapshot, bool) {
    let mut newest = Newest::default();
    let mut unavailable = None;
    let list = answer.pipelines.as_ref();
    let nodes = list.and_then(|list| list.nodes.as_ref());
    if nodes.is_none() {
        unavailable = Some(unreadable());
    }
    let is_on_head = |pipeline: &&Pipeline| pipeline.sha.as_deref() == Some(head.as_str());
    let listed = nodes.into_iter().flatten();
    for pipeline in listed.clone().flatten().filter(is_on_head) {
        match report(api, pipeline) {
            Some(Some(check)) => newest.take(check),
            Some(None) => {}
            None => unavailable = Some(unreadable()),
        }
    }
    if let Some(pipeline) = &answer.head_pipeline {
        match report(api, pipeline) {
            Some(Some(check)) => newest.take(check),
            Some(None) => {}
            None => unavailable = Some(unreadable()),
        }
    }
    if listed.clone().any(Option::is_none) {
        unavailable = Some(unreadable());
    }
    let all_on_head = listed.flatten().all(|pipeline| is_on_head(&pipeline));
    let may_have_more = list.is_some_and(super::answers::Connection::has_more) && all_on_head;
    let evidence = EvidenceSnapshot {
        sha: head.clone(),
        checks: newest.into_checks(),
        unavailable,
    };
    (evidence, may_have_more)
}

/// What a pipeline says, `Some(None)` where it is no check; `None` where it has no id.
fn report(api: &Api, pipeline: &Pipeline) -> Option<Option<CheckReport>> {
    let run = number_of(&pipeline.id)?;
    let Some(key) = words::pipeline_key(pipeline.source.as_deref()) else {
        return Some(None);
    };
    let state = words::pipeline_state(&pipeline.status);
    let is_over = matches!(state, CheckState::Completed(_));
    Some(Some(CheckReport {
        key,
        state,
        run,
        attempt: 0,
        at: pipeline.updated_at.unwrap_or(pipeline.created_at),
        moved_at: None,
        status_id: None,
        url: pipeline
            .path
            .as_deref()
            .and_then(|path| words::link(api.link(path).as_deref())),
        started_at: pipeline.started_at,
        completed_at: pipeline.finished_at.filter(|_| is_over),
    }))
}

/// All pipelines of a commit.
pub(super) async fn of_commit(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    let mut newest = Newest::default();
    let mut date = None;
    let mut unavailable = None;
    for page in 1..=MOST_PAGES {
        let mut url = api.of_project(repo, &["pipelines"])?;
        url.query_pairs_mut()
            .append_pair("sha", head.as_str())
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = api.get(&url, READING).await?;
        date = date.or(Some(answer.began_at()?));
        let listed: Vec<ListedPipeline> = json(&answer)?;
        for pipeline in listed.into_iter().filter(ListedPipeline::counts) {
            match pipeline.report() {
                Some(check) => newest.take(check),
                None => unavailable = Some(unreadable()),
            }
        }
        if !has_next(&answer) {
            break;
        }
        if page == MOST_PAGES {
            unavailable = Some(Unavailable {
                why: "there are more of them than Ampel reads.".to_owned(),
            });
        }
    }
    let date = date.ok_or(ProviderError::NotFound)?;
    Ok(Snapshot {
        date,
        of: EvidenceSnapshot {
            sha: head.clone(),
            checks: newest.into_checks(),
            unavailable,
        },
    })
}

impl ListedPipeline {
    fn counts(&self) -> bool {
        let is_tag = self
            .reference
            .as_deref()
            .is_some_and(|name| name.starts_with("refs/tags/"));
        !self.tag && !is_tag && words::pipeline_key(self.source.as_deref()).is_some()
    }

    /// `None` without a time: then it can not be told whether it is the newest word.
    fn report(&self) -> Option<CheckReport> {
        Some(CheckReport {
            key: words::pipeline_key(self.source.as_deref())?,
            state: words::pipeline_state(&self.status),
            run: self.id,
            attempt: 0,
            at: self.updated_at.or(self.created_at)?,
            moved_at: None,
            status_id: None,
            url: words::link(self.web_url.as_deref()),
            started_at: None,
            completed_at: None,
        })
    }
}

/// Why pipelines can not be read, though GraphQL shows an empty list, as it does to whom it hides
/// them; `None` where they can be read, and where the project has none by its own choice.
pub(super) async fn hidden(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Option<Unavailable>, ProviderError> {
    let mut url = api.of_project(repo, &["pipelines"])?;
    url.query_pairs_mut().append_pair("per_page", "1");
    match api.get(&url, READING).await {
        Ok(_) => return Ok(None),
        Err(ProviderError::Permission { .. } | ProviderError::NotFound) => {}
        Err(other) => return Err(other),
    }
    let has_pipelines = project(api, repo).await?.has_pipelines();
    Ok(has_pipelines.then(|| Unavailable {
        why: "the token may not read pipelines. Give its owner at least the role Reporter, or \
              save a token of somebody who has it in the account."
            .to_owned(),
    }))
}
