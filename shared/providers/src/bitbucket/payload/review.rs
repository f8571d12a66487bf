//! Approvals and requests for changes, given and taken back.

use ampel_domain::{facts::Opinion, pulls::ProviderEvent};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Outcome, repository_id};
use crate::bitbucket::{
    participants::{self, Participant},
    pull_request::PullRequest,
    shape::{Lack, Repository, User},
    words,
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    pullrequest: PullRequest<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
    #[serde(borrow)]
    approval: Option<Given<'a>>,
    #[serde(borrow)]
    changes_request: Option<Given<'a>>,
    #[serde(borrow)]
    actor: Option<User<'a>>,
}

/// Who gave or took back what, and when.
#[derive(Deserialize)]
struct Given<'a> {
    date: Option<Timestamp>,
    #[serde(borrow)]
    user: Option<User<'a>>,
}

/// What the event's name says of the person's opinion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Approved,
    Unapproved,
    ChangesRequested,
    RequestRemoved,
}

pub(super) fn parse(event: &str, body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let given = payload
        .approval
        .as_ref()
        .or(payload.changes_request.as_ref());
    let user = given
        .and_then(|given| given.user.as_ref())
        .or(payload.actor.as_ref())
        .ok_or("nobody is said to have reviewed")?;
    let given_at = given.and_then(|given| given.date);
    let shown = &payload.pullrequest;
    let said_at = given_at.map_or(shown.said_at(), |at| at.max(shown.said_at()));
    let report = Box::new(shown.report(shown.lifecycle()?, said_at)?);
    let opinion = opinion(told(event), entry(shown, user))?;
    let event = match opinion {
        Some(opinion) => ProviderEvent::ReviewSeen {
            review: Box::new(participants::review(
                user,
                opinion,
                entry(shown, user)
                    .and_then(Participant::at)
                    .or(given_at)
                    .unwrap_or(said_at),
                said_at,
            )?),
            report,
        },
        None => ProviderEvent::ReviewsHinted { report },
    };
    Ok((repository_id(payload.repository.as_ref())?, vec![event]))
}

fn told(event: &str) -> Told {
    match event {
        "pullrequest:approved" => Told::Approved,
        "pullrequest:unapproved" => Told::Unapproved,
        "pullrequest:changes_request_created" => Told::ChangesRequested,
        _removed => Told::RequestRemoved,
    }
}

/// The person's opinion now: approvals and requests for changes do not touch each other, so what
/// the pull request shows of the person tells more than the event. `None` where the two contradict
/// each other: somebody has to look.
fn opinion(told: Told, entry: Option<&Participant<'_>>) -> Result<Option<Opinion>, Lack> {
    let Some(entry) = entry else {
        return Ok(Some(match told {
            Told::Approved => Opinion::Approved,
            Told::ChangesRequested => Opinion::ChangesRequested,
            Told::Unapproved | Told::RequestRemoved => Opinion::Withdrawn,
        }));
    };
    let shown = entry.opinion()?;
    let contradicts = match told {
        Told::Approved => shown.is_none(),
        Told::Unapproved => shown == Some(Opinion::Approved),
        Told::ChangesRequested => shown != Some(Opinion::ChangesRequested),
        Told::RequestRemoved => shown == Some(Opinion::ChangesRequested),
    };
    Ok((!contradicts).then(|| shown.unwrap_or(Opinion::Withdrawn)))
}

fn entry<'p>(shown: &'p PullRequest<'_>, user: &User<'_>) -> Option<&'p Participant<'p>> {
    let id = words::user_id(user)?;
    shown
        .participants()
        .find(|participant| participant.user_id() == Some(id))
}
