//! Bitbucket's JSON, key by key as its recordings have it.

mod account;
mod commit;
mod hook;
mod pull;
mod repository;
mod status;

pub(super) use account::{account, myself, workspace, workspace_access};
pub(super) use commit::{branch, branch_in_push, commit, commit_in_push, push_links};
pub(super) use hook::{hook, restriction};
pub(super) use pull::{activity, comment, comparison, conflict, diffstat, participant, pull};
pub(super) use repository::{repo, repo_in_event, repo_links, repo_permission, repo_short};
pub(super) use status::{status, status_in_event};

use jiff::Timestamp;
use serde_json::{Value, json};

/// A time as almost everything writes it: microseconds, and `+00:00`.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
}

/// A time of Git: whole seconds.
fn git_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// The beginning of a hash that pull requests show.
pub(super) fn short(sha: &str) -> &str {
    sha.get(..12).unwrap_or(sha)
}

/// Percent-encodes the braces of a UUID.
fn escaped(uuid: &str) -> String {
    uuid.replace('{', "%7B").replace('}', "%7D")
}

fn link(href: impl Into<String>) -> Value {
    json!({ "href": href.into() })
}

/// Text, also as HTML.
fn rendered(raw: &str) -> Value {
    let html = if raw.is_empty() {
        String::new()
    } else {
        format!("<p>{}</p>", crate::fake::escape(raw))
    };
    json!({ "type": "rendered", "raw": raw, "markup": "markdown", "html": html })
}
