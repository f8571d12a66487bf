//! Gitea's webhook payloads, of which only the needed fields are read: borrowed, in one pass.

mod branch;
mod comment;
mod pull_request;
mod repository;
mod status;

use std::borrow::Cow;

use ampel_domain::{provider::ProviderRepositoryId, pulls::ProviderEvent};
use serde::{Deserialize, de::IgnoredAny};

use super::shape::{Text, Unusable};
use crate::{
    text::cut,
    webhook::{ParseError, Parsed, VerifiedDelivery, form_payload},
};

/// Bytes of Gitea's words for events and actions that are kept.
const WORD_LIMIT: usize = 64;

/// What a payload gives: an event of a repository, or nothing that we use.
type Outcome = Result<Option<(ProviderRepositoryId, ProviderEvent)>, Unusable>;

#[derive(Deserialize)]
struct ActionOnly<'a> {
    #[serde(borrow, default)]
    action: Option<Text<'a>>,
}

/// Turns a genuine delivery of Gitea or Forgejo into our own event.
pub(crate) fn parse(delivery: &VerifiedDelivery<'_>) -> Result<Parsed, ParseError> {
    let body = json(delivery)?;
    let event = delivery.event.as_str();
    let outcome = match event {
        "pull_request" => pull_request::parse(&body),
        "pull_request_approved" | "pull_request_rejected" | "pull_request_comment" => {
            pull_request::parse_review(&body)
        }
        "issue_comment" => comment::parse(&body),
        "status" => status::parse(&body),
        "push" => branch::parse_push(&body),
        "delete" => branch::parse_deletion(&body),
        "repository" => repository::parse(&body),
        _unused => Ok(None),
    };
    match outcome {
        Ok(Some((repository, event))) => Ok(Parsed::Event { repository, event }),
        Ok(None) => Ok(Parsed::Ignored {
            event: cut(event, WORD_LIMIT).unwrap_or_default(),
            action: action(&body)?.and_then(|action| cut(action.as_str(), WORD_LIMIT)),
        }),
        Err(problem) => {
            action(&body)?;
            Err(ParseError::Unusable {
                event: event.to_owned(),
                why: problem.to_string(),
            })
        }
    }
}

/// The JSON of the body: all of it, or a field of a form.
fn json<'a>(delivery: &VerifiedDelivery<'a>) -> Result<Cow<'a, [u8]>, ParseError> {
    if !delivery.is_form {
        return Ok(Cow::Borrowed(delivery.body));
    }
    form_payload(delivery.body)
        .map(Cow::Owned)
        .ok_or(ParseError::NotJson)
}

/// The action, where the body is JSON and has one.
fn action(body: &[u8]) -> Result<Option<Text<'_>>, ParseError> {
    match serde_json::from_slice::<ActionOnly<'_>>(body) {
        Ok(head) => Ok(head.action),
        Err(_) => match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(IgnoredAny) => Ok(None),
            Err(_) => Err(ParseError::NotJson),
        },
    }
}
