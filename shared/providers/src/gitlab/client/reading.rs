//! Reading merge requests with everything that hangs on them.

use ampel_domain::{
    facts::Unavailable,
    ids::PullRequestNumber,
    pulls::{Fingerprints, PullRequestSnapshot, ReviewReport, Snapshot},
    repositories::RepositoryFacts,
};
use serde::Serialize;

use super::{
    answers::{Fingerprinted, MergeRequest, MergeRequests, OneMergeRequest, Reviewed},
    api::{Api, READING, json},
    evidence,
    graphql::{Missing, Reply, ask, failure, missing},
    merge_requests, queries, snapshot,
};
use crate::{ProviderError, PullRequestPage};

/// Merge requests per page, by attempt: GitLab gives up on a slow query, so one that failed is
/// asked again for less. Fifty weigh well below the 250 that a query may.
const PAGE_SIZES: [u32; 3] = [50, 20, 5];
/// Pages of a hundred fingerprints that are read at most.
const MOST_FINGERPRINT_PAGES: u32 = 100;

#[derive(Serialize)]
struct Page<'a> {
    first: u32,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct One {
    iid: String,
}

#[derive(Serialize)]
struct After<'a> {
    after: Option<&'a str>,
}

pub(super) async fn open_pull_requests(
    api: &Api,
    repo: &RepositoryFacts,
    cursor: Option<&str>,
) -> Result<Snapshot<PullRequestPage>, ProviderError> {
    let reply: Reply<MergeRequests<MergeRequest>> =
        ask(api, repo, queries::OPEN_MERGE_REQUESTS, |attempt| Page {
            first: page_size(attempt),
            after: cursor,
        })
        .await?;
    let list = reply.of.merge_requests;
    let list = list.ok_or_else(|| failure(&reply.errors))?;
    let (next, nodes) = list.into_page();
    let mut pull_requests = Vec::with_capacity(nodes.len());
    let mut unchecked = Vec::new();
    for (index, node) in nodes.into_iter().enumerate() {
        // What could not be read at all is read by itself later, by its number.
        let Some(answer) = node else { continue };
        if snapshot::is_unchecked(&answer) {
            unchecked.push(answer.iid.clone());
        }
        let missing = missing(&reply.errors, Some(index));
        pull_requests.push(whole(api, repo, &answer, missing).await?);
    }
    if !unchecked.is_empty() {
        merge_requests::have_checked(api, repo, &unchecked).await;
    }
    Ok(Snapshot {
        date: reply.date,
        of: PullRequestPage {
            pull_requests,
            next,
        },
    })
}

pub(super) async fn pull_request(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
    let reply: Reply<OneMergeRequest<MergeRequest>> =
        ask(api, repo, queries::MERGE_REQUEST, |_| one(number)).await?;
    let Some(answer) = reply.of.merge_request else {
        return absent(api, repo, number, &reply.errors).await;
    };
    let mut snapshot = whole(api, repo, &answer, missing(&reply.errors, None)).await?;
    if snapshot::is_unchecked(&answer) && snapshot.report.lifecycle.is_open() {
        // Only this question makes GitLab try head and base together.
        let asked = merge_requests::read(api, repo, number).await?;
        let is_same = asked.sha.as_deref() == Some(snapshot.report.head.sha.as_str());
        snapshot.verdict = asked.verdict().filter(|_| is_same).into();
    }
    Ok(Snapshot {
        date: reply.date,
        of: Some(snapshot),
    })
}

pub(super) async fn reviews(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError> {
    let reply: Reply<OneMergeRequest<Reviewed>> =
        ask(api, repo, queries::REVIEWS, |_| one(number)).await?;
    let found = reply.of.merge_request.ok_or(ProviderError::NotFound)?;
    let unavailable = missing(&reply.errors, None).reviews;
    let of = match unavailable {
        Some(reason) => Err(reason),
        None => snapshot::reviews(&found.reviews, found.updated_at),
    };
    Ok(Snapshot {
        date: reply.date,
        of: of.map_err(|Unavailable { why }| ProviderError::Unavailable { why })?,
    })
}

pub(super) async fn fingerprints(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Snapshot<Fingerprints>, ProviderError> {
    let mut all = Vec::new();
    let mut date = None;
    let mut after: Option<String> = None;
    for _page in 0..MOST_FINGERPRINT_PAGES {
        let reply: Reply<MergeRequests<Fingerprinted>> =
            ask(api, repo, queries::FINGERPRINTS, |_| After {
                after: after.as_deref(),
            })
            .await?;
        date = date.or(Some(reply.date));
        let list = reply.of.merge_requests;
        let list = list.ok_or_else(|| failure(&reply.errors))?;
        let (next, nodes) = list.into_page();
        for node in nodes.iter().flatten() {
            all.push(snapshot::fingerprint_alone(node)?);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let date = date.ok_or(ProviderError::NotFound)?;
    Ok(Snapshot {
        date,
        of: Fingerprints {
            of: all,
            tell_checks: true,
        },
    })
}

/// The merge request of an answer. What is `missing` is unavailable, and the rest is as it is.
async fn whole(
    api: &Api,
    repo: &RepositoryFacts,
    answer: &MergeRequest,
    missing: Missing,
) -> Result<PullRequestSnapshot, ProviderError> {
    let report = snapshot::report(repo, answer)?;
    let is_open = report.lifecycle.is_open();
    let reviews = match missing.reviews {
        Some(reason) => Err(reason),
        None => snapshot::reviews(&answer.reviews, answer.updated_at),
    };
    let (mut evidence, may_have_more) = evidence::shown(api, answer, &report);
    if may_have_more {
        evidence::add_hidden(api, answer, &report, &mut evidence).await?;
    }
    evidence.unavailable = missing.checks.or(evidence.unavailable);
    Ok(PullRequestSnapshot {
        verdict: snapshot::verdict(answer).filter(|_| is_open).into(),
        fingerprint: snapshot::fingerprint_of(answer),
        report,
        reviews,
        evidence,
    })
}

/// What it means that GraphQL shows no such merge request, which it also does to whom it hides
/// them all: REST tells the difference.
async fn absent(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    errors: &[super::graphql::GraphqlError],
) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
    if !errors.is_empty() {
        return Err(failure(errors));
    }
    let mut url = api.of_project(repo, &["merge_requests"])?;
    url.query_pairs_mut()
        .append_pair("iids[]", &number.to_string());
    let answer = api.get(&url, READING).await?;
    let listed: Vec<serde::de::IgnoredAny> = json(&answer)?;
    if listed.is_empty() {
        Ok(Snapshot {
            date: answer.began_at()?,
            of: None,
        })
    } else {
        Err(ProviderError::Unavailable {
            why: "GitLab says two things about whether it is there".to_owned(),
        })
    }
}

fn one(number: PullRequestNumber) -> One {
    One {
        iid: number.to_string(),
    }
}

fn page_size(attempt: u32) -> u32 {
    let smallest = PAGE_SIZES.last().copied().unwrap_or(1);
    usize::try_from(attempt)
        .ok()
        .and_then(|attempt| PAGE_SIZES.get(attempt).copied())
        .unwrap_or(smallest)
}
