//! What the demo asks of the fake GitLab.

use super::actions::{MergeOrder, NewRepo};
use super::model::{
    DetailedStatus, JobStatus, MergeCheck, PipelineKind, PullRef, Repo, ReviewerState, Role, Rules,
    Token, UserKind, Visibility,
};
use super::story;
use super::world::World;
use crate::demo::{
    At, Check, DemoRepository, DemoWorld, GITLAB, Opinion, Organization, PullPlan, PullSeen,
    RepositorySeen, Standing, find,
};
use crate::fake::Problem;

fn of(at: At) -> PullRef {
    PullRef {
        repo: at.repo,
        number: at.number,
    }
}

impl DemoWorld for World {
    const ORGANIZATION: Organization = GITLAB;

    const MARK: char = '!';

    fn seed_number(&mut self) -> u64 {
        self.next_id()
    }

    fn enrol(&mut self, organization: &Organization) {
        self.ensure_account(organization.owner, UserKind::Group);
        let token = Token {
            id: self.next_id(),
            value: organization.token.to_owned(),
            login: self.ensure_user(organization.person).login,
            scopes: vec!["api".to_owned()],
            created_at: self.clock.now(),
            expires_at: None,
            revoked: false,
        };
        self.tokens.insert(organization.token.to_owned(), token);
    }

    fn found(&mut self, owner: &str, repo: &DemoRepository) -> Result<u64, Problem> {
        let visibility = if repo.private {
            Visibility::Private
        } else {
            Visibility::Public
        };
        let id = self.create_repository(&NewRepo {
            full_name: &format!("{owner}/{}", repo.name),
            owner_kind: UserKind::Group,
            visibility,
            default_branch: repo.default_branch,
        })?;
        self.repo_mut(id)?.description = Some(repo.about.to_owned());
        Ok(id)
    }

    fn admit(&mut self, repo: u64, login: &str, keeps: bool) -> Result<(), Problem> {
        let role = if keeps {
            Role::Maintainer
        } else {
            Role::Developer
        };
        self.add_member(repo, login, role)
    }

    /// Reports ask for a pipeline and an approval that a push ends; the pipelines of the warehouse
    /// begin with every push, those of the recommendations belong to merge requests.
    fn furnish(&mut self) -> Result<(), Problem> {
        let strict = Rules {
            pipeline_must_succeed: true,
            approvals_required: 1,
            reset_approvals_on_push: true,
            ..Rules::default()
        };
        let reports = find(self, "reports")?;
        self.set_rules(reports, strict)?;
        let warehouse = find(self, "warehouse")?;
        let jobs = GITLAB.checks_of("warehouse").iter();
        self.repo_mut(warehouse)?.ci_jobs = jobs.map(|job| (*job).to_owned()).collect();
        let recommendations = find(self, "recommendations")?;
        self.repo_mut(recommendations)?.ci_kind = PipelineKind::Detached;
        Ok(())
    }

    fn archive(&mut self, repo: u64) -> Result<(), Problem> {
        self.set_archived(repo, true)
    }

    fn settle_all(&mut self) {
        let repos = self.repos.values_mut();
        for pull in repos.flat_map(|repo| repo.pulls.values_mut()) {
            pull.check = MergeCheck::Known;
            pull.approvals_syncing = 0;
        }
    }

    fn repositories(&self) -> Vec<RepositorySeen> {
        let own = self.repos.values().filter(|repo| repo.fork_of.is_none());
        own.map(|repo| RepositorySeen {
            id: repo.id,
            full_name: repo.full_name(),
            private: repo.visibility == Visibility::Private,
            archived: repo.archived,
            open: open_numbers(repo),
        })
        .collect()
    }

    fn look_at(&self, at: At) -> Result<PullSeen, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let pipeline = repo.head_pipeline(pull).into_iter();
        let objects = |state: &ReviewerState| *state == ReviewerState::RequestedChanges;
        let reviewers = pull.reviewers.iter();
        Ok(PullSeen {
            title: pull.title.clone(),
            author: pull.author.clone(),
            draft: pull.is_draft(),
            checks: pipeline
                .flat_map(super::model::Pipeline::present_jobs)
                .map(|job| Check {
                    name: job.name.clone(),
                    standing: standing_of(job.status),
                })
                .collect(),
            approvers: pull.approvals.iter().map(|own| own.by.clone()).collect(),
            objectors: reviewers
                .filter(|(_, state)| objects(state))
                .map(|(login, _)| login.clone())
                .collect(),
        })
    }

    fn in_conflict(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        Ok(self.conflicts(repo, pull))
    }

    fn would_merge(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        Ok(self.true_status(repo, pull) == DetailedStatus::Mergeable)
    }

    fn open(&mut self, plan: PullPlan) -> Result<At, Problem> {
        let mut own = story::PullPlan::new(plan.repo, &plan.title);
        own.fork = plan.fork.then(|| plan.author.clone());
        own.author = plan.author;
        own.body = Some(plan.description);
        own.base = plan.base;
        own.branch = plan.branch;
        own.draft = plan.draft;
        let PullRef { repo, number } = own.open(self)?;
        Ok(At { repo, number })
    }

    fn push(&mut self, at: At) -> Result<String, Problem> {
        self.push_to_pull(of(at), None)
    }

    fn report(&mut self, at: At, check: &str, standing: Standing) -> Result<(), Problem> {
        let status = status_of(standing)?;
        let pipeline = self.ensure_pipeline(of(at))?;
        self.set_job(at.repo, pipeline, check, status).map(|_| ())
    }

    fn report_outside(&mut self, at: At, name: &str, standing: Standing) -> Result<(), Problem> {
        let status = status_of(standing)?;
        self.set_status(of(at), name, status, "deploy_bot")
            .map(|_| ())
    }

    fn review(&mut self, at: At, by: &str, opinion: Opinion) -> Result<(), Problem> {
        match opinion {
            Opinion::Approves => self.approve(of(at), by),
            Opinion::WantsChanges => self.request_changes(of(at), by),
            Opinion::Comments => self.comment(of(at), "Interesting.", by).map(|_| ()),
        }
    }

    fn withdraw(&mut self, at: At, by: &str) -> Result<(), Problem> {
        self.withdraw_approval(of(at), by)
    }

    fn ask(&mut self, at: At, from: &str) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.request_review(of(at), from, &author)
    }

    fn set_draft_of(&mut self, at: At, draft: bool) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.set_draft(of(at), draft, &author)
    }

    fn put_label(&mut self, at: At, label: &str) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.set_label(of(at), label, true, &author)
    }

    fn set_against_base(&mut self, at: At) -> Result<(), Problem> {
        self.make_conflict(of(at))
    }

    fn close(&mut self, at: At) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.close_pull(of(at), &author)
    }

    fn reopen(&mut self, at: At) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.reopen_pull(of(at), &author)
    }

    fn merge(&mut self, at: At, by: &str) -> Result<(), Problem> {
        self.add_member(at.repo, by, Role::Maintainer)?;
        let merged = self.merge_pull(of(at), by, &MergeOrder::default());
        merged
            .map(|_| ())
            .map_err(|refusal| Problem::refused(refusal.to_string()))
    }
}

impl World {
    fn author_of(&self, at: At) -> Result<String, Problem> {
        self.pull(of(at)).map(|(_, pull)| pull.author.clone())
    }
}

fn open_numbers(repo: &Repo) -> Vec<u64> {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    open.map(|pull| pull.number).collect()
}

fn status_of(standing: Standing) -> Result<JobStatus, Problem> {
    match standing {
        Standing::Queued => Ok(JobStatus::Pending),
        Standing::Running => Ok(JobStatus::Running),
        Standing::Passed => Ok(JobStatus::Success),
        Standing::Failed | Standing::TimedOut => Ok(JobStatus::Failed),
        Standing::Cancelled => Ok(JobStatus::Canceled),
        Standing::Skipped => Ok(JobStatus::Skipped),
        Standing::Neutral => Err(Problem::refused("a job of GitLab is never neutral")),
    }
}

fn standing_of(status: JobStatus) -> Standing {
    match status {
        JobStatus::Created | JobStatus::Pending | JobStatus::Manual => Standing::Queued,
        JobStatus::Running => Standing::Running,
        JobStatus::Success => Standing::Passed,
        JobStatus::Failed => Standing::Failed,
        JobStatus::Canceled => Standing::Cancelled,
        JobStatus::Skipped => Standing::Skipped,
    }
}
