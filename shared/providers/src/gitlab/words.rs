//! GitLab's words in ours. REST and webhooks write them in lower case, GraphQL in upper case, and
//! a few merge statuses are called otherwise there.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckKey, CheckScope, CheckState, Conclusion, Hold, Lifecycle, Verdict},
    ids::PullRequestNumber,
    provider::Login,
};
use jiff::Timestamp;

use crate::text::cut;

/// Labels and reviewers that are kept.
pub(super) const MOST_NAMES: usize = 100;
/// Bytes of a title that are kept.
pub(super) const TITLE_LIMIT: usize = 1024;
/// Bytes of a pipeline's source that are kept.
const SOURCE_LIMIT: usize = 64;
/// The source of a pipeline that runs for a merge request.
pub(super) const MERGE_REQUEST_SOURCE: &str = "merge_request_event";
/// Bytes of a link that are kept.
pub(super) const URL_LIMIT: usize = 2048;

/// Where in its life a merge request is; `None` for a word we do not know. `locked` is one that is
/// being merged at this moment.
pub(super) fn lifecycle(
    state: &str,
    merged_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
) -> Option<Lifecycle> {
    match state {
        "opened" | "locked" => Some(Lifecycle::Open),
        "merged" => Some(Lifecycle::Merged { at: merged_at }),
        "closed" => Some(Lifecycle::Closed { at: closed_at }),
        _unknown => None,
    }
}

/// What `detailed_merge_status` says; `None` while GitLab is computing it, and for what is not
/// open. <https://docs.gitlab.com/api/merge_requests/#merge-status>
pub(super) fn verdict(word: &str) -> Option<Verdict> {
    let hold = match word.to_ascii_lowercase().as_str() {
        "mergeable" => return Some(Verdict::Clean),
        "conflict" => return Some(Verdict::Conflicting),
        "unchecked" | "checking" | "preparing" | "approvals_syncing" | "not_open" => return None,
        "need_rebase" => Hold::Behind,
        "not_approved" => Hold::ApprovalsMissing,
        "requested_changes" => Hold::ChangesRequested,
        "discussions_not_resolved" => Hold::ConversationsOpen,
        "ci_must_pass"
        | "ci_still_running"
        | "status_checks_must_pass"
        | "external_status_checks"
        | "security_policy_pipeline_check" => Hold::ChecksMustPass,
        "draft_status" => Hold::Draft,
        "merge_request_blocked" | "blocked_status" => Hold::WaitsForAnother,
        "merge_time" => Hold::WaitsForItsTime,
        "security_policy_violations" | "security_policies_violations" | "policies_denied" => {
            Hold::PolicyViolated
        }
        "locked_paths" | "locked_lfs_files" => Hold::Locked,
        "jira_association_missing" | "jira_association" | "title_regex" => Hold::RuleBroken,
        "commits_status" => Hold::NothingToMerge,
        _unknown => Hold::Unclear,
    };
    Some(Verdict::Held(hold))
}

/// What a pipeline is a check of; `None` for one that GitLab itself does not count for a commit:
/// children speak through their parent, and scans and what the web IDE or an agent starts are no
/// one's checks. A source we do not know has a check of its own, which takes no other's place.
///
/// Without a scope it speaks for whatever has the commit.
pub(super) fn pipeline_key(source: Option<&str>, scope: Option<CheckScope>) -> Option<CheckKey> {
    let name = match source.unwrap_or_default() {
        MERGE_REQUEST_SOURCE => "merge request pipeline".to_owned(),
        ""
        | "unknown"
        | "push"
        | "web"
        | "trigger"
        | "schedule"
        | "api"
        | "external"
        | "pipeline"
        | "chat"
        | "external_pull_request_event" => "pipeline".to_owned(),
        "parent_pipeline"
        | "webide"
        | "ondemand_dast_scan"
        | "ondemand_dast_validation"
        | "security_orchestration_policy"
        | "container_registry_push"
        | "duo_workflow"
        | "pipeline_execution_policy_schedule" => return None,
        other => format!(
            "pipeline of {}",
            cut(other, SOURCE_LIMIT).unwrap_or_default()
        ),
    };
    let app = "gitlab".to_owned();
    Some(match scope {
        Some(scope) => CheckKey::ScopedRun { app, name, scope },
        None => CheckKey::Run { app, name },
    })
}

/// Whose pipeline it is, by the `ref` it ran for: a branch, or a merge request of its project.
pub(super) fn pipeline_scope(reference: &str) -> Option<CheckScope> {
    if let Some(rest) = reference.strip_prefix("refs/merge-requests/") {
        let (number, _) = rest.split_once('/')?;
        let number = number.parse().ok().and_then(PullRequestNumber::new)?;
        return Some(CheckScope::PullRequest { number });
    }
    let name = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    (!name.is_empty()).then(|| CheckScope::Branch {
        name: name.to_owned(),
    })
}

/// Where a pipeline is. Jobs that may fail are in its status already.
///
/// `manual` is a pipeline that stands still until somebody starts a job of it: neither over nor
/// failed, and never passed. <https://docs.gitlab.com/api/pipelines/>
pub(super) fn pipeline_state(status: &str) -> CheckState {
    match status.to_ascii_lowercase().as_str() {
        "created"
        | "waiting_for_resource"
        | "waiting_for_callback"
        | "preparing"
        | "pending"
        | "manual"
        | "scheduled" => CheckState::Queued,
        "running" => CheckState::InProgress,
        "success" => CheckState::Completed(Conclusion::Success),
        "skipped" => CheckState::Completed(Conclusion::Skipped),
        "failed" => CheckState::Completed(Conclusion::Failure),
        "canceled" | "canceling" => CheckState::Completed(Conclusion::Cancelled),
        _unknown => CheckState::Completed(Conclusion::Unrecognised),
    }
}

/// Whether a reviewer in this state has not answered yet.
pub(super) fn is_asked(review_state: Option<&str>) -> bool {
    match review_state.map(str::to_ascii_lowercase).as_deref() {
        Some("approved" | "requested_changes" | "reviewed" | "unapproved") => false,
        None | Some(_) => true,
    }
}

/// The first hundred names.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names
        .filter_map(|name| cut(name, 255))
        .take(MOST_NAMES)
        .collect()
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

    /// Words of REST, of GraphQL where they differ, and of older servers.
    #[test]
    fn every_merge_status_has_its_meaning() {
        let held = |hold| Some(Verdict::Held(hold));
        for (words, meaning) in [
            ("mergeable MERGEABLE", Some(Verdict::Clean)),
            ("conflict CONFLICT", Some(Verdict::Conflicting)),
            (
                "unchecked checking PREPARING approvals_syncing not_open",
                None,
            ),
            ("need_rebase NEED_REBASE", held(Hold::Behind)),
            ("not_approved", held(Hold::ApprovalsMissing)),
            ("requested_changes", held(Hold::ChangesRequested)),
            ("discussions_not_resolved", held(Hold::ConversationsOpen)),
            (
                "ci_must_pass ci_still_running status_checks_must_pass EXTERNAL_STATUS_CHECKS \
                 security_policy_pipeline_check",
                held(Hold::ChecksMustPass),
            ),
            ("draft_status", held(Hold::Draft)),
            (
                "merge_request_blocked BLOCKED_STATUS",
                held(Hold::WaitsForAnother),
            ),
            ("merge_time", held(Hold::WaitsForItsTime)),
            (
                "security_policy_violations SECURITY_POLICIES_VIOLATIONS policies_denied",
                held(Hold::PolicyViolated),
            ),
            ("locked_paths locked_lfs_files", held(Hold::Locked)),
            (
                "jira_association_missing JIRA_ASSOCIATION title_regex",
                held(Hold::RuleBroken),
            ),
            ("commits_status", held(Hold::NothingToMerge)),
            ("broken_status something_new", held(Hold::Unclear)),
        ] {
            for word in words.split(' ') {
                assert_eq!(verdict(word), meaning, "{word}");
            }
        }
    }

    #[test]
    fn no_status_of_a_pipeline_but_success_and_skipped_passes() {
        let passes = |status| {
            matches!(
                pipeline_state(status),
                CheckState::Completed(Conclusion::Success | Conclusion::Skipped)
            )
        };
        assert!(passes("success") && passes("SKIPPED"));
        for status in [
            "created",
            "WAITING_FOR_RESOURCE",
            "waiting_for_callback",
            "preparing",
            "pending",
            "running",
            "failed",
            "canceled",
            "canceling",
            "manual",
            "scheduled",
            "something_new",
        ] {
            assert!(!passes(status), "{status}");
        }
    }
}
