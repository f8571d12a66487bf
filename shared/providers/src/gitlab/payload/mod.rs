//! GitLab's webhook payloads, of which only the needed fields are read: borrowed, in one pass.
//!
//! Payloads come in the shapes of many years and of old servers: what is not needed may be
//! missing, `null` or unknown. <https://docs.gitlab.com/user/project/integrations/webhook_events/>

mod merge_request;
mod note;
mod pipeline;
mod project;
mod push;
mod shape;

use ampel_domain::{provider::ProviderRepositoryId, pulls::ProviderEvent};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    text::cut,
    webhook::{ParseError, Parsed, VerifiedDelivery},
};
use shape::Text;

/// Bytes of GitLab's words for events and actions that are kept.
const WORD_LIMIT: usize = 64;

/// What a payload gives: an event of a repository, or nothing that we use.
type Outcome = Result<Option<(ProviderRepositoryId, ProviderEvent)>, Unusable>;

/// Why a payload of an event we use can not be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Field(&'static str),
}

/// What a payload is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    MergeRequest,
    Note,
    Pipeline,
    Push,
    Project,
    Unused,
}

/// The words of a payload that name what it is about, and what was done.
#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow, default)]
    object_kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    event_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    object_attributes: Option<Action<'a>>,
}

#[derive(Deserialize)]
struct Action<'a> {
    #[serde(borrow, default)]
    action: Option<Text<'a>>,
}

/// Turns a genuine delivery of GitLab into our own event.
pub(crate) fn parse(delivery: &VerifiedDelivery<'_>) -> Result<Parsed, ParseError> {
    let (event, body) = (delivery.event.as_str(), delivery.body);
    let topic = topic(event, body);
    let outcome = match topic {
        Topic::MergeRequest => merge_request::parse(body),
        Topic::Note => note::parse(body),
        Topic::Pipeline => pipeline::parse(body),
        Topic::Push => push::parse(body, delivery.sent_at),
        Topic::Project => project::parse(body),
        Topic::Unused => Ok(None),
    };
    match outcome {
        Ok(Some((repository, event))) => Ok(Parsed::Event { repository, event }),
        Ok(None) => ignored(event, body),
        Err(problem) => {
            // What is no JSON at all is told apart from what can not be used.
            words(body)?;
            Err(ParseError::Unusable {
                event: cut(event, WORD_LIMIT).unwrap_or_default(),
                why: problem.to_string(),
            })
        }
    }
}

/// By the header; a hook of a whole server or group names what happened in the body only.
fn topic(event: &str, body: &[u8]) -> Topic {
    match event {
        "Merge Request Hook" => Topic::MergeRequest,
        "Note Hook" | "Confidential Note Hook" => Topic::Note,
        "Pipeline Hook" => Topic::Pipeline,
        "Push Hook" => Topic::Push,
        "System Hook" | "Project Hook" => topic_by_words(body),
        _unused => Topic::Unused,
    }
}

fn topic_by_words(body: &[u8]) -> Topic {
    let Ok(Some(words)) = words(body) else {
        return Topic::Unused;
    };
    let word = words.event_name.as_ref().or(words.object_kind.as_ref());
    match word.map(Text::as_str).unwrap_or_default() {
        "merge_request" => Topic::MergeRequest,
        "push" => Topic::Push,
        "project_rename" | "project_transfer" | "project_update" | "project_destroy" => {
            Topic::Project
        }
        _unused => Topic::Unused,
    }
}

fn ignored(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    let words = words(body)?;
    let action = words.as_ref().and_then(|words| {
        let attributes = words.object_attributes.as_ref();
        let action = attributes.and_then(|attributes| attributes.action.as_ref());
        action.or(words.event_name.as_ref())
    });
    Ok(Parsed::Ignored {
        event: cut(event, WORD_LIMIT).unwrap_or_default(),
        action: action.and_then(|action| cut(action.as_str(), WORD_LIMIT)),
    })
}

/// The words of a body, where it is JSON and has them in the shape we know.
fn words(body: &[u8]) -> Result<Option<Words<'_>>, ParseError> {
    match serde_json::from_slice::<Words<'_>>(body) {
        Ok(words) => Ok(Some(words)),
        Err(_) => match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(IgnoredAny) => Ok(None),
            Err(_) => Err(ParseError::NotJson),
        },
    }
}
