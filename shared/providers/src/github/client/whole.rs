//! A pull request with all its reviews and checks, read to the last page.

use ampel_domain::{
    facts::{CommitSha, Unavailable},
    ids::PullRequestNumber,
    pulls::{EvidenceSnapshot, PullRequestSnapshot, ReviewReport, Snapshot},
    repositories::RepositoryFacts,
};
use serde::Serialize;

use super::{
    answers::{Connection, OnePullRequest, PullRequest, Review, Reviews},
    api::Api,
    elsewhere::Reach,
    gathered::{Gathered, Next},
    graphql::{Reply, ask, of},
    partial::{GraphqlError, Missing, missing},
    queries, snapshot,
};
use crate::ProviderError;

/// Further pages of a hundred reviews or contexts of one pull request that are read at most.
pub(super) const MOST_PAGES: u32 = 50;

#[derive(Serialize)]
struct Following<'a> {
    number: u32,
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
/// unless it can be read elsewhere, and the rest is as it is.
pub(super) async fn whole(
    api: &Api,
    repo: &RepositoryFacts,
    mut answer: PullRequest,
    mut missing: Missing,
    reach: &mut Reach,
) -> Result<PullRequestSnapshot, ProviderError> {
    let report = snapshot::report(&answer)?;
    let fingerprint = snapshot::fingerprint_of(&answer);
    let verdict = snapshot::verdict(answer.mergeable.as_deref()).into();
    let reviews = match missing.reviews.take() {
        Some(reason) => Err(reason),
        None => all_reviews(api, repo, report.number, answer.reviews.take()).await?,
    };
    let evidence = evidence(api, repo, &report.head.sha, answer, missing, reach).await?;
    Ok(PullRequestSnapshot {
        report,
        verdict,
        reviews,
        evidence,
        fingerprint,
    })
}

/// All reviews of a pull request.
pub(super) async fn reviews(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError> {
    let reply = more_reviews(api, repo, number, None).await?;
    let is_partial = missing(&reply.errors, None).reviews.is_some();
    let found = reply.of.pull_request.filter(|_| !is_partial);
    let found = found.ok_or_else(|| failure(&reply.errors))?;
    match all_reviews(api, repo, number, found.reviews).await? {
        Ok(of) => Ok(Snapshot {
            date: reply.date,
            of,
        }),
        Err(Unavailable { why }) => Err(ProviderError::Unavailable { why }),
    }
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
        let reply = more_reviews(api, repo, number, Some(&after)).await?;
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
    after: Option<&str>,
) -> Result<Reply<OnePullRequest<Reviews>>, ProviderError> {
    let number = number.get();
    ask(api, repo, queries::MORE_REVIEWS, |_| {
        of(repo, Following { number, after })
    })
    .await
}

/// The evidence on the head. What `commits(last: 1)` shows is nearly always the head; where it is
/// not (very long pull requests), the head is asked for by its hash.
async fn evidence(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
    answer: PullRequest,
    missing: Missing,
    reach: &mut Reach,
) -> Result<EvidenceSnapshot, ProviderError> {
    let shown = answer
        .commits
        .and_then(|commits| commits.into_page().1.pop().flatten())
        .and_then(|node| node.commit)
        .filter(|commit| commit.oid.eq_ignore_ascii_case(head.as_str()));
    let mut gathered = Gathered::lacking(missing);
    let next = match (shown, &gathered.unavailable) {
        (Some(commit), _) => gathered.take(commit.status_check_rollup),
        (None, Some(_)) => Next::Nothing,
        (None, None) => Next::From(None),
    };
    gathered.complete(api, repo, head, next, reach).await
}

/// What is said of a list that goes on and on.
pub(super) fn too_many() -> Unavailable {
    Unavailable {
        why: "there are more of them than Ampel reads.".to_owned(),
    }
}
