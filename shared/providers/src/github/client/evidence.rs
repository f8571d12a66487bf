//! The contexts of a status check rollup: check runs and statuses.

use ampel_domain::facts::{CheckKey, CheckReport, Unavailable};
use jiff::Timestamp;

use super::answers::{Connection, Context, Suite};
use crate::github::words;

/// The checks of a page, where the next page begins, and whether one of them could not be read.
pub(super) struct ContextPage {
    pub(super) checks: Vec<CheckReport>,
    pub(super) next: Option<String>,
    pub(super) unavailable: Option<Unavailable>,
}

pub(super) fn page(contexts: Option<Connection<Context>>) -> ContextPage {
    let Some(contexts) = contexts else {
        return ContextPage {
            checks: Vec::new(),
            next: None,
            unavailable: Some(unreadable()),
        };
    };
    let (next, nodes) = contexts.into_page();
    let expected = nodes.len();
    let checks: Vec<CheckReport> = nodes.into_iter().flatten().filter_map(report).collect();
    let unavailable = (checks.len() < expected).then(unreadable);
    ContextPage {
        checks,
        next,
        unavailable,
    }
}

fn unreadable() -> Unavailable {
    Unavailable {
        why: "GitHub shows some of them in a way that can not be read with this token. A classic \
              token with the scope `repo` may help."
            .to_owned(),
    }
}

/// `None` for what has no id, no time or an unknown kind: without them it can not be told whether
/// it is the newest word, and it must not pass for one.
fn report(context: Context) -> Option<CheckReport> {
    match context {
        Context::CheckRun {
            database_id,
            name,
            status,
            conclusion,
            started_at,
            completed_at,
            details_url,
            check_suite,
        } => Some(CheckReport {
            at: completed_at
                .or(started_at)
                .or_else(|| check_suite.as_ref().and_then(moved_at))?,
            key: CheckKey::Run {
                app: check_suite
                    .and_then(|suite| suite.app)
                    .and_then(|app| app.slug)
                    .unwrap_or_default(),
                name,
            },
            state: words::check_state(&status, conclusion.as_deref()),
            run: database_id?,
            attempt: 0,
            status_id: None,
            url: words::link(details_url.as_deref()),
            started_at,
            completed_at,
        }),
        Context::Status {
            context,
            state,
            created_at,
            target_url,
        } => Some(CheckReport {
            key: CheckKey::Status { context },
            state: words::status_state(&state),
            run: 0,
            attempt: 0,
            at: created_at,
            status_id: None,
            url: words::link(target_url.as_deref()),
            started_at: None,
            completed_at: None,
        }),
        Context::Other => None,
    }
}

fn moved_at(suite: &Suite) -> Option<Timestamp> {
    suite.updated_at.or(suite.created_at)
}
