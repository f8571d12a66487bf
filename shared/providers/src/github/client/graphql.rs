//! Asking a GraphQL query and what its errors mean.

use ampel_domain::repositories::RepositoryFacts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    answers::{Data, Repository},
    api::{Api, json, to_json},
    partial::GraphqlError,
    refusals::{message, rate_limited},
};
use crate::{
    ProviderError,
    http_client::{Answer, is_limited_query},
};

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
/// that GitHub was too slow for, or that was too much for it, is asked again for less.
///
/// What names something missing in the answer comes back with the answer. An answer without the
/// repository is an error, as is one about a repository of another id.
pub(super) async fn ask<T: DeserializeOwned, V: Serialize>(
    api: &Api,
    repo: &RepositoryFacts,
    query: &str,
    variables: impl Fn(u32) -> V + Send + Sync,
) -> Result<Reply<T>, ProviderError> {
    let mut less = 0;
    loop {
        let answer = api
            .graphql(|attempt| Question {
                query,
                variables: variables(less + attempt),
            })
            .await?;
        let body: Body<T> = json(&answer)?;
        let was_too_much = body.errors.iter().any(GraphqlError::was_too_much);
        if was_too_much && to_json(&variables(less))? != to_json(&variables(less + 1))? {
            less += 1;
            continue;
        }
        return reply(&answer, body, repo);
    }
}

/// What is in an answer about a repository.
fn reply<T>(
    answer: &Answer,
    body: Body<T>,
    repo: &RepositoryFacts,
) -> Result<Reply<T>, ProviderError> {
    let Body { data, errors } = body;
    let repository = data.and_then(|data| data.repository);
    let is_whole = repository.is_some() && errors.is_empty();
    if !is_whole && is_limited_query(answer) {
        return Err(rate_limited(answer));
    }
    let Some(repository) = repository else {
        return Err(nothing(answer, &errors));
    };
    let same = repository
        .database_id
        .is_some_and(|id| id.to_string() == repo.provider_id.0);
    if !same {
        return Err(ProviderError::NotFound);
    }
    Ok(Reply {
        date: answer.began_at()?,
        of: repository.of,
        errors,
    })
}

/// Why there is no repository in an answer. One that says nothing of it does not say that there
/// is none.
fn nothing(answer: &Answer, errors: &[GraphqlError]) -> ProviderError {
    errors.first().map_or_else(
        || ProviderError::Unavailable {
            why: format!("it answered a query without an answer: {}", message(answer)),
        },
        GraphqlError::as_failure,
    )
}
