//! GitHub's webhook payloads, of which only the needed fields are read: borrowed, in one pass.
//!
//! Payloads come in the shapes of many years and of old Enterprise servers: what is not needed may
//! be missing, `null` or unknown.

mod check;
mod comment;
mod pull_request;
mod push;
mod repository;
mod review;
mod shape;

use std::borrow::Cow;

use ampel_domain::{provider::ProviderRepositoryId, pulls::ProviderEvent};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    text::cut,
    webhook::{ParseError, Parsed, VerifiedDelivery, form_payload},
};
use shape::Text;

/// Bytes of GitHub's words for events and actions that are kept.
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

#[derive(Deserialize)]
struct ActionOnly<'a> {
    #[serde(borrow, default)]
    action: Option<Text<'a>>,
}

/// Turns a genuine delivery of GitHub into our own event.
pub(crate) fn parse(delivery: &VerifiedDelivery<'_>) -> Result<Parsed, ParseError> {
    let body = json(delivery)?;
    let event = delivery.event.as_str();
    let outcome = match event {
        "pull_request" => pull_request::parse(&body),
        "pull_request_review" => review::parse(&body),
        "check_run" => check::parse_run(&body),
        "check_suite" => check::parse_suite(&body),
        "status" => check::parse_status(&body),
        "push" => push::parse(&body),
        "issue_comment" => comment::parse(&body),
        "repository" => repository::parse(&body),
        _unused => Ok(None),
    };
    match outcome {
        Ok(Some((repository, event))) => Ok(Parsed::Event { repository, event }),
        Ok(None) => ignored(event, &body),
        Err(problem) => unusable(event, &body, &problem),
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

fn ignored(event: &str, body: &[u8]) -> Result<Parsed, ParseError> {
    Ok(Parsed::Ignored {
        event: cut(event, WORD_LIMIT).unwrap_or_default(),
        action: action(body)?.and_then(|action| cut(action.as_str(), WORD_LIMIT)),
    })
}

/// What could not be read is still ignored where its action is one that we do not use.
fn unusable(event: &str, body: &[u8], problem: &Unusable) -> Result<Parsed, ParseError> {
    let action = action(body)?;
    if is_used(event, action.as_ref().map(Text::as_str)) {
        Err(ParseError::Unusable {
            event: event.to_owned(),
            why: problem.to_string(),
        })
    } else {
        ignored(event, body)
    }
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

/// Whether we use this action of an event.
fn is_used(event: &str, action: Option<&str>) -> bool {
    match event {
        "pull_request" | "push" | "status" => true,
        "pull_request_review" => review::uses(action),
        "check_run" => check::uses_run(action),
        "check_suite" => check::uses_suite(action),
        "issue_comment" => comment::uses(action),
        "repository" => repository::uses(action),
        _unused => false,
    }
}
