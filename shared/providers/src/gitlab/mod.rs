//! GitLab.com and self-managed GitLab. A merge request is a pull request here.

use ampel_domain::{budget::Allowance, instance::InstanceUrl};
use jiff::SignedDuration;

mod client;
mod payload;
mod signature;
mod words;

pub(crate) use client::GitlabClient;
pub(crate) use payload::parse;
pub(crate) use signature::verify;

/// Everything a light is computed from, as the API names it. Notes, internal ones too,
/// are in because an open conversation may hold a merge request back; jobs are not, their pipeline speaks for them.
pub(crate) const EVENTS: [&str; 5] = [
    "confidential_note_events",
    "merge_requests_events",
    "note_events",
    "pipeline_events",
    "push_events",
];

/// GitLab.com allows 2,000 requests per minute to somebody who is signed in; a server of one's own
/// has no limit until an administrator sets one.
pub(crate) fn allowance(instance: &InstanceUrl) -> Option<Allowance> {
    let is_gitlabs = instance.as_str().eq_ignore_ascii_case("https://gitlab.com");
    is_gitlabs.then_some(Allowance {
        calls: 2_000,
        window: SignedDuration::from_mins(1),
    })
}
