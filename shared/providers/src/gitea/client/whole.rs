//! Pull requests with everything that hangs on them.

use ampel_domain::{
    ids::PullRequestNumber,
    pulls::{PullRequestSnapshot, Snapshot},
    repositories::RepositoryFacts,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    api::Api,
    evidence,
    pulls::{self, Cursor, Seen},
    reviews,
};
use crate::{ProviderError, PullRequestPage};

/// Pull requests whose reviews and statuses are read side by side: two calls each.
const SIDE_BY_SIDE: usize = 3;

pub(super) async fn open_pull_requests(
    api: &Api,
    repo: &RepositoryFacts,
    cursor: Option<&str>,
) -> Result<Snapshot<PullRequestPage>, ProviderError> {
    let page = pulls::page(api, repo, Cursor::parse(cursor)?).await?;
    let pull_requests = stream::iter(page.seen)
        .map(|seen| whole(api, repo, seen))
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    Ok(Snapshot {
        date: page.date,
        of: PullRequestPage {
            pull_requests,
            next: page.next.map(Cursor::text),
        },
    })
}

pub(super) async fn pull_request(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
    let Snapshot { date, of } = pulls::one(api, repo, number).await?;
    let of = match of {
        Some(seen) => Some(whole(api, repo, seen).await?),
        None => None,
    };
    Ok(Snapshot { date, of })
}

/// What may not be read is not there, and says why; whatever else goes wrong fails it all.
async fn whole(
    api: &Api,
    repo: &RepositoryFacts,
    seen: Seen,
) -> Result<PullRequestSnapshot, ProviderError> {
    let (reviews, evidence) = futures::try_join!(
        reviews::of(api, repo, seen.report.number),
        evidence::of(api, repo, &seen.report.head.sha),
    )?;
    Ok(PullRequestSnapshot {
        report: seen.report,
        verdict: seen.verdict.into(),
        reviews: reviews.map_err(reviews::Unread::unavailable),
        evidence: evidence.of,
        fingerprint: seen.fingerprint,
    })
}
