//! Branches: how they compare, and their end.

use ampel_domain::{merging::Comparison, repositories::RepositoryFacts};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::{
    api::Api,
    refusals::{message, refusal},
};
use crate::ProviderError;

const READING: &str = "the scope `repo` (fine-grained: Contents, read)";
const DELETING: &str = "the scope `repo` (fine-grained: Contents, read and write) and the right to \
    push to the repository";

#[derive(Deserialize)]
struct Compared {
    ahead_by: u32,
    behind_by: u32,
}

pub(super) async fn compare(
    api: &Api,
    repo: &RepositoryFacts,
    base: &str,
    head: &str,
) -> Result<Comparison, ProviderError> {
    let mut url = api.of(repo, &["compare", &format!("{base}...{head}")])?;
    // Only the counts are wanted, and they come with any page.
    url.query_pairs_mut().append_pair("per_page", "1");
    let Compared {
        ahead_by,
        behind_by,
    } = api.get_json(&url, READING).await?;
    Ok(Comparison {
        ahead_by,
        behind_by,
    })
}

/// One that is gone already is fine: GitHub says so with a 422 in these words.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<(), ProviderError> {
    let url = api.of(repo, &["git", "refs", &format!("heads/{branch}")])?;
    let answer = api.tell(Method::DELETE, &url, None).await?;
    let why = message(&answer);
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        if why.to_ascii_lowercase().contains("does not exist") {
            return Ok(());
        }
        // A rule of the repository keeps it, or it is the default branch.
        return Err(ProviderError::MethodNotAllowed { why });
    }
    refusal(&answer, DELETING).map_or(Ok(()), Err)
}
