//! Whether a pull request merges. Nothing in it says so; the files that conflict do.
//!
//! `/conflicts` lists them, and nothing else does: since September 2026 `/diffstat` makes no trial
//! merge any more, and what a pull request changes is no conflict.

use ampel_domain::{
    facts::{Fact, Verdict},
    ids::PullRequestNumber,
    repositories::RepositoryFacts,
};
use serde::de::IgnoredAny;

use super::{
    api::{Api, Page, json},
    reading,
    refusals::concerns_token,
    repositories::READING,
};
use crate::ProviderError;

/// What Bitbucket says of head and base. Where it does not, that is not "still computing": asking
/// again at once would not help.
pub(super) async fn verdict(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Fact<Verdict>, ProviderError> {
    match listed(api, repo, number).await {
        Ok(verdict) => Ok(Fact::Known(verdict)),
        Err(ProviderError::Permission { .. } | ProviderError::NotFound) => {
            Ok(Fact::Unavailable(not_told(api)))
        }
        Err(error) if concerns_token(&error) => Err(error),
        Err(error) => Ok(Fact::Unavailable(error.user_message())),
    }
}

/// One file that conflicts is enough.
async fn listed(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Verdict, ProviderError> {
    let mut url = reading::url_of(api, repo, number, &["conflicts"])?;
    url.query_pairs_mut().append_pair("pagelen", "1");
    let answer = api.get(&url, READING).await?;
    let page: Page<'_, IgnoredAny> = json(&answer)?;
    Ok(if page.values.is_empty() {
        Verdict::Clean
    } else {
        Verdict::Conflicting
    })
}

/// Why conflicts are not told, and which token helps: the resource that lists them refuses API
/// tokens.
fn not_told(api: &Api) -> String {
    if api.access_token().is_some() {
        format!("Bitbucket does not tell this access token of conflicts. It needs {READING}.")
    } else {
        "Bitbucket does not tell this API token of conflicts. Save an access token of the \
         repository, its project or its workspace with Pull requests: read instead."
            .to_owned()
    }
}
