//! What the demo asks of the fake GitHub.

use super::actions::NewRepo;
use super::judge::{self, Mergeable};
use super::model::{
    Conclusion, MergeMethods, Mergeability, Protection, PullRef, RequiredCheck, ReviewState,
    RunStatus, Source, StatusState, Token, TokenKind, UserKind,
};
use super::story::{self, NamedCheck};
use super::world::World;
use crate::demo::{
    At, Check, DemoRepository, DemoWorld, GITHUB, Opinion, Organization, PullPlan, PullSeen,
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
    const ORGANIZATION: Organization = GITHUB;

    fn seed_number(&mut self) -> u64 {
        self.next_id()
    }

    fn enrol(&mut self, organization: &Organization) {
        self.ensure_account(organization.owner, UserKind::Organization);
        let scopes = ["repo", "admin:repo_hook", "read:org"];
        let token = Token {
            value: organization.token.to_owned(),
            login: self.ensure_user(organization.person).login,
            kind: TokenKind::Classic {
                scopes: scopes.map(str::to_owned).to_vec(),
            },
            expires_at: None,
            revoked: false,
        };
        self.tokens.insert(organization.token.to_owned(), token);
    }

    fn found(&mut self, owner: &str, repo: &DemoRepository) -> Result<u64, Problem> {
        let id = self.create_repository(&NewRepo {
            full_name: &format!("{owner}/{}", repo.name),
            owner_kind: UserKind::Organization,
            private: repo.private,
            default_branch: repo.default_branch,
        })?;
        let made = self.repo_mut(id)?;
        made.description = Some(repo.about.to_owned());
        made.language = Some(repo.language.to_owned());
        made.merge_methods = MergeMethods {
            merge: true,
            squash: true,
            rebase: repo.name == "storefront",
        };
        Ok(id)
    }

    fn admit(&mut self, repo: u64, login: &str, _keeps: bool) -> Result<(), Problem> {
        self.add_writer(repo, login)
    }

    /// The checkout asks for checks, an approval and a fresh base; the infrastructure has a
    /// ruleset.
    fn furnish(&mut self) -> Result<(), Problem> {
        let strict = Protection {
            required_checks: required(&["build", "test"]),
            strict: true,
            required_approvals: 1,
            dismiss_stale: true,
            source: Source::Protection,
            ..Protection::default()
        };
        let checkout = find(self, "checkout-api")?;
        self.protect(checkout, "main", Some(strict))?;
        let ruleset = Protection {
            required_checks: required(&["plan"]),
            required_approvals: 1,
            source: Source::Ruleset,
            ..Protection::default()
        };
        let infrastructure = find(self, "infrastructure")?;
        self.protect(infrastructure, "main", Some(ruleset))
    }

    fn archive(&mut self, repo: u64) -> Result<(), Problem> {
        self.set_archived(repo, true)
    }

    fn settle_all(&mut self) {
        let repos = self.repos.values_mut();
        for pull in repos.flat_map(|repo| repo.pulls.values_mut()) {
            pull.mergeability = Mergeability::Known;
        }
    }

    fn repositories(&self) -> Vec<RepositorySeen> {
        let own = self.repos.values().filter(|repo| repo.fork_of.is_none());
        own.map(|repo| RepositorySeen {
            id: repo.id,
            full_name: repo.full_name(),
            private: repo.private,
            archived: repo.archived,
            open: open_numbers(repo),
        })
        .collect()
    }

    fn look_at(&self, at: At) -> Result<PullSeen, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let runs = repo.latest_runs(&pull.head.sha).into_iter();
        let with_opinion = |wanted: ReviewState| {
            let opinions = pull.opinions().into_iter();
            let theirs = opinions.filter(|review| review.state == wanted);
            theirs.map(|review| review.author.clone()).collect()
        };
        Ok(PullSeen {
            title: pull.title.clone(),
            author: pull.author.clone(),
            draft: pull.draft,
            checks: runs
                .map(|run| Check {
                    name: run.name.clone(),
                    standing: standing_of(run.status, run.conclusion),
                })
                .collect(),
            approvers: with_opinion(ReviewState::Approved),
            objectors: with_opinion(ReviewState::ChangesRequested),
        })
    }

    fn in_conflict(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        Ok(self.true_mergeable(repo, pull) == Mergeable::Conflicting)
    }

    fn would_merge(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let settled = self.true_mergeable(repo, pull) == Mergeable::Mergeable;
        let approved = judge::decision(repo, pull) == Some("APPROVED");
        Ok(settled && approved && self.merge_state(repo, pull) == "CLEAN")
    }

    fn open(&mut self, plan: PullPlan) -> Result<At, Problem> {
        let mut own = story::PullPlan::new(plan.repo, &plan.title);
        own.author = plan.author;
        own.body = Some(plan.description);
        own.base = plan.base;
        own.branch = plan.branch;
        own.fork = plan.fork;
        own.draft = plan.draft;
        let PullRef { repo, number } = own.open(self)?;
        Ok(At { repo, number })
    }

    fn push(&mut self, at: At) -> Result<String, Problem> {
        self.push_to_pull(of(at), None)
    }

    fn report(&mut self, at: At, check: &str, standing: Standing) -> Result<(), Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let runs = repo.latest_runs(&pull.head.sha);
        let known = runs.iter().find(|run| run.name == check);
        let named = match known {
            Some(run) => NamedCheck::of(repo, of(at), run),
            None => NamedCheck::new(of(at), &pull.head.sha, check),
        };
        let end = match standing {
            Standing::Queued => return named.run(self).map(|_| ()),
            Standing::Running => return named.start(self).map(|_| ()),
            Standing::Passed => Conclusion::Success,
            Standing::Failed => Conclusion::Failure,
            Standing::Cancelled => Conclusion::Cancelled,
            Standing::TimedOut => Conclusion::TimedOut,
            Standing::Skipped => Conclusion::Skipped,
            Standing::Neutral => Conclusion::Neutral,
        };
        named.end(self, end).map(|_| ())
    }

    fn report_outside(&mut self, at: At, name: &str, standing: Standing) -> Result<(), Problem> {
        let state = match standing {
            Standing::Queued | Standing::Running => StatusState::Pending,
            Standing::Passed | Standing::Skipped | Standing::Neutral => StatusState::Success,
            Standing::Failed => StatusState::Failure,
            Standing::Cancelled | Standing::TimedOut => StatusState::Error,
        };
        let sha = self.pull(of(at))?.1.head.sha.clone();
        self.set_status(at.repo, &sha, name, state, "harbor-deploy[bot]")
            .map(|_| ())
    }

    fn review(&mut self, at: At, by: &str, opinion: Opinion) -> Result<(), Problem> {
        let state = match opinion {
            Opinion::Approves => ReviewState::Approved,
            Opinion::WantsChanges => ReviewState::ChangesRequested,
            Opinion::Comments => ReviewState::Commented,
        };
        self.submit_review(of(at), by, state, "").map(|_| ())
    }

    fn withdraw(&mut self, at: At, by: &str) -> Result<(), Problem> {
        let opinions = self.pull(of(at))?.1.opinions();
        let approval = opinions
            .iter()
            .find(|review| review.author == by && review.state == ReviewState::Approved);
        let approval = approval.ok_or_else(|| Problem::refused(format!("{by} does not approve")));
        let id = approval?.id;
        self.dismiss_review(of(at), id, GITHUB.person)
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
        self.label(of(at), label, &author)
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
        let merged = self.merge_pull(of(at), by, "merge", None);
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

fn open_numbers(repo: &super::model::Repo) -> Vec<u64> {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    open.map(|pull| pull.number).collect()
}

fn required(names: &[&str]) -> Vec<RequiredCheck> {
    let checks = names.iter().map(|name| RequiredCheck {
        context: (*name).to_owned(),
        app: None,
    });
    checks.collect()
}

fn standing_of(status: RunStatus, end: Option<Conclusion>) -> Standing {
    match (status, end) {
        (RunStatus::Queued, _) => Standing::Queued,
        (RunStatus::InProgress, _) | (RunStatus::Completed, None) => Standing::Running,
        (RunStatus::Completed, Some(end)) => match end {
            Conclusion::Success => Standing::Passed,
            Conclusion::Neutral => Standing::Neutral,
            Conclusion::Skipped => Standing::Skipped,
            Conclusion::Cancelled => Standing::Cancelled,
            Conclusion::TimedOut => Standing::TimedOut,
            Conclusion::Failure
            | Conclusion::ActionRequired
            | Conclusion::Stale
            | Conclusion::StartupFailure => Standing::Failed,
        },
    }
}
