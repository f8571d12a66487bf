//! What is left of a token's calls.

use ampel_domain::accounts::RateLimit;
use jiff::Timestamp;
use serde::Deserialize;

use super::api::Api;
use crate::ProviderError;

#[derive(Deserialize)]
struct Limits {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: Budget,
    /// An own budget, in points: what pull requests are read with.
    graphql: Option<Budget>,
}

#[derive(Deserialize)]
struct Budget {
    limit: u32,
    remaining: u32,
    /// In seconds since the epoch.
    reset: i64,
}

/// The budget that is nearer to its end, of REST's calls and GraphQL's points. Asking costs
/// nothing. An Enterprise server without limits answers 404.
pub(super) async fn limit(api: &Api) -> Result<Option<RateLimit>, ProviderError> {
    let url = api.url(&["rate_limit"])?;
    let limits = match api.get_json::<Limits>(&url, "access to your profile").await {
        Ok(limits) => limits,
        Err(ProviderError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Resources { core, graphql } = limits.resources;
    let nearest = match graphql {
        Some(graphql) if graphql.is_nearer_to_its_end_than(&core) => graphql,
        Some(_) | None => core,
    };
    nearest.limit().map(Some)
}

impl Budget {
    fn is_nearer_to_its_end_than(&self, other: &Self) -> bool {
        let share = |one: &Self, of: &Self| u64::from(one.remaining) * u64::from(of.limit);
        share(self, other) < share(other, self)
    }

    fn limit(&self) -> Result<RateLimit, ProviderError> {
        let resets_at =
            Timestamp::from_second(self.reset).map_err(|_| ProviderError::InvalidAnswer {
                why: "a budget ends at no time".to_owned(),
            })?;
        Ok(RateLimit {
            limit: self.limit,
            remaining: self.remaining,
            resets_at,
        })
    }
}
