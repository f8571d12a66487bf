//! What the demo asks of the fake Gitea.

use super::actions::{MergeOrder, NewRepo, NewStatus};
use super::model::{
    Mergeability, Power, Protection, PullRef, Repo, ReviewKind, StatusState, Token, UserKind,
};
use super::story;
use super::world::World;
use crate::demo::{
    At, Check, DemoRepository, DemoWorld, GITEA, Opinion, Organization, PullPlan, PullSeen,
    RepositorySeen, Standing, find,
};
use crate::fake::Problem;

/// What Gitea's actions write into the status of a job that has not begun.
const WAITS: &str = "Waiting to run";

fn of(at: At) -> PullRef {
    PullRef {
        repo: at.repo,
        number: at.number,
    }
}

impl DemoWorld for World {
    const ORGANIZATION: Organization = GITEA;

    fn seed_number(&mut self) -> u64 {
        self.next_id()
    }

    fn enrol(&mut self, organization: &Organization) {
        self.ensure_account(organization.owner, UserKind::Organization);
        let token = Token {
            value: organization.token.to_owned(),
            login: self.ensure_user(organization.person).login,
            scopes: vec!["all".to_owned()],
            revoked: false,
        };
        self.tokens.insert(organization.token.to_owned(), token);
    }

    fn found(&mut self, owner: &str, repo: &DemoRepository) -> Result<u64, Problem> {
        self.create_repository(&NewRepo {
            full_name: &format!("{owner}/{}", repo.name),
            owner_kind: UserKind::Organization,
            private: repo.private,
            default_branch: repo.default_branch,
        })
    }

    fn admit(&mut self, repo: u64, login: &str, keeps: bool) -> Result<(), Problem> {
        let power = if keeps { Power::Admin } else { Power::Write };
        self.add_collaborator(repo, login, power)
    }

    /// The scanner asks for its checks and an approval.
    fn furnish(&mut self) -> Result<(), Problem> {
        let scanner = find(self, "store-scanner")?;
        let checks = GITEA.checks_of("store-scanner").iter();
        let rule = Protection {
            status_check: true,
            status_check_contexts: checks.map(|check| (*check).to_owned()).collect(),
            required_approvals: 1,
            block_on_rejected_reviews: true,
            ..Protection::default()
        };
        self.protect(scanner, "main", Some(rule))
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
            archived: repo.is_archived(),
            open: open_numbers(repo),
        })
        .collect()
    }

    fn look_at(&self, at: At) -> Result<PullSeen, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let statuses = repo.latest_statuses(&pull.head.sha).into_iter();
        let with_opinion = |wanted: ReviewKind| {
            let theirs = pull
                .reviews
                .iter()
                .filter(|review| review.kind == wanted && review.official && !review.dismissed);
            theirs.map(|review| review.author.clone()).collect()
        };
        Ok(PullSeen {
            title: pull.title.clone(),
            author: pull.author.clone(),
            draft: pull.is_draft(),
            checks: statuses
                .map(|status| Check {
                    name: status.context.clone(),
                    standing: standing_of(status.state, &status.description),
                })
                .collect(),
            approvers: with_opinion(ReviewKind::Approve),
            objectors: with_opinion(ReviewKind::Reject),
        })
    }

    fn in_conflict(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        Ok(self.conflicts(repo, pull))
    }

    fn would_merge(&self, at: At) -> Result<bool, Problem> {
        let (repo, pull) = self.pull(of(at))?;
        let free = !self.conflicts(repo, pull) && self.forbidden(repo, pull).is_none();
        Ok(free && pull.is_open() && !pull.is_draft())
    }

    fn open(&mut self, plan: PullPlan) -> Result<At, Problem> {
        let mut own = story::PullPlan::new(plan.repo, &plan.title);
        own.fork = plan.fork.then(|| plan.author.clone());
        own.author = plan.author;
        own.body = plan.description;
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
        let (state, description) = match standing {
            Standing::Queued => (StatusState::Pending, WAITS),
            Standing::Running => (StatusState::Pending, "Has started running"),
            Standing::Passed => (StatusState::Success, "Successful"),
            Standing::Failed => (StatusState::Failure, "Failing"),
            Standing::Cancelled => (StatusState::Failure, "Has been cancelled"),
            Standing::TimedOut => (StatusState::Error, "Took too long"),
            Standing::Skipped => (StatusState::Skipped, "Has been skipped"),
            Standing::Neutral => (StatusState::Warning, "Has complaints"),
        };
        let sha = self.pull(of(at))?.1.head.sha.clone();
        let status = NewStatus {
            repo: at.repo,
            sha: &sha,
            context: check,
            state,
            description,
        };
        self.set_status(&status, "ci-bot").map(|_| ())
    }

    fn review(&mut self, at: At, by: &str, opinion: Opinion) -> Result<(), Problem> {
        let (kind, words) = match opinion {
            Opinion::Approves => (ReviewKind::Approve, "Looks good to me."),
            Opinion::WantsChanges => (ReviewKind::Reject, "Please look at this once more."),
            Opinion::Comments => (ReviewKind::Comment, "Interesting."),
        };
        self.submit_review(of(at), by, kind, words).map(|_| ())
    }

    fn withdraw(&mut self, at: At, by: &str) -> Result<(), Problem> {
        let (_, pull) = self.pull(of(at))?;
        let approval = pull.reviews.iter().rfind(|review| {
            review.author == by && review.kind == ReviewKind::Approve && !review.dismissed
        });
        let approval = approval.ok_or_else(|| Problem::refused(format!("{by} does not approve")));
        let id = approval?.id;
        self.dismiss_review(of(at), id)
    }

    fn ask(&mut self, at: At, from: &str) -> Result<(), Problem> {
        let author = self.author_of(at)?;
        self.request_review(of(at), from, &author).map(|_| ())
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
        self.add_collaborator(at.repo, by, Power::Write)?;
        // Somebody who merges on the page has waited until Gitea had looked for conflicts.
        self.pull_mut(of(at))?.mergeability = Mergeability::Known;
        let order = MergeOrder {
            style: "merge".to_owned(),
            ..MergeOrder::default()
        };
        let merged = self.merge_pull(of(at), by, &order);
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

fn standing_of(state: StatusState, description: &str) -> Standing {
    match state {
        StatusState::Skipped => Standing::Skipped,
        StatusState::Success => Standing::Passed,
        StatusState::Pending if description == WAITS => Standing::Queued,
        StatusState::Pending => Standing::Running,
        StatusState::Warning => Standing::Neutral,
        StatusState::Failure => Standing::Failed,
        StatusState::Error => Standing::TimedOut,
    }
}
