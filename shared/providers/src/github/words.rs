//! GitHub's words in ours. REST and webhooks write them in lower case, GraphQL in upper case.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckState, Conclusion, Opinion},
    provider::Login,
};

use crate::text::cut;

/// Labels, and people or teams asked for a review, that are kept; GitHub allows no more labels.
pub(super) const MOST_NAMES: usize = 100;
/// Bytes of a title that are kept.
pub(super) const TITLE_LIMIT: usize = 1024;
/// Bytes of a link that are kept.
pub(super) const URL_LIMIT: usize = 2048;
/// What GraphQL leaves out of the login of an app's account.
pub(super) const BOT_SUFFIX: &str = "[bot]";

/// Where a check run is.
pub(super) fn check_state(status: &str, conclusion: Option<&str>) -> CheckState {
    match status.to_ascii_lowercase().as_str() {
        "completed" => {
            CheckState::Completed(conclusion.map_or(Conclusion::Unrecognised, conclusion_word))
        }
        "in_progress" => CheckState::InProgress,
        // queued, requested, waiting, pending, and whatever comes next: not begun.
        _not_begun => CheckState::Queued,
    }
}

fn conclusion_word(word: &str) -> Conclusion {
    match word.to_ascii_lowercase().as_str() {
        "success" => Conclusion::Success,
        "neutral" => Conclusion::Neutral,
        "skipped" => Conclusion::Skipped,
        "cancelled" => Conclusion::Cancelled,
        "failure" => Conclusion::Failure,
        "timed_out" => Conclusion::TimedOut,
        "action_required" => Conclusion::ActionRequired,
        "startup_failure" => Conclusion::StartupFailure,
        "stale" => Conclusion::Stale,
        _unknown => Conclusion::Unrecognised,
    }
}

/// Where a commit status is.
pub(super) fn status_state(word: &str) -> CheckState {
    match word.to_ascii_lowercase().as_str() {
        "success" => CheckState::Completed(Conclusion::Success),
        "failure" | "error" => CheckState::Completed(Conclusion::Failure),
        "pending" => CheckState::InProgress,
        "expected" => CheckState::Queued,
        _unknown => CheckState::Completed(Conclusion::Unrecognised),
    }
}

/// What the state of a review means.
pub(super) enum ReviewState {
    /// An opinion, or a comment.
    Said(Opinion),
    /// A draft of its author, to be seen by nobody else.
    Pending,
    /// A word we do not know.
    Unknown,
}

/// What the state of a review means.
pub(super) fn review_state(word: &str) -> ReviewState {
    match word.to_ascii_lowercase().as_str() {
        "approved" => ReviewState::Said(Opinion::Approved),
        "changes_requested" => ReviewState::Said(Opinion::ChangesRequested),
        "commented" => ReviewState::Said(Opinion::Commented),
        "dismissed" => ReviewState::Said(Opinion::Dismissed),
        "pending" => ReviewState::Pending,
        _unknown => ReviewState::Unknown,
    }
}

/// The first hundred names.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names
        .filter_map(|name| cut(name, 255))
        .take(MOST_NAMES)
        .collect()
}

/// How a team is named among those asked for a review.
pub(super) fn team(slug: &str) -> String {
    format!("team:{slug}")
}

/// A login; nobody is `ghost`.
pub(super) fn login(login: Option<&str>) -> Login {
    Login::new(login.unwrap_or_default())
}

/// A link, empty where there is none.
pub(super) fn link(url: Option<&str>) -> Option<String> {
    url.and_then(|url| cut(url, URL_LIMIT))
}
