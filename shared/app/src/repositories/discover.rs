//! Repositories that could be tracked.

use std::collections::BTreeMap;

use ampel_domain::{
    accounts::Account,
    ids::RepositoryId,
    provider::{Provider, ProviderRepositoryId},
    repositories::RepositoryFacts,
    tenancy::{Caller, Role},
};
use ampel_providers::{GitProvider, RepositoryPage};
use ampel_wire::api::repositories::Discovery;
use futures::future::try_join_all;

use super::Repositories;
use crate::refusal::Refusal;

/// How many pages of [`PER_PAGE`] are looked through at most: what a request has time for.
const MOST_PAGES: u32 = 50;
const PER_PAGE: u32 = 100;
/// How many pages are asked for at once after the first.
const AT_ONCE: u32 = 4;

/// A repository that an account can see.
#[derive(Debug, Clone)]
pub struct Found {
    /// The provider.
    pub provider: Provider,
    /// What the provider says of it.
    pub facts: RepositoryFacts,
    /// Under which id it is tracked, where it is.
    pub tracked: Option<RepositoryId>,
}

/// Some of the repositories that an account can see.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The repositories.
    pub items: Vec<Found>,
    /// The page that has more.
    pub next_page: Option<u32>,
    /// Whether everything was looked through that could be in the answer.
    pub is_complete: bool,
}

impl Repositories {
    /// Looks for repositories that an account can see. A page without a search is one call; a
    /// search, or no page at all, looks through the first 5000 and says when there are more.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] when no account fits, [`Refusal::NotFound`] for an account the
    /// caller may not use, and whatever the provider says.
    pub async fn discover(&self, caller: Caller, wanted: Discovery) -> Result<Discovered, Refusal> {
        caller.require(Role::Member)?;
        let account = self.account(caller, wanted.account).await?;
        let client = self.client(&account).await?;
        let (facts, next_page, is_complete) = match wanted.page {
            Some(page) if wanted.search.is_empty() => {
                let shown = self.provider_page(&*client, page, wanted.per_page).await?;
                (shown.items, shown.has_more.then_some(page + 1), true)
            }
            Some(page) => {
                let (matching, is_complete) = self.matching(&*client, &wanted.search).await?;
                let (items, next_page) = cut_page(matching, page, wanted.per_page);
                (items, next_page, is_complete)
            }
            None => {
                let (matching, is_complete) = self.matching(&*client, &wanted.search).await?;
                (matching, None, is_complete)
            }
        };
        let tracked = self.tracked_from(caller, &account).await?;
        let items = facts
            .into_iter()
            .map(|facts| Found {
                provider: account.provider,
                tracked: tracked.get(&facts.provider_id).copied(),
                facts,
            })
            .collect();
        Ok(Discovered {
            items,
            next_page,
            is_complete,
        })
    }

    async fn provider_page(
        &self,
        client: &dyn GitProvider,
        page: u32,
        per_page: u32,
    ) -> Result<RepositoryPage, Refusal> {
        let shown = client.list_repositories(page, per_page).await;
        shown.map_err(|error| Refusal::provider(&error, self.moments.now()))
    }

    /// All whose full name contains `search`, and whether all were looked through.
    async fn matching(
        &self,
        client: &dyn GitProvider,
        search: &str,
    ) -> Result<(Vec<RepositoryFacts>, bool), Refusal> {
        let fits = |facts: &RepositoryFacts| facts.full_name().to_lowercase().contains(search);
        let first = self.provider_page(client, 1, PER_PAGE).await?;
        let mut has_more = first.has_more;
        let mut matching: Vec<RepositoryFacts> = first.items.into_iter().filter(fits).collect();
        let mut next = 2;
        while has_more && next <= MOST_PAGES {
            let pages = next..=(next + AT_ONCE - 1).min(MOST_PAGES);
            let asked = pages.map(|page| self.provider_page(client, page, PER_PAGE));
            for page in try_join_all(asked).await? {
                has_more = page.has_more;
                matching.extend(page.items.into_iter().filter(fits));
            }
            next += AT_ONCE;
        }
        Ok((matching, !has_more))
    }

    /// What is tracked of the account's instance, by the provider's id.
    async fn tracked_from(
        &self,
        caller: Caller,
        account: &Account,
    ) -> Result<BTreeMap<ProviderRepositoryId, RepositoryId>, Refusal> {
        let tracked = self.store.repositories(caller.organization).await?;
        Ok(tracked
            .into_iter()
            .filter(|known| known.provider == account.provider)
            .filter(|known| known.instance == account.instance)
            .map(|known| (known.facts.provider_id, known.id))
            .collect())
    }
}

fn cut_page(
    all: Vec<RepositoryFacts>,
    page: u32,
    per_page: u32,
) -> (Vec<RepositoryFacts>, Option<u32>) {
    let whole = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let start = whole(page - 1).saturating_mul(whole(per_page));
    let has_more = all.len() > start.saturating_add(whole(per_page));
    let items = all.into_iter().skip(start).take(whole(per_page)).collect();
    (items, has_more.then_some(page + 1))
}
