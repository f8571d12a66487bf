//! Asking a GraphQL query and what its errors mean.

use ampel_domain::repositories::RepositoryFacts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    answers::{Data, Repository},
    api::{Api, json},
    partial::GraphqlError,
    refusals::rate_limited,
};
use crate::{ProviderError, http_client::Answer};

/// What was asked, and what could not be answered of it.
pub(super) struct Reply<T> {
    /// A time of GitHub's at or before the start of the request.
    pub(super) date: Timestamp,
    /// What it says of the repository.
    pub(super) of: T,
    /// What is missing in it.
    pub(super) errors: Vec<GraphqlError>,
}

#[derive(Serialize)]
struct Question<'a, V> {
    query: &'a str,
    variables: V,
}

/// The variables of a query about a repository.
#[derive(Serialize)]
pub(super) struct Of<'a, V> {
    owner: &'a str,
    name: &'a str,
    #[serde(flatten)]
    more: V,
}

/// The variables of a query about a repository.
pub(super) fn of<V>(repo: &RepositoryFacts, more: V) -> Of<'_, V> {
    Of {
        owner: &repo.owner,
        name: &repo.name,
        more,
    }
}

#[derive(Deserialize)]
struct Body<T> {
    data: Option<Data<Repository<T>>>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

/// Asks `query` about a repository. `variables` gets the number of the attempt, from 0: a query
/// that GitHub was too slow for is asked again for less.
///
/// What names something missing in the answer comes back with the answer. An answer without the
/// repository is an error, as is one about a repository of another id.
pub(super) async fn ask<T: DeserializeOwned, V: Serialize>(
    api: &Api,
    repo: &RepositoryFacts,
    query: &str,
    variables: impl Fn(u32) -> V + Send + Sync,
) -> Result<Reply<T>, ProviderError> {
    let answer = api
        .graphql(|attempt| Question {
            query,
            variables: variables(attempt),
        })
        .await?;
    let body: Body<T> = json(&answer)?;
    let Some(repository) = body.data.and_then(|data| data.repository) else {
        return Err(nothing(&answer, &body.errors));
    };
    if body.errors.iter().any(GraphqlError::is_rate_limit) {
        return Err(rate_limited(&answer));
    }
    let same = repository
        .database_id
        .is_some_and(|id| id.to_string() == repo.provider_id.0);
    if !same {
        return Err(ProviderError::NotFound);
    }
    Ok(Reply {
        date: answer.began_at()?,
        of: repository.of,
        errors: body.errors,
    })
}

/// Why there is no repository in an answer.
fn nothing(answer: &Answer, errors: &[GraphqlError]) -> ProviderError {
    if errors.iter().any(GraphqlError::is_rate_limit) {
        return rate_limited(answer);
    }
    errors
        .first()
        .map_or(ProviderError::NotFound, GraphqlError::as_failure)
}
