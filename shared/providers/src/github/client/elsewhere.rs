//! What a token that may not read checks can still read of them: the jobs of GitHub Actions and
//! the commit statuses, by REST.
//!
//! Fine-grained tokens have no permission for checks, so `statusCheckRollup.contexts` leaves the
//! places of check runs empty for them on private repositories. A job of GitHub Actions is a check
//! run, and Actions is a permission that such tokens have. The checks of other apps stay hidden.

use ampel_domain::{
    facts::{CheckKey, CheckReport, CommitSha, Unavailable},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use reqwest::Url;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    api::{Api, json},
    gathered::Gathered,
    repositories::has_next,
};
use crate::{ProviderError, github::words, text::check_name};

/// The app whose check runs are jobs.
const ACTIONS: &str = "github-actions";
/// Workflow runs of a commit whose jobs are read at most.
const MOST_RUNS: usize = 20;
/// Pages of a hundred of one list that are read at most.
const MOST_PAGES: u32 = 10;

/// What a token turned out to be able to read: what it may not is asked for once, not for every
/// commit.
#[derive(Debug)]
pub(super) struct Reach {
    actions: bool,
    statuses: bool,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            actions: true,
            statuses: true,
        }
    }
}

#[derive(Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    id: u64,
    name: String,
    status: String,
    conclusion: Option<String>,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    html_url: Option<String>,
    check_run_url: Option<String>,
}

#[derive(Deserialize)]
struct Combined {
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    id: Option<u64>,
    context: Option<String>,
    state: String,
    target_url: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

/// Adds what can be read elsewhere. They are all there only where as many were found as GitHub
/// hides and its own sum is a success: then nothing that waits or failed can be among what is
/// hidden.
pub(super) async fn add(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
    gathered: &mut Gathered,
    reach: &mut Reach,
) -> Result<(), ProviderError> {
    let mut found = Vec::new();
    if reach.actions {
        match jobs(api, repo, head).await? {
            Some(jobs) => found.extend(jobs),
            None => reach.actions = false,
        }
    }
    let may_hide_statuses = !gathered.is_listed || found.len() < gathered.hidden;
    if reach.statuses && may_hide_statuses {
        match statuses(api, repo, head).await? {
            Some(statuses) => found.extend(statuses),
            None => reach.statuses = false,
        }
    }
    found.retain(|new| gathered.checks.iter().all(|known| !is_same(known, new)));
    let is_whole = gathered.is_listed
        && gathered.hidden == found.len()
        && gathered.rollup.as_deref() == Some("SUCCESS");
    gathered.checks.extend(found);
    gathered.unavailable = (!is_whole).then(|| still_hidden(reach));
    Ok(())
}

fn is_same(known: &CheckReport, new: &CheckReport) -> bool {
    known.key == new.key && known.run == new.run
}

fn still_hidden(reach: &Reach) -> Unavailable {
    let why = if reach.actions {
        "the token may read the checks of GitHub Actions alone, and GitHub does not sum all up as \
         passed. Fine-grained tokens can not read more; save a classic token with the scope `repo` \
         in the account."
    } else {
        "the token may not read checks. Fine-grained tokens can read those of GitHub Actions where \
         they have read access to Actions; save a classic token with the scope `repo` in the \
         account to read all."
    };
    Unavailable {
        why: why.to_owned(),
    }
}

/// The jobs of all workflow runs of a commit, in their latest attempts; `None` where the token may
/// not read them.
async fn jobs(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Option<Vec<CheckReport>>, ProviderError> {
    let mut runs_url = api.of(repo, &["actions", "runs"])?;
    runs_url
        .query_pairs_mut()
        .append_pair("head_sha", head.as_str());
    let Some(runs) = all(api, &runs_url, |page: Runs| page.workflow_runs).await? else {
        return Ok(None);
    };
    let mut reports = Vec::new();
    for run in runs.iter().take(MOST_RUNS) {
        let url = api.of(repo, &["actions", "runs", &run.id.to_string(), "jobs"])?;
        let jobs = all(api, &url, |page: Jobs| page.jobs).await?;
        reports.extend(jobs.into_iter().flatten().filter_map(Job::report));
    }
    Ok(Some(reports))
}

async fn statuses(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Option<Vec<CheckReport>>, ProviderError> {
    let url = api.of(repo, &["commits", head.as_str(), "status"])?;
    let statuses = all(api, &url, |page: Combined| page.statuses).await?;
    Ok(statuses.map(|statuses| statuses.into_iter().filter_map(Status::report).collect()))
}

/// All pages of a list; `None` where the token may not read it.
async fn all<P: DeserializeOwned, T>(
    api: &Api,
    list: &Url,
    items: impl Fn(P) -> Vec<T> + Send,
) -> Result<Option<Vec<T>>, ProviderError> {
    let mut all = Vec::new();
    for page in 1..=MOST_PAGES {
        let mut url = list.clone();
        url.query_pairs_mut()
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = match api.get(&url, "").await {
            Ok(answer) => answer,
            // A conflict is how a commit that the repository does not have is told.
            Err(
                ProviderError::Permission { .. }
                | ProviderError::NotFound
                | ProviderError::Conflict { .. },
            ) => return Ok(None),
            Err(error) => return Err(error),
        };
        all.extend(items(json(&answer)?));
        if !has_next(&answer) {
            break;
        }
    }
    Ok(Some(all))
}

impl Job {
    /// The check run that the job is; `None` for one without a time, which could not be told from
    /// its earlier attempts.
    fn report(self) -> Option<CheckReport> {
        let check_run = self.check_run_url.as_deref();
        let run = check_run
            .and_then(|url| url.rsplit('/').next())
            .and_then(|id| id.parse().ok())
            .unwrap_or(self.id);
        Some(CheckReport {
            at: self.completed_at.or(self.started_at).or(self.created_at)?,
            key: CheckKey::Run {
                app: ACTIONS.to_owned(),
                name: check_name(&self.name),
            },
            state: words::check_state(&self.status, self.conclusion.as_deref()),
            run,
            attempt: 0,
            moved_at: None,
            status_id: None,
            url: words::link(self.html_url.as_deref()),
            started_at: self.started_at,
            completed_at: self.completed_at,
        })
    }
}

impl Status {
    fn report(self) -> Option<CheckReport> {
        Some(CheckReport {
            at: self.updated_at.or(self.created_at)?,
            key: CheckKey::Status {
                context: check_name(self.context.as_deref().unwrap_or("default")),
            },
            state: words::status_state(&self.state),
            run: 0,
            attempt: 0,
            moved_at: None,
            status_id: self.id,
            url: words::link(self.target_url.as_deref()),
            started_at: None,
            completed_at: None,
        })
    }
}
