//! Repositories that could be tracked.

use std::collections::BTreeMap;

use ampel_domain::{
    accounts::Account,
    ids::RepositoryId,
    provider::{Provider, ProviderRepositoryId},
    repositories::RepositoryFacts,
    tenancy::{Caller, Role},
};
use ampel_providers::GitProvider;
use ampel_wire::api::repositories::Discovery;

use super::Repositories;
use crate::refusal::Refusal;

/// How many repositories are looked through at most, in pages of [`PER_PAGE`].
const MOST_PAGES: u32 = 10;
const PER_PAGE: u32 = 100;

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
}

impl Repositories {
    /// Looks for repositories that an account can see. A page without a search is one call; a
    /// search, or no page at all, looks through the first 1000.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] when no account fits, [`Refusal::NotFound`] for an account the
    /// caller may not use, and whatever the provider says.
    pub async fn discover(&self, caller: Caller, wanted: Discovery) -> Result<Discovered, Refusal> {
        caller.require(Role::Member)?;
        let account = self.account(caller, wanted.account).await?;
        let client = self.client(&account).await?;
        let (facts, next_page) = match wanted.page {
            Some(page) if wanted.search.is_empty() => {
                let shown = self.provider_page(&*client, page, wanted.per_page).await?;
                (shown.0, shown.1.then_some(page + 1))
            }
            Some(page) => {
                let matching = self.matching(&*client, &wanted.search).await?;
                cut_page(matching, page, wanted.per_page)
            }
            None => (self.matching(&*client, &wanted.search).await?, None),
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
        Ok(Discovered { items, next_page })
    }

    async fn provider_page(
        &self,
        client: &dyn GitProvider,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<RepositoryFacts>, bool), Refusal> {
        let shown = client.list_repositories(page, per_page).await;
        let shown = shown.map_err(|error| Refusal::provider(&error, self.moments.now()))?;
        Ok((shown.items, shown.has_more))
    }

    /// All whose full name contains `search`.
    async fn matching(
        &self,
        client: &dyn GitProvider,
        search: &str,
    ) -> Result<Vec<RepositoryFacts>, Refusal> {
        let mut matching = Vec::new();
        for page in 1..=MOST_PAGES {
            let (shown, has_more) = self.provider_page(client, page, PER_PAGE).await?;
            let fits = |facts: &RepositoryFacts| facts.full_name().to_lowercase().contains(search);
            matching.extend(shown.into_iter().filter(fits));
            if !has_more {
                break;
            }
        }
        Ok(matching)
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
