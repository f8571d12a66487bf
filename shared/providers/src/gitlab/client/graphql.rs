//! Asking a GraphQL query, and what errors beside its data take away from it.

use ampel_domain::{facts::Unavailable, repositories::RepositoryFacts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    answers::{Data, Project, number_of},
    api::{Api, json},
};
use crate::ProviderError;

/// What was asked, and what could not be answered of it.
pub(super) struct Reply<T> {
    /// A time of GitLab's at or before the start of the request.
    pub(super) date: Timestamp,
    /// What it says of the project.
    pub(super) of: T,
    /// What is missing in it.
    pub(super) errors: Vec<GraphqlError>,
}

#[derive(Serialize)]
struct Question<'a, V> {
    query: &'a str,
    variables: Of<'a, V>,
}

#[derive(Serialize)]
struct Of<'a, V> {
    path: &'a str,
    #[serde(flatten)]
    more: V,
}

#[derive(Deserialize)]
struct Body<T> {
    data: Option<Data<Project<T>>>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

/// An error beside the data, or instead of it. GitLab gives it no kind.
#[derive(Debug, Deserialize)]
pub(super) struct GraphqlError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Option<Vec<Step>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Step {
    Index(usize),
    Name(String),
}

/// Asks `query` about a project. `variables` gets the number of the attempt, from 0: a query that
/// GitLab was too slow for is asked again for less.
///
/// A name is not followed to where its project moved: then, and for one that the token may not
/// see, there is none. One of another id is `NotFound`, too.
pub(super) async fn ask<T: DeserializeOwned, V: Serialize>(
    api: &Api,
    repo: &RepositoryFacts,
    query: &str,
    variables: impl Fn(u32) -> V + Send + Sync,
) -> Result<Reply<T>, ProviderError> {
    let path = repo.full_name();
    let answer = api
        .graphql(|attempt| Question {
            query,
            variables: Of {
                path: &path,
                more: variables(attempt),
            },
        })
        .await?;
    let body: Body<T> = json(&answer)?;
    let Some(project) = body.data.and_then(|data| data.project) else {
        let error = body.errors.first();
        return Err(error.map_or(ProviderError::NotFound, GraphqlError::as_failure));
    };
    let id = project.id.as_deref().and_then(number_of);
    if id.is_none_or(|id| id.to_string() != repo.provider_id.0) {
        return Err(ProviderError::NotFound);
    }
    Ok(Reply {
        date: answer.began_at()?,
        of: project.of,
        errors: body.errors,
    })
}

impl GraphqlError {
    /// The error this is where it leaves nothing of the answer.
    pub(super) fn as_failure(&self) -> ProviderError {
        ProviderError::Unavailable {
            why: self.message.chars().take(300).collect(),
        }
    }

    fn names(&self, fields: &[&str]) -> bool {
        let named =
            |step: &Step| matches!(step, Step::Name(name) if fields.contains(&name.as_str()));
        self.path.iter().flatten().any(named)
    }

    /// Whether it may be about the merge request at this place in a list.
    fn is_about(&self, index: Option<usize>) -> bool {
        let place = self.path.iter().flatten().find_map(|step| match step {
            Step::Index(place) => Some(*place),
            Step::Name(_) => None,
        });
        match (index, place) {
            (Some(index), Some(place)) => index == place,
            (None, _) | (_, None) => true,
        }
    }
}

/// What is missing of a merge request's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Why its pipelines can not all be read.
    pub(super) checks: Option<Unavailable>,
    /// Why its approvals can not all be read.
    pub(super) reviews: Option<Unavailable>,
}

/// What errors take away from the merge request at `index` of a list; `None` where the answer is
/// about a single one. An error that does not say where it belongs takes away everything.
pub(super) fn missing(errors: &[GraphqlError], index: Option<usize>) -> Missing {
    let mut missing = Missing::default();
    for error in errors.iter().filter(|error| error.is_about(index)) {
        let anywhere = error.path.as_ref().is_none_or(Vec::is_empty);
        if anywhere || error.names(&["pipelines", "headPipeline", "hasCi"]) {
            missing.checks.get_or_insert_with(incomplete);
        }
        if anywhere || error.names(&["approvedBy", "reviewers"]) {
            missing.reviews.get_or_insert_with(incomplete);
        }
    }
    missing
}

fn incomplete() -> Unavailable {
    Unavailable {
        why: "GitLab did not answer completely; they are read again at the next reconcile."
            .to_owned(),
    }
}

/// The error of an answer without what was asked for, though its project is there.
pub(super) fn failure(errors: &[GraphqlError]) -> ProviderError {
    errors.first().map_or_else(
        || ProviderError::Permission {
            needs: super::api::READING.to_owned(),
        },
        GraphqlError::as_failure,
    )
}
