//! Reading pull requests to the last page of everything that hangs on them.

use ampel_domain::{
    ids::PullRequestNumber,
    pulls::{Fingerprints, PullRequestSnapshot, Snapshot},
    repositories::RepositoryFacts,
};
use serde::Serialize;

use super::{
    answers::{Fingerprinted, OnePullRequest, PullRequest, PullRequests},
    api::Api,
    elsewhere::Reach,
    graphql::{Reply, ask, of},
    partial::{GraphqlError, lacks_only_teams, missing},
    queries, snapshot,
    whole::{failure, whole},
};
use crate::{ProviderError, PullRequestPage};

/// Pull requests per page, by attempt: GitHub gives up on a query after ten seconds, so one that
/// failed is asked again for less.
const PAGE_SIZES: [u32; 3] = [50, 20, 5];
/// Pages of a hundred fingerprints that are read at most.
const MOST_FINGERPRINT_PAGES: u32 = 100;

#[derive(Serialize)]
struct Page<'a> {
    first: u32,
    after: Option<&'a str>,
    teams: bool,
}

#[derive(Serialize)]
struct One {
    number: u32,
    teams: bool,
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
    let reply = match ask_page(api, repo, cursor, true).await {
        Err(error) if lacks_only_teams(&error) => ask_page(api, repo, cursor, false).await?,
        reply => reply?,
    };
    let list = reply.of.pull_requests;
    let list = list.ok_or_else(|| failure(&reply.errors))?;
    let (next, nodes) = list.into_page();
    let mut pull_requests = Vec::with_capacity(nodes.len());
    let mut reach = Reach::default();
    for (index, node) in nodes.into_iter().enumerate() {
        // What could not be read at all is read by itself later, by its number.
        let Some(answer) = node else { continue };
        let missing = missing(&reply.errors, Some(index));
        pull_requests.push(whole(api, repo, answer, missing, &mut reach).await?);
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
    let reply = match ask_one(api, repo, number, true).await {
        Err(error) if lacks_only_teams(&error) => ask_one(api, repo, number, false).await?,
        reply => reply?,
    };
    let of = match reply.of.pull_request {
        Some(answer) => {
            let missing = missing(&reply.errors, None);
            Some(whole(api, repo, answer, missing, &mut Reach::default()).await?)
        }
        None if is_not_found(&reply.errors) => None,
        None => return Err(failure(&reply.errors)),
    };
    Ok(Snapshot {
        date: reply.date,
        of,
    })
}

/// Whether the provider says, in so many words, that there is no such thing. A null without a
/// word is a lag of its replicas or a filter of its own.
fn is_not_found(errors: &[GraphqlError]) -> bool {
    !errors.is_empty() && errors.iter().all(GraphqlError::is_not_found)
}

pub(super) async fn fingerprints(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Snapshot<Fingerprints>, ProviderError> {
    let mut all = Vec::new();
    let mut date = None;
    let mut after: Option<String> = None;
    for _page in 0..MOST_FINGERPRINT_PAGES {
        let reply: Reply<PullRequests<Fingerprinted>> =
            ask(api, repo, queries::FINGERPRINTS, |_| {
                let after = after.as_deref();
                of(repo, After { after })
            })
            .await?;
        date = date.or(Some(reply.date));
        let list = reply.of.pull_requests;
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
    let date = date.ok_or_else(|| failure(&[]))?;
    Ok(Snapshot {
        date,
        of: Fingerprints {
            of: all,
            tell_checks: true,
        },
    })
}

async fn ask_page(
    api: &Api,
    repo: &RepositoryFacts,
    after: Option<&str>,
    teams: bool,
) -> Result<Reply<PullRequests<PullRequest>>, ProviderError> {
    ask(api, repo, queries::OPEN_PULL_REQUESTS, |attempt| {
        let smallest = PAGE_SIZES.last().copied().unwrap_or(1);
        let size = usize::try_from(attempt)
            .ok()
            .and_then(|attempt| PAGE_SIZES.get(attempt).copied());
        let first = size.unwrap_or(smallest);
        of(
            repo,
            Page {
                first,
                after,
                teams,
            },
        )
    })
    .await
}

async fn ask_one(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    teams: bool,
) -> Result<Reply<OnePullRequest<PullRequest>>, ProviderError> {
    let number = number.get();
    ask(api, repo, queries::PULL_REQUEST, |_| {
        of(repo, One { number, teams })
    })
    .await
}
