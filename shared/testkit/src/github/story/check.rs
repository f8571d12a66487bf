//! Verbs of a check run.

use super::told;
use crate::fake::Problem;
use crate::github::actions::NewRun;
use crate::github::hub::FakeGithub;
use crate::github::model::{CheckRun, Conclusion, PullRef, Repo};
use crate::github::world::World;

/// A check at one commit. The first verb makes its run; later ones go on with it.
pub struct CheckStory {
    github: FakeGithub,
    check: NamedCheck,
}

/// What names a check at the head of a pull request.
pub(in crate::github) struct NamedCheck {
    pub(in crate::github) at: PullRef,
    pub(in crate::github) sha: String,
    pub(in crate::github) name: String,
    pub(in crate::github) app: String,
    pub(in crate::github) workflow: String,
}

impl CheckStory {
    pub(super) fn new(github: &FakeGithub, at: PullRef, sha: &str, name: &str) -> Self {
        Self {
            github: github.clone(),
            check: NamedCheck::new(at, sha, name),
        }
    }

    /// The app that runs it.
    #[must_use]
    pub fn by_app(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.check.app);
        self
    }

    /// The workflow it belongs to (`CI` otherwise).
    #[must_use]
    pub fn in_workflow(mut self, name: &str) -> Self {
        name.clone_into(&mut self.check.workflow);
        self
    }

    /// It waits for a runner; returns the run's id.
    pub fn queues(&self) -> u64 {
        told(self.github.change(|world| self.check.run(world)))
    }

    /// It runs. GitHub sends no webhook for this.
    pub fn starts(&self) -> u64 {
        told(self.github.change(|world| self.check.start(world)))
    }

    /// It ends well.
    pub fn passes(&self) -> u64 {
        self.ends(Conclusion::Success)
    }

    /// It fails.
    pub fn fails(&self) -> u64 {
        self.ends(Conclusion::Failure)
    }

    /// It ends in a chosen way. One that ended before runs again first.
    pub fn ends(&self, end: Conclusion) -> u64 {
        told(self.github.change(|world| self.check.end(world, end)))
    }

    /// Somebody runs it again: a new run that waits; returns its id.
    pub fn reruns(&self) -> u64 {
        told(self.github.change(|world| match self.check.latest(world)? {
            Some(run) => world.rerun(self.check.at.repo, run.id),
            None => self.check.run(world),
        }))
    }
}

impl NamedCheck {
    /// A check of the workflow `CI` of GitHub Actions.
    pub(in crate::github) fn new(at: PullRef, sha: &str, name: &str) -> Self {
        Self {
            at,
            sha: sha.to_owned(),
            name: name.to_owned(),
            app: "github-actions".to_owned(),
            workflow: "CI".to_owned(),
        }
    }

    /// The check a run belongs to.
    pub(in crate::github) fn of(repo: &Repo, at: PullRef, run: &CheckRun) -> Self {
        let suite = repo.check_suites.get(&run.suite_id);
        let workflow = suite.and_then(|suite| suite.workflow.as_ref());
        let mut check = Self::new(at, &run.head_sha, &run.name);
        run.app.clone_into(&mut check.app);
        if let Some(workflow) = workflow {
            workflow.name.clone_into(&mut check.workflow);
        }
        check
    }

    pub(in crate::github) fn start(&self, world: &mut World) -> Result<u64, Problem> {
        let id = self.run(world)?;
        world.start_run(self.at.repo, id)?;
        Ok(id)
    }

    pub(in crate::github) fn end(
        &self,
        world: &mut World,
        end: Conclusion,
    ) -> Result<u64, Problem> {
        let id = match self.latest(world)? {
            Some(run) if run.conclusion.is_some() => world.rerun(self.at.repo, run.id)?,
            Some(run) => run.id,
            None => self.run(world)?,
        };
        world.complete_run(self.at.repo, id, end)?;
        Ok(id)
    }

    fn latest(&self, world: &World) -> Result<Option<CheckRun>, Problem> {
        let repo = world.repo(self.at.repo)?;
        let run = repo.latest_runs(&self.sha).into_iter().rfind(|run| {
            let suite = repo.check_suites.get(&run.suite_id);
            let workflow = suite.and_then(|suite| suite.workflow.as_ref());
            run.name == self.name
                && run.app == self.app
                && workflow.is_none_or(|own| own.name == self.workflow)
        });
        Ok(run.cloned())
    }

    /// The run as it stands, made if there is none.
    pub(in crate::github) fn run(&self, world: &mut World) -> Result<u64, Problem> {
        if let Some(run) = self.latest(world)? {
            return Ok(run.id);
        }
        let (repo, pull) = world.pull(self.at)?;
        let own = pull.head.repo == repo.id;
        let branch = own.then(|| pull.head.branch.clone());
        world.create_run(&NewRun {
            repo: self.at.repo,
            sha: &self.sha,
            branch: branch.as_deref(),
            name: &self.name,
            app: &self.app,
            workflow: &self.workflow,
        })
    }
}
