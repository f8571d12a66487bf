//! `check_run`, `check_suite` and `status`.

use ampel_domain::{
    facts::{CheckKey, CheckReport},
    pulls::ProviderEvent,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Repository, Text, sha, text},
};
use crate::{github::words, text::check_name};

#[derive(Deserialize)]
struct RunPayload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    check_run: Run<'a>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Run<'a> {
    id: u64,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    head_sha: Option<Text<'a>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    conclusion: Option<Text<'a>>,
    #[serde(borrow)]
    details_url: Option<Text<'a>>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    #[serde(borrow)]
    app: Option<App<'a>>,
    #[serde(borrow)]
    check_suite: Option<Suite<'a>>,
}

#[derive(Deserialize)]
struct App<'a> {
    #[serde(borrow)]
    slug: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct SuitePayload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    check_suite: Suite<'a>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Suite<'a> {
    #[serde(borrow)]
    head_sha: Option<Text<'a>>,
    updated_at: Option<Timestamp>,
    created_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct StatusPayload<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    context: Option<Text<'a>>,
    #[serde(borrow)]
    target_url: Option<Text<'a>>,
    updated_at: Option<Timestamp>,
    created_at: Option<Timestamp>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

pub(super) fn uses_run(action: Option<&str>) -> bool {
    matches!(
        action,
        Some("created" | "completed" | "rerequested" | "requested_action")
    )
}

pub(super) fn uses_suite(action: Option<&str>) -> bool {
    matches!(action, Some("requested" | "rerequested" | "completed"))
}

pub(super) fn parse_run(body: &[u8]) -> Outcome {
    let payload: RunPayload<'_> = serde_json::from_slice(body)?;
    if !uses_run(text(payload.action.as_ref())) {
        return Ok(None);
    }
    let run = &payload.check_run;
    let event = ProviderEvent::CheckSeen {
        pull_request: None,
        sha: sha(
            run.head_sha.as_ref(),
            "check_run.head_sha is no full commit hash",
        )?,
        check: Box::new(run.report()?),
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

pub(super) fn parse_suite(body: &[u8]) -> Outcome {
    let payload: SuitePayload<'_> = serde_json::from_slice(body)?;
    if !uses_suite(text(payload.action.as_ref())) {
        return Ok(None);
    }
    let suite = &payload.check_suite;
    let event = ProviderEvent::ChecksHinted {
        sha: sha(
            suite.head_sha.as_ref(),
            "check_suite.head_sha is no full commit hash",
        )?,
        at: suite
            .moved_at()
            .ok_or(Unusable::Field("check_suite has no time"))?,
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

pub(super) fn parse_status(body: &[u8]) -> Outcome {
    let payload: StatusPayload<'_> = serde_json::from_slice(body)?;
    let at = payload
        .updated_at
        .or(payload.created_at)
        .ok_or(Unusable::Field("the status has no time"))?;
    let check = CheckReport {
        key: CheckKey::Status {
            // What a status without a context is called by GitHub.
            context: check_name(text(payload.context.as_ref()).unwrap_or("default")),
        },
        state: words::status_state(payload.state.as_str()),
        run: 0,
        attempt: 0,
        at,
        moved_at: None,
        status_id: payload.id,
        url: words::link(text(payload.target_url.as_ref())),
        started_at: None,
        completed_at: None,
    };
    let event = ProviderEvent::CheckSeen {
        pull_request: None,
        sha: sha(payload.sha.as_ref(), "sha is no full commit hash")?,
        check: Box::new(check),
    };
    Ok(Some((payload.repository.provider_id(), event)))
}

impl Suite<'_> {
    fn moved_at(&self) -> Option<Timestamp> {
        self.updated_at.or(self.created_at)
    }
}

impl Run<'_> {
    fn report(&self) -> Result<CheckReport, Unusable> {
        let suite = self.check_suite.as_ref();
        let at = self
            .completed_at
            .or(self.started_at)
            .or_else(|| suite.and_then(Suite::moved_at))
            .ok_or(Unusable::Field("check_run has no time"))?;
        Ok(CheckReport {
            key: CheckKey::Run {
                app: self.app.as_ref().map(App::key).unwrap_or_default(),
                name: check_name(self.name.as_str()),
            },
            state: words::check_state(self.status.as_str(), text(self.conclusion.as_ref())),
            run: self.id,
            attempt: 0,
            at,
            moved_at: suite.and_then(Suite::moved_at),
            status_id: None,
            url: words::link(text(self.details_url.as_ref()))
                .or_else(|| words::link(text(self.html_url.as_ref()))),
            started_at: self.started_at,
            completed_at: self.completed_at,
        })
    }
}

impl App<'_> {
    /// Its slug; payloads before 2019 have only the name that the slug is made of.
    fn key(&self) -> String {
        match text(self.slug.as_ref()) {
            Some(slug) => slug.to_owned(),
            None => text(self.name.as_ref())
                .unwrap_or_default()
                .to_lowercase()
                .replace(' ', "-"),
        }
    }
}
