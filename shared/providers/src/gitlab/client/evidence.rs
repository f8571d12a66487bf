//! Pipelines: the checks of GitLab. One check for each kind, and for each
//! branch or merge request that has the commit: the newest.

use std::collections::BTreeMap;

use ampel_domain::{
    facts::{CheckKey, CheckReport, CheckScope, CheckState, CommitSha, Unavailable},
    provider::ProviderRepositoryId,
    pulls::{EvidenceSnapshot, PullRequestReport, Snapshot},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    answers::{MergeRequest, Pipeline, number_of},
    api::{Api, READING, has_next, json},
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

const HIDDEN: &str = "GitLab has pipelines of them that it does not show to this token. It needs at \
                      least the role Reporter in the project that the branch is in: give it to \
                      the token's owner, or save a token of somebody who has it in the account.";

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

    /// Takes a pipeline of a list, where it counts.
    fn take_listed(
        &mut self,
        pipeline: &ListedPipeline,
        scope: Option<CheckScope>,
        unavailable: &mut Option<Unavailable>,
    ) {
        let key = words::pipeline_key(pipeline.source.as_deref(), scope);
        let Some(key) = key.filter(|_| !pipeline.is_of_tag()) else {
            return;
        };
        match pipeline.report(key) {
            Some(check) => self.take(check),
            None => *unavailable = Some(unreadable()),
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
    of: &PullRequestReport,
) -> (EvidenceSnapshot, bool) {
    let head = &of.head.sha;
    let mut newest = Newest::default();
    let list = answer.pipelines.as_ref();
    let nodes = list.and_then(|list| list.nodes.as_ref());
    let mut unavailable = match nodes {
        None => Some(unreadable()),
        Some(_) => hidden(answer),
    };
    let listed = nodes.into_iter().flatten();
    if listed.clone().any(Option::is_none) {
        unavailable = Some(unreadable());
    }
    let is_on_head = |pipeline: &&Pipeline| pipeline.sha.as_deref() == Some(head.as_str());
    let on_head = listed.flatten().filter(is_on_head);
    for pipeline in on_head.clone().chain(&answer.head_pipeline) {
        match report(api, pipeline, of) {
            Some(Some(check)) => newest.take(check),
            Some(None) => {}
            None => unavailable = Some(unreadable()),
        }
    }
    // Newer servers put those of merge requests first, however old. One of them that counts is
    // the head pipeline; the branch's own may be on a later page.
    let is_of_branch = |pipeline: &Pipeline| !is_own(pipeline.source.as_deref());
    let has_more = list.is_some_and(super::answers::Connection::has_more);
    let may_have_more = has_more && !on_head.clone().any(is_of_branch);
    let evidence = EvidenceSnapshot {
        sha: head.clone(),
        checks: newest.into_checks(),
        unavailable,
        scopes: of.head.check_scopes(of.number),
    };
    (evidence, may_have_more)
}

/// GitLab shows no pipeline to whom it hides them, also of a fork; but it does tell that there are.
fn hidden(answer: &MergeRequest) -> Option<Unavailable> {
    let nodes = answer
        .pipelines
        .as_ref()
        .and_then(|list| list.nodes.as_ref());
    let shows_some = nodes.is_some_and(|nodes| !nodes.is_empty());
    if shows_some || answer.head_pipeline.is_some() || answer.has_ci == Some(false) {
        return None;
    }
    Some(Unavailable {
        why: HIDDEN.to_owned(),
    })
}

/// Whether a pipeline runs for the merge request, not for its branch.
fn is_own(source: Option<&str>) -> bool {
    source == Some(words::MERGE_REQUEST_SOURCE)
}

/// What a pipeline of a merge request speaks for: that, or its branch. One of a fork's branch is
/// seen through the merge request alone.
fn scope(source: Option<&str>, of: &PullRequestReport) -> CheckScope {
    if is_own(source) || of.head.is_fork {
        CheckScope::PullRequest { number: of.number }
    } else {
        CheckScope::Branch {
            name: of.head.branch.clone(),
        }
    }
}

/// What a pipeline says, `Some(None)` where it is no check; `None` where it has no id.
fn report(api: &Api, pipeline: &Pipeline, of: &PullRequestReport) -> Option<Option<CheckReport>> {
    let run = number_of(&pipeline.id)?;
    let source = pipeline.source.as_deref();
    let Some(key) = words::pipeline_key(source, Some(scope(source, of))) else {
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

/// The pipelines of a commit in a project.
struct OfCommit {
    date: Timestamp,
    listed: Vec<ListedPipeline>,
    unavailable: Option<Unavailable>,
}

async fn read(
    api: &Api,
    project: &ProviderRepositoryId,
    head: &CommitSha,
) -> Result<OfCommit, ProviderError> {
    let mut all = Vec::new();
    let mut date = None;
    let mut unavailable = None;
    for page in 1..=MOST_PAGES {
        let mut url = api.url(&["projects", &project.0, "pipelines"])?;
        url.query_pairs_mut()
            .append_pair("sha", head.as_str())
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = api.get(&url, READING).await?;
        date = date.or(Some(answer.began_at()?));
        let listed: Vec<ListedPipeline> = json(&answer)?;
        all.extend(listed);
        if !has_next(&answer) {
            break;
        }
        if page == MOST_PAGES {
            unavailable = Some(Unavailable {
                why: "there are more of them than Ampel reads.".to_owned(),
            });
        }
    }
    Ok(OfCommit {
        date: date.ok_or(ProviderError::NotFound)?,
        listed: all,
        unavailable,
    })
}

/// All pipelines of a commit that its project has, whichever branches and merge requests they
/// speak for. Trial merges and forks have commits and projects of their own.
pub(super) async fn of_commit(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    let read = read(api, &repo.provider_id, head).await?;
    let mut newest = Newest::default();
    let mut unavailable = read.unavailable;
    let scope = |one: &ListedPipeline| words::pipeline_scope(one.reference.as_deref()?);
    for pipeline in read.listed {
        newest.take_listed(&pipeline, scope(&pipeline), &mut unavailable);
    }
    let checks = newest.into_checks();
    let scopes = checks.iter().filter_map(|check| check.key.scope());
    let branches = scopes.filter(|scope| matches!(scope, CheckScope::Branch { .. }));
    Ok(Snapshot {
        date: read.date,
        of: EvidenceSnapshot {
            sha: head.clone(),
            scopes: branches.cloned().collect(),
            checks,
            unavailable,
        },
    })
}

/// Adds the pipelines on the head that were not among those shown of the merge request.
pub(super) async fn add_hidden(
    api: &Api,
    answer: &MergeRequest,
    of: &PullRequestReport,
    evidence: &mut EvidenceSnapshot,
) -> Result<(), ProviderError> {
    let Some(source) = answer.source_project_id else {
        return Ok(());
    };
    let source = ProviderRepositoryId(source.to_string());
    let read = match read(api, &source, &of.head.sha).await {
        Ok(read) => read,
        Err(ProviderError::Permission { .. } | ProviderError::NotFound) => {
            evidence.unavailable = Some(Unavailable {
                why: HIDDEN.to_owned(),
            });
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    let mut newest = Newest::default();
    let mut unavailable = read.unavailable;
    let branch = Some(of.head.branch.as_str());
    // Merge request pipelines were all shown that count; here they may be of another one.
    let is_of_branch = |one: &&ListedPipeline| {
        one.reference.as_deref() == branch && !is_own(one.source.as_deref())
    };
    for pipeline in read.listed.iter().filter(is_of_branch) {
        let scope = scope(pipeline.source.as_deref(), of);
        newest.take_listed(pipeline, Some(scope), &mut unavailable);
    }
    for check in newest.into_checks() {
        if !evidence.checks.iter().any(|shown| shown.key == check.key) {
            evidence.checks.push(check);
        }
    }
    evidence.unavailable = evidence.unavailable.take().or(unavailable);
    Ok(())
}

impl ListedPipeline {
    fn is_of_tag(&self) -> bool {
        let name = self.reference.as_deref().unwrap_or_default();
        self.tag || name.starts_with("refs/tags/")
    }

    /// `None` without a time: then it can not be told whether it is the newest word.
    fn report(&self, key: CheckKey) -> Option<CheckReport> {
        Some(CheckReport {
            key,
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
