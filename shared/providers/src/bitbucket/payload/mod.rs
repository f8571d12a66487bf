//! Bitbucket's webhook payloads, of which only the needed fields are read: borrowed, in one pass.
//!
//! The body does not name its event, the header does. Payloads come in the shapes of many years
//! and in those of the documentation's samples, where a state is `OPEN|MERGED|DECLINED`.

mod pull_request;
mod push;
mod review;
mod status;

use ampel_domain::{provider::ProviderRepositoryId, pulls::ProviderEvent};
use serde::{Deserialize, de::IgnoredAny};

use super::shape::{Lack, Repository, text};
use crate::{
    text::cut,
    webhook::{ParseError, Parsed, VerifiedDelivery},
};

/// Everything a light is computed from, and what tells that the repository is another one.
pub(crate) const EVENTS: [&str; 17] = [
    "pullrequest:approved",
    "pullrequest:changes_request_created",
    "pullrequest:changes_request_removed",
    "pullrequest:comment_created",
    "pullrequest:comment_deleted",
    "pullrequest:comment_updated",
    "pullrequest:created",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
    "pullrequest:unapproved",
    "pullrequest:updated",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "repo:deleted",
    "repo:push",
    "repo:transfer",
    "repo:updated",
];

/// Bytes of Bitbucket's words for events that are kept.
const WORD_LIMIT: usize = 64;

/// What a payload gives: events of a repository, none where it is nothing that we use.
type Outcome = Result<(ProviderRepositoryId, Vec<ProviderEvent>), Unusable>;

/// Why a payload of an event we use can not be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Field(Lack),
}

impl From<Lack> for Unusable {
    fn from(lack: Lack) -> Self {
        Self::Field(lack)
    }
}

#[derive(Deserialize)]
struct OnlyRepository<'a> {
    #[serde(borrow)]
    repository: Repository<'a>,
}

/// Turns a genuine delivery of Bitbucket into our own events.
pub(crate) fn parse(delivery: &VerifiedDelivery<'_>) -> Result<Parsed, ParseError> {
    let (event, body) = (delivery.event.as_str(), delivery.body);
    let outcome = match event {
        "pullrequest:created"
        | "pullrequest:updated"
        | "pullrequest:push"
        | "pullrequest:fulfilled"
        | "pullrequest:rejected" => pull_request::parse(event, body),
        "pullrequest:approved"
        | "pullrequest:unapproved"
        | "pullrequest:changes_request_created"
        | "pullrequest:changes_request_removed" => review::parse(event, body),
        "pullrequest:comment_created"
        | "pullrequest:comment_updated"
        | "pullrequest:comment_deleted"
        | "pullrequest:comment_resolved"
        | "pullrequest:comment_reopened" => pull_request::parse_comment(body),
        "repo:commit_status_created" | "repo:commit_status_updated" => status::parse(body),
        "repo:push" => push::parse(body),
        "repo:updated" | "repo:transfer" | "repo:deleted" => parse_changed(body),
        _unused => return ignored(event, body),
    };
    match outcome {
        Ok((repository, events)) => given(event, repository, events),
        Err(Unusable::Json(error)) if !is_json(body) => {
            tracing::debug!(%error, "a delivery is not JSON");
            Err(ParseError::NotJson)
        }
        Err(problem) => Err(ParseError::Unusable {
            event: event.to_owned(),
            why: problem.to_string(),
        }),
    }
}

fn given(
    event: &str,
    repository: ProviderRepositoryId,
    mut events: Vec<ProviderEvent>,
) -> Result<Parsed, ParseError> {
    match events.pop() {
        None => Ok(nothing(event)),
        Some(event) if events.is_empty() => Ok(Parsed::Event { repository, event }),
        Some(event) => {
            events.push(event);
            Ok(Parsed::Several { repository, events })
        }
    }
}

fn ignored(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    if is_json(body) {
        Ok(nothing(event))
    } else {
        Err(ParseError::NotJson)
    }
}

fn nothing(event: &str) -> Parsed {
    Parsed::Ignored {
        event: cut(event, WORD_LIMIT).unwrap_or_default(),
        action: None,
    }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// Renamed, transferred, deleted, or something about it that we do not show: it is asked for by
/// its id.
fn parse_changed(body: &[u8]) -> Outcome {
    let payload: OnlyRepository<'_> = serde_json::from_slice(body)?;
    let repository = repository_id(Some(&payload.repository))?;
    Ok((repository, vec![ProviderEvent::RepositoryChanged]))
}

/// The id of the repository that a payload is about.
fn repository_id(repository: Option<&Repository<'_>>) -> Result<ProviderRepositoryId, Lack> {
    repository
        .and_then(|repository| text(repository.uuid.as_ref()))
        .map(|uuid| ProviderRepositoryId(uuid.to_owned()))
        .ok_or("repository.uuid is missing")
}
