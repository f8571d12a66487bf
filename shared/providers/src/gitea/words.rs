//! Gitea's words in ours.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckState, Conclusion},
    provider::Login,
    pulls::PullRequestAction,
};

use crate::text::cut;

/// Labels, and people or teams asked for a review, that are kept.
pub(super) const MOST_NAMES: usize = 100;
/// Bytes of a title that are kept.
pub(super) const TITLE_LIMIT: usize = 1024;
/// Bytes of a link that are kept.
const URL_LIMIT: usize = 2048;
/// Bytes of a name that are kept.
const NAME_LIMIT: usize = 255;
/// What makes a title that of a draft unless an instance says otherwise
/// (`WORK_IN_PROGRESS_PREFIXES`).
const DRAFT_PREFIXES: [&str; 2] = ["WIP:", "[WIP]"];

/// Every action shows the pull request as it is, also one that is yet to be invented.
pub(super) fn action(word: Option<&str>) -> PullRequestAction {
    match word.unwrap_or_default() {
        "opened" => PullRequestAction::Opened,
        "edited" => PullRequestAction::Edited,
        "synchronized" => PullRequestAction::HeadChanged,
        "label_updated" | "label_cleared" => PullRequestAction::LabelsChanged,
        "review_requested" | "review_request_removed" => PullRequestAction::ReviewersChanged,
        "closed" => PullRequestAction::Closed,
        "reopened" => PullRequestAction::Reopened,
        _other => PullRequestAction::Other,
    }
}

/// Where a commit status is.
///
/// A `warning` is neither passed nor failed here: Gitea from 1.25 lets a required one pass, Gitea
/// before and Forgejo do not (go-gitea/gitea#37042, `MergeRequiredContextsCommitStatus`).
pub(super) fn status_state(word: &str) -> CheckState {
    match word.to_ascii_lowercase().as_str() {
        "success" => CheckState::Completed(Conclusion::Success),
        "skipped" => CheckState::Completed(Conclusion::Skipped),
        "failure" | "error" => CheckState::Completed(Conclusion::Failure),
        "pending" => CheckState::InProgress,
        _warning_or_unknown => CheckState::Completed(Conclusion::Unrecognised),
    }
}

/// Whether a title makes a pull request a draft, for servers that do not say `draft`.
pub(super) fn is_draft_title(title: &str) -> bool {
    DRAFT_PREFIXES.iter().any(|prefix| {
        title
            .get(..prefix.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    })
}

/// The first hundred names.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names
        .filter_map(|name| cut(name, NAME_LIMIT))
        .take(MOST_NAMES)
        .collect()
}

/// How a team is named among those asked for a review.
pub(super) fn team(name: &str) -> String {
    format!("team:{name}")
}

/// A login; nobody is `ghost`.
pub(super) fn login(login: Option<&str>) -> Login {
    Login::new(login.unwrap_or_default())
}

/// A link, empty where there is none.
pub(super) fn link(url: Option<&str>) -> Option<String> {
    url.and_then(|url| cut(url, URL_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_makes_a_draft_in_any_case() {
        assert!(is_draft_title("wip: login"));
        assert!(is_draft_title("[WIP] login"));
        assert!(!is_draft_title("WIPe the table"));
        assert!(!is_draft_title("ö"));
    }

    #[test]
    fn what_gitea_and_forgejo_do_not_agree_on_is_never_green() {
        let state = status_state("warning");
        assert_eq!(state, CheckState::Completed(Conclusion::Unrecognised));
    }
}
