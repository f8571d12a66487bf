//! A pull request with all its reviews and checks, read to the last page.

use ampel_domain::{
    facts::{CheckReport, CommitSha, Unavailable},
    ids::PullRequestNumber,
    pulls::{EvidenceSnapshot, PullRequestSnapshot, ReviewReport},
    repositories::RepositoryFacts,
};
use serde::Serialize;

use super::{
    answers::{Connection, OneCommit, OnePullRequest, PullRequest, Review, Reviews, Rollup},
    api::Api,
    evidence::{self, ContextPage},
    graphql::{Reply, ask, of},
    partial::{GraphqlError, Missing, missing},
    queries, snapshot,
};
use crate::ProviderError;

/// Further pages of a hundred reviews or contexts of one pull request that are read at most.
const MOST_PAGES: u32 = 50;

#[derive(Serialize)]
struct Following<'a> {
    number: u32,
    after: &'a str,
}

#[derive(Serialize)]
struct OfCommit<'a> {
    oid: &'a str,
    after: Option<&'a str>,
}

/// The error of an answer without what was asked for.
pub(super) fn failure(errors: &[GraphqlError]) -> ProviderError {
    errors.first().map_or_else(
        || ProviderError::InvalidAnswer {
            why: "what was asked for is not in it".to_owned(),
        },
        GraphqlError::as_failure,
    )
}

/// The pull request of an answer, with the pages that follow. What is `missing` is unavailable,
/// and the rest is as it is.
pub(super) async fn whole(
    api: &Api,
    repo: &RepositoryFacts,
    mut answer: PullRequest,
    missing: Missing,
) -> Result<PullRequestSnapshot, ProviderError> {
    let report = snapshot::report(&answer)?;
    let fingerprint = snapshot::fingerprint_of(&answer);
    let verdict = snapshot::verdict(answer.mergeable.as_deref());
    let reviews = match missing.reviews {
        Some(reason) => Err(reason),
        None => all_reviews(api, repo, report.number, answer.reviews.take()).await?,
    };
    let evidence = all_evidence(api, repo, &report.head.sha, answer, missing.checks).await?;
    Ok(PullRequestSnapshot {
        report,
        verdict,
        reviews,
        evidence,
        fingerprint,
    })
}

async fn all_reviews(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    first: Option<Connection<Review>>,
) -> Result<Result<Vec<ReviewReport>, Unavailable>, ProviderError> {
    let mut all = Vec::new();
    let mut page = first;
    for _page in 0..MOST_PAGES {
        let Some(connection) = page else {
            return Ok(Err(snapshot::unreadable()));
        };
        let (next, nodes) = connection.into_page();
        match snapshot::reviews(nodes) {
            Ok(reviews) => all.extend(reviews),
            Err(reason) => return Ok(Err(reason)),
        }
        let Some(after) = next else {
            return Ok(Ok(all));
        };
        let reply = more_reviews(api, repo, number, &after).await?;
        if let Some(reason) = missing(&reply.errors, None).reviews {
            return Ok(Err(reason));
        }
        page = reply.of.pull_request.and_then(|found| found.reviews);
    }
    Ok(Err(too_many()))
}

async fn more_reviews(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    after: &str,
) -> Result<Reply<OnePullRequest<Reviews>>, ProviderError> {
    let number = number.get();
    ask(api, repo, queries::MORE_REVIEWS, |_| {
        of(repo, Following { number, after })
    })
    .await
}

/// The evidence on the head. What `commits(last: 1)` shows is nearly always the head; where it is
/// not (very long pull requests), the head is asked for by its hash.
async fn all_evidence(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
    answer: PullRequest,
    missing_checks: Option<Unavailable>,
) -> Result<EvidenceSnapshot, ProviderError> {
    let shown = answer
        .commits
        .and_then(|commits| commits.into_page().1.pop().flatten())
        .and_then(|node| node.commit)
        .filter(|commit| commit.oid.eq_ignore_ascii_case(head.as_str()));
    let mut gathered = Gathered {
        checks: Vec::new(),
        rollup: None,
        unavailable: missing_checks,
    };
    let next = match (shown, &gathered.unavailable) {
        (Some(commit), _) => gathered.take(commit.status_check_rollup),
        (None, Some(_)) => Next::Nothing,
        (None, None) => Next::From(None),
    };
    gathered.follow(api, repo, head, next).await?;
    let contradiction = evidence::contradiction(gathered.rollup.as_deref(), &gathered.checks);
    gathered.lacks(contradiction);
    Ok(EvidenceSnapshot {
        sha: head.clone(),
        checks: gathered.checks,
        unavailable: gathered.unavailable,
    })
}

/// What of a commit's contexts is still to be read.
enum Next {
    Nothing,
    /// The page after this cursor, or the first one.
    From(Option<String>),
}

struct Gathered {
    checks: Vec<CheckReport>,
    /// How GitHub sums them up.
    rollup: Option<String>,
    unavailable: Option<Unavailable>,
}

impl Gathered {
    /// Takes a page. No rollup means no checks, unless something says that it could not be read.
    fn take(&mut self, rollup: Option<Rollup>) -> Next {
        let Some(rollup) = rollup else {
            return Next::Nothing;
        };
        let ContextPage {
            checks,
            next,
            unavailable,
        } = evidence::page(rollup.contexts);
        self.rollup = rollup.state.or(self.rollup.take());
        self.checks.extend(checks);
        self.lacks(unavailable);
        next.map_or(Next::Nothing, |after| Next::From(Some(after)))
    }

    async fn follow(
        &mut self,
        api: &Api,
        repo: &RepositoryFacts,
        head: &CommitSha,
        mut next: Next,
    ) -> Result<(), ProviderError> {
        for _page in 0..MOST_PAGES {
            let Next::From(after) = next else {
                return Ok(());
            };
            let reply = more_contexts(api, repo, head, after.as_deref()).await?;
            self.lacks(missing(&reply.errors, None).checks);
            let Some(commit) = reply.of.object else {
                self.lacks(Some(snapshot::unreadable()));
                return Ok(());
            };
            next = self.take(commit.status_check_rollup);
        }
        if matches!(next, Next::From(_)) {
            self.lacks(Some(too_many()));
        }
        Ok(())
    }

    /// The first reason stays: it is the one that names what would help.
    fn lacks(&mut self, reason: Option<Unavailable>) {
        if self.unavailable.is_none() {
            self.unavailable = reason;
        }
    }
}

async fn more_contexts(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
    after: Option<&str>,
) -> Result<Reply<OneCommit>, ProviderError> {
    let oid = head.as_str();
    ask(api, repo, queries::MORE_CONTEXTS, |_| {
        of(repo, OfCommit { oid, after })
    })
    .await
}

fn too_many() -> Unavailable {
    Unavailable {
        why: "there are more of them than Ampel reads.".to_owned(),
    }
}
