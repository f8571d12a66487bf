//! Branches: how two compare, and their end.

use ampel_domain::{merging::Comparison, repositories::RepositoryFacts};
use http::Method;
use serde::de::IgnoredAny;

use super::{
    api::{Api, Page, json},
    repositories::READING,
};
use crate::ProviderError;

const DELETING: &str = "the scope `write:repository:bitbucket` (an access token: Repositories, \
    write) and write access to the branch";
/// Pages of a hundred commits that are counted at most.
const MOST_PAGES: u32 = 20;

/// Bitbucket does not count, so the commits are listed: two thousand on each side at most.
pub(super) async fn compare(
    api: &Api,
    repo: &RepositoryFacts,
    base: &str,
    head: &str,
) -> Result<Comparison, ProviderError> {
    let (ahead_by, behind_by) = tokio::try_join!(
        only_in(api, repo, head, base),
        only_in(api, repo, base, head)
    )?;
    Ok(Comparison {
        ahead_by,
        behind_by,
    })
}

/// How many commits one has that another has not.
async fn only_in(
    api: &Api,
    repo: &RepositoryFacts,
    one: &str,
    other: &str,
) -> Result<u32, ProviderError> {
    let mut url = api.url_in(repo, &["commits"])?;
    url.query_pairs_mut()
        .append_pair("include", one)
        .append_pair("exclude", other)
        .append_pair("pagelen", "100")
        .append_pair("fields", "next,values.hash");
    let mut count = 0;
    for _page in 0..MOST_PAGES {
        let answer = api.get(&url, READING).await?;
        let page: Page<'_, IgnoredAny> = json(&answer)?;
        count += u32::try_from(page.values.len()).unwrap_or(u32::MAX);
        match api.next(&page)? {
            Some(next) => url = next,
            None => break,
        }
    }
    Ok(count)
}

/// One that is gone already is fine.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<(), ProviderError> {
    let url = api.url_in(repo, &["refs", "branches", branch])?;
    match api.change(Method::DELETE, &url, None, DELETING).await {
        Ok(_) | Err(ProviderError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
