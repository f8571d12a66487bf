//! Check suites and runs, reruns, and commit statuses.

use serde_json::{Value, json};

use crate::fake::Problem;
use crate::github::model::{
    CheckRun, CheckSuite, Conclusion, RunStatus, StatusState, StatusUpdate, WorkflowRun,
};
use crate::github::shape;
use crate::github::world::World;

/// The app that runs workflows.
const ACTIONS: &str = "github-actions";

/// A check run to make.
pub struct NewRun<'a> {
    /// The repository.
    pub repo: u64,
    /// The commit it checks.
    pub sha: &'a str,
    /// Branch of the commit, if it lives in the repository itself.
    pub branch: Option<&'a str>,
    /// Name of the check.
    pub name: &'a str,
    /// Slug of the app.
    pub app: &'a str,
    /// The workflow it belongs to, for GitHub Actions.
    pub workflow: &'a str,
}

impl World {
    /// Makes a run that waits, and its suite if this is the first one of the app at the commit.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn create_run(&mut self, new: &NewRun<'_>) -> Result<u64, Problem> {
        let now = self.moved_now();
        let suite = self.ensure_suite(new)?;
        let id = self.next_id();
        let run = CheckRun {
            id,
            suite_id: suite,
            name: new.name.to_owned(),
            app: new.app.to_owned(),
            head_sha: new.sha.to_owned(),
            status: RunStatus::Queued,
            conclusion: None,
            started_at: Some(now),
            completed_at: None,
        };
        self.repo_mut(new.repo)?.check_runs.insert(id, run);
        self.settle_suite(new.repo, suite)?;
        self.emit_run(new.repo, id, "created")?;
        Ok(id)
    }

    /// The run starts to work. GitHub sends nothing for it; only the next read shows it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such run.
    pub fn start_run(&mut self, repo: u64, id: u64) -> Result<(), Problem> {
        let now = self.moved_now();
        let run = self.run_mut(repo, id)?;
        run.status = RunStatus::InProgress;
        run.started_at = Some(now);
        let suite = run.suite_id;
        self.settle_suite(repo, suite)
    }

    /// The run ends; when it was the last one of its suite, the suite ends too.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such run.
    pub fn complete_run(&mut self, repo: u64, id: u64, end: Conclusion) -> Result<(), Problem> {
        let now = self.moved_now();
        let run = self.run_mut(repo, id)?;
        run.status = RunStatus::Completed;
        run.conclusion = Some(end);
        run.completed_at = Some(now);
        let suite = run.suite_id;
        self.settle_suite(repo, suite)?;
        self.emit_run(repo, id, "completed")?;
        let ended = self.suite(repo, suite)?.status == RunStatus::Completed;
        if ended {
            self.emit_suite(repo, suite, "completed")
        } else {
            Ok(())
        }
    }

    /// Runs a check again: a new run with a new id in the same suite hides the old one.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such run.
    pub fn rerun(&mut self, repo: u64, id: u64) -> Result<u64, Problem> {
        let old = self.run_mut(repo, id)?.clone();
        let now = self.moved_now();
        let fresh = self.next_id();
        let run = CheckRun {
            id: fresh,
            status: RunStatus::Queued,
            conclusion: None,
            started_at: Some(now),
            completed_at: None,
            ..old
        };
        let suite = run.suite_id;
        self.repo_mut(repo)?.check_runs.insert(fresh, run);
        self.settle_suite(repo, suite)?;
        self.emit_suite(repo, suite, "rerequested")?;
        self.emit_run(repo, fresh, "created")?;
        Ok(fresh)
    }

    /// Sets a commit status.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn set_status(
        &mut self,
        repo: u64,
        sha: &str,
        context: &str,
        state: StatusState,
        by: &str,
    ) -> Result<u64, Problem> {
        let by = self.ensure_user(by).login;
        let now = self.moved_now();
        let id = self.next_id();
        let status = StatusUpdate {
            id,
            sha: sha.to_owned(),
            context: context.to_owned(),
            state,
            description: Some(format!("{context}: {}", state.as_str())),
            target_url: Some(format!("https://ci.example/builds/{id}")),
            creator: by.clone(),
            created_at: now,
        };
        self.repo_mut(repo)?.statuses.push(status);
        let body = self.status_body(repo, id)?;
        self.emit(repo, "status", &by, body)?;
        Ok(id)
    }

    fn status_body(&self, repo: u64, id: u64) -> Result<Value, Problem> {
        let repo = self.repo(repo)?;
        let status = repo.statuses.iter().find(|status| status.id == id);
        let status = status.ok_or_else(|| Problem::missing(format!("status {id}")))?;
        Ok(shape::status_event(self, repo, status))
    }

    fn ensure_suite(&mut self, new: &NewRun<'_>) -> Result<u64, Problem> {
        let workflow = (new.app == ACTIONS).then(|| new.workflow.to_owned());
        let existing = self.repo(new.repo)?.check_suites.values().find(|suite| {
            suite.app == new.app
                && suite.head_sha == new.sha
                && suite.workflow.as_ref().map(|own| &own.name) == workflow.as_ref()
        });
        if let Some(suite) = existing {
            return Ok(suite.id);
        }
        let (id, run_id) = (self.next_id(), self.next_id());
        let now = self.clock.now();
        let suite = CheckSuite {
            id,
            app: new.app.to_owned(),
            head_sha: new.sha.to_owned(),
            head_branch: new.branch.map(str::to_owned),
            status: RunStatus::Queued,
            conclusion: None,
            workflow: workflow.map(|name| WorkflowRun { id: run_id, name }),
            created_at: now,
            updated_at: now,
        };
        self.repo_mut(new.repo)?.check_suites.insert(id, suite);
        self.emit_suite(new.repo, id, "requested")?;
        Ok(id)
    }

    /// A suite is as far as its slowest run, and ends as its worst one.
    fn settle_suite(&mut self, repo: u64, suite: u64) -> Result<(), Problem> {
        let now = self.clock.now();
        let sha = self.suite(repo, suite)?.head_sha.clone();
        let target = self.repo(repo)?;
        let runs: Vec<CheckRun> = target
            .latest_runs(&sha)
            .into_iter()
            .filter(|run| run.suite_id == suite)
            .cloned()
            .collect();
        let status = if runs.iter().all(|run| run.status == RunStatus::Completed) {
            RunStatus::Completed
        } else if runs.iter().all(|run| run.status == RunStatus::Queued) {
            RunStatus::Queued
        } else {
            RunStatus::InProgress
        };
        let worst = runs
            .iter()
            .filter_map(|run| run.conclusion)
            .find(|end| !end.passes());
        let conclusion =
            (status == RunStatus::Completed).then(|| worst.unwrap_or(Conclusion::Success));
        let suites = &mut self.repo_mut(repo)?.check_suites;
        if let Some(suite) = suites.get_mut(&suite) {
            suite.status = status;
            suite.conclusion = conclusion;
            suite.updated_at = now;
        }
        Ok(())
    }

    fn suite(&self, repo: u64, id: u64) -> Result<&CheckSuite, Problem> {
        let suite = self.repo(repo)?.check_suites.get(&id);
        suite.ok_or_else(|| Problem::missing(format!("check suite {id}")))
    }

    fn run_mut(&mut self, repo: u64, id: u64) -> Result<&mut CheckRun, Problem> {
        let run = self.repo_mut(repo)?.check_runs.get_mut(&id);
        run.ok_or_else(|| Problem::missing(format!("check run {id}")))
    }

    fn emit_run(&mut self, repo: u64, id: u64, action: &str) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let run = target.check_runs.get(&id);
        let run = run.ok_or_else(|| Problem::missing(format!("check run {id}")))?;
        let actor = bot_of(&run.app);
        let body = json!({
            "action": action,
            "check_run": shape::webhook_check_run(self, target, run),
        });
        self.emit(repo, "check_run", &actor, body)
    }

    fn emit_suite(&mut self, repo: u64, id: u64, action: &str) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let suite = self.suite(repo, id)?;
        let actor = bot_of(&suite.app);
        let body = json!({
            "action": action,
            "check_suite": shape::webhook_check_suite(self, target, suite),
        });
        self.emit(repo, "check_suite", &actor, body)
    }
}

fn bot_of(app: &str) -> String {
    format!("{app}[bot]")
}
