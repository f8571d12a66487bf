//! GitLab.com and self-managed GitLab. A merge request is a pull request here.

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
