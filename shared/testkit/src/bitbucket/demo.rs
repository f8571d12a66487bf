//! What the demo asks of the fake Bitbucket.

use super::actions::{MergeOrder, NewStatus};
use super::model::{
    AccountKind, BuildState, Opinion as Held, Permission, PullRef, Repo, RestrictionKind, Scope,
    Token, TokenKind,
};
use super::story;
use super::world::World;
use crate::demo::{
    At, BITBUCKET, Check, DemoRepository, DemoWorld, Opinion, Organization, PullPlan, PullSeen,
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
    const ORGANIZATION: Organization = BITBUCKET;

    fn seed_number(&mut self) -> u64 {
        self.next_id()
    }

    fn enrol(&mut self, organization: &Organization) {
        self.ensure_account(organization.owner, AccountKind::Team);
        let token = Token {
            value: organization.token.to_owned(),
            login: self.ensure_user(organization.person).login,
            kind: TokenKind::Api,
            scopes: Scope::ALL.into_iter().collect(),
            expires_at: None,
            revoked: false,
        };
        self.tokens.insert(organization.token.to_owned(), token);
    }

    fn found(&mut self, owner: &str, repo: &DemoRepository) -> Result<u64, Problem> {
        let id = self.create_repository(&format!("{owner}/{}", repo.name))?;
        let made = self.repo_mut(id)?;
        repo.about.clone_into(&mut made.description);
        made.language = repo.language.to_lowercase();
        made.private = repo.private;
        Ok(id)
    }

    fn admit(&mut self, repo: u64, login: &str, keeps: bool) -> Result<(), Problem> {
        let permission = if keeps {
            Permission::Admin
        } else {
            Permission::Write
        };
        self.grant(repo, login, permission)
    }

    /// The gateway asks for an approval and two builds, and means it.
    fn furnish(&mut self) -> Result<(), Problem> {
        let gateway = find(self, "push-gateway")?;
        for (kind, value) in [
            (RestrictionKind::RequireApprovals, Some(1)),
            (RestrictionKind::RequirePassingBuilds, Some(2)),
            (RestrictionKind::EnforceMergeChecks, None),
        ] {
            self.restrict(gateway, kind, "main", value)?;
        }
        Ok(())
    }

    fn archive(&mut self, _repo: u64) -> Result<(), Problem> {
        Err(Problem::refused("Bitbucket Cloud archives no repositories"))
    }

    /// Nothing goes on there: conflicts are known at once.
    fn settle_all(&mut self) {}

    fn repositories(&self) -> Vec<RepositorySeen> {
        let own = self.repos.values().filter(|repo| repo.fork_of.is_none());
        own.map(|repo| RepositorySeen {
            id: repo.id,
            full_name: repo.full_name(),
            private: repo.private,
            archived: false,
            open: open_numbers(repo),
        })
        .collect()
    }

    fn look_at(&self, at: At) -> Result<PullSeen, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let builds = repo.statuses_of(&pull.source.sha).into_iter();
        let with_opinion = |opinion| {
            let logins = pull.with_opinion(opinion).into_iter();
            logins.map(str::to_owned).collect()
        };
        Ok(PullSeen {
            title: pull.title.clone(),
            author: pull.author.clone(),
            draft: pull.draft,
            checks: builds
                .map(|build| Check {
                    name: build.key.clone(),
                    standing: standing_of(build.state),
                })
                .collect(),
            approvers: with_opinion(Held::Approved),
            objectors: with_opinion(Held::ChangesRequested),
        })
    }

    fn in_conflict(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        Ok(self.conflicts(repo, pull))
    }

    fn would_merge(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let free = !self.conflicts(repo, pull) && self.unmet_checks(repo, pull).is_empty();
        Ok(free && pull.is_open() && !pull.draft)
    }

    fn open(&mut self, plan: PullPlan) -> Result<At, Problem> {
        let mut own = story::PullPlan::new(plan.repo, &plan.title);
        own.fork = plan.fork.then(|| plan.author.clone());
        own.author = plan.author;
        own.description = plan.description;
        own.destination = plan.base;
        own.branch = plan.branch;
        own.draft = plan.draft;
        let PullRef { repo, number } = own.open(self)?;
        Ok(At { repo, number })
    }

    fn push(&mut self, at: At) -> Result<String, Problem> {
        self.push_to_pull(of(at), None)
    }

    fn report(&mut self, at: At, check: &str, standing: Standing) -> Result<(), Problem> {
        let state = match standing {
            Standing::Queued | Standing::Running => BuildState::InProgress,
            Standing::Passed => BuildState::Successful,
            Standing::Failed | Standing::TimedOut => BuildState::Failed,
            Standing::Cancelled => BuildState::Stopped,
            Standing::Skipped | Standing::Neutral => {
                return Err(Problem::refused("a build of Bitbucket cannot be skipped"));
            }
        };
        let source = self.pull(of(at))?.1.source.clone();
        self.report_status(&NewStatus {
            repo: at.repo,
            sha: &source.sha,
            key: check,
            state,
            refname: Some(&source.branch),
            by: "ci-bot",
        })
    }

    fn review(&mut self, at: At, by: &str, opinion: Opinion) -> Result<(), Problem> {
        match opinion {
            Opinion::Approves => self.change_mind(at, by, Held::ChangesRequested, Held::Approved),
            Opinion::WantsChanges => {
                self.change_mind(at, by, Held::Approved, Held::ChangesRequested)
            }
            Opinion::Comments => self.comment(of(at), by, "Interesting.").map(|_| ()),
        }
    }

    fn withdraw(&mut self, at: At, by: &str) -> Result<(), Problem> {
        self.withdraw_opinion(of(at), by, Held::Approved)
    }

    fn ask(&mut self, at: At, from: &str) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.request_review(of(at), from, &author)
    }

    fn set_draft_of(&mut self, at: At, draft: bool) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.set_draft(of(at), draft, &author)
    }

    fn put_label(&mut self, _at: At, _label: &str) -> Result<(), Problem> {
        Err(Problem::refused(
            "pull requests of Bitbucket have no labels",
        ))
    }

    fn set_against_base(&mut self, at: At) -> Result<(), Problem> {
        self.make_conflict(of(at))
    }

    fn close(&mut self, at: At) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.decline_pull(of(at), &author)
    }

    fn reopen(&mut self, at: At) -> Result<(), Problem> {
        self.reopen_pull(of(at))
    }

    fn merge(&mut self, at: At, by: &str) -> Result<(), Problem> {
        self.grant(at.repo, by, Permission::Write)?;
        let mut order = MergeOrder::default();
        let allowed = self.repo(at.repo)?.merge_strategies.first().copied();
        order.strategy = allowed.unwrap_or(order.strategy);
        let merged = self.merge_pull(of(at), by, &order);
        merged
            .map(|_| ())
            .map_err(|refusal| Problem::refused(refusal.to_string()))
    }
}

impl World {
    /// Gives an opinion and takes the former one back, which would stay otherwise.
    fn change_mind(&mut self, at: At, by: &str, from: Held, to: Held) -> Result<(), Problem> {
        let (_, pull) = self.pull(of(at))?;
        if pull.with_opinion(from).contains(by) {
            self.withdraw_opinion(of(at), by, from)?;
        }
        self.give_opinion(of(at), by, to)
    }

    fn author_of(&self, at: At) -> Result<String, Problem> {
        self.pull(of(at)).map(|(_, pull)| pull.author.clone())
    }
}

fn open_numbers(repo: &Repo) -> Vec<u64> {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    open.map(|pull| pull.number).collect()
}

fn standing_of(state: BuildState) -> Standing {
    match state {
        BuildState::InProgress => Standing::Running,
        BuildState::Successful => Standing::Passed,
        BuildState::Failed => Standing::Failed,
        BuildState::Stopped => Standing::Cancelled,
    }
}
