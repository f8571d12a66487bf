//! What GitHub derives: mergeability, merge state, review decision and the check rollup.

use super::model::{
    Mergeability, Protection, Pull, PullRef, Repo, ReviewState, RunStatus, StatusState,
};
use super::world::World;

/// GraphQL's `MergeableState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mergeable {
    /// No conflict.
    Mergeable,
    /// Conflicts with the base branch.
    Conflicting,
    /// Not computed yet.
    Unknown,
}

impl Mergeable {
    /// GraphQL's word.
    pub fn upper(self) -> &'static str {
        match self {
            Self::Mergeable => "MERGEABLE",
            Self::Conflicting => "CONFLICTING",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// REST's value of `mergeable`.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Mergeable => Some(true),
            Self::Conflicting => Some(false),
            Self::Unknown => None,
        }
    }
}

/// State of everything known about one commit, in the order GitHub weighs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rollup {
    /// All passed.
    Success,
    /// A required check has not reported.
    Expected,
    /// Something runs.
    Pending,
    /// A service failed.
    Error,
    /// Something failed.
    Failure,
}

impl Rollup {
    /// GraphQL's word.
    pub fn upper(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Expected => "EXPECTED",
            Self::Pending => "PENDING",
            Self::Error => "ERROR",
            Self::Failure => "FAILURE",
        }
    }
}

impl World {
    /// What a question about mergeability is answered by now.
    pub fn mergeable(&self, repo: &Repo, pull: &Pull) -> Mergeable {
        if pull.mergeability != Mergeability::Known {
            return Mergeable::Unknown;
        }
        self.true_mergeable(repo, pull)
    }

    /// What the answer is going to be once GitHub has computed it.
    pub fn true_mergeable(&self, repo: &Repo, pull: &Pull) -> Mergeable {
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if self.git.conflict(&pull.head.sha, base) {
            Mergeable::Conflicting
        } else {
            Mergeable::Mergeable
        }
    }

    /// Notes that somebody asked: after enough questions GitHub has computed the answer.
    pub(super) fn asked_for_mergeability(&mut self, at: PullRef) {
        let Ok(pull) = self.pull_mut(at) else { return };
        if let Mergeability::Unknown { asks_left } = pull.mergeability {
            pull.mergeability = match asks_left.saturating_sub(1) {
                0 => Mergeability::Known,
                asks_left => Mergeability::Unknown { asks_left },
            };
        }
    }

    /// GraphQL's `mergeStateStatus`, in upper case; REST writes it in lower case.
    pub fn merge_state(&self, repo: &Repo, pull: &Pull) -> &'static str {
        match self.mergeable(repo, pull) {
            Mergeable::Unknown => return "UNKNOWN",
            Mergeable::Conflicting => return "DIRTY",
            Mergeable::Mergeable => {}
        }
        if pull.draft {
            return "DRAFT";
        }
        if self.blocked(repo, pull) {
            return "BLOCKED";
        }
        let strict = repo
            .protection(&pull.base_branch)
            .is_some_and(|rule| rule.strict);
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if strict && self.git.is_behind(&pull.head.sha, base) {
            return "BEHIND";
        }
        match rollup(repo, &pull.head.sha, None) {
            None | Some(Rollup::Success) => "CLEAN",
            Some(Rollup::Expected | Rollup::Pending | Rollup::Error | Rollup::Failure) => {
                "UNSTABLE"
            }
        }
    }

    /// Whether a rule of the base branch forbids the merge.
    pub fn blocked(&self, repo: &Repo, pull: &Pull) -> bool {
        let Some(rule) = repo.protection(&pull.base_branch) else {
            return false;
        };
        let checks = rule.required_checks.iter().all(|check| {
            required_passes(repo, &pull.head.sha, &check.context, check.app.as_deref())
        });
        let reviewed = rule.required_approvals == 0
            || review_decision(repo, pull, Some(rule)) == Some("APPROVED");
        !(checks && reviewed)
    }
}

/// GraphQL's `reviewDecision`: null where no review is asked for and none has an opinion.
pub fn decision(repo: &Repo, pull: &Pull) -> Option<&'static str> {
    review_decision(repo, pull, repo.protection(&pull.base_branch))
}

fn review_decision(repo: &Repo, pull: &Pull, rule: Option<&Protection>) -> Option<&'static str> {
    let counting: Vec<_> = pull
        .opinions()
        .into_iter()
        .filter(|review| review.author != pull.author && repo.writers.contains(&review.author))
        .collect();
    if counting
        .iter()
        .any(|review| review.state == ReviewState::ChangesRequested)
    {
        return Some("CHANGES_REQUESTED");
    }
    let approvals = counting
        .iter()
        .filter(|review| review.state == ReviewState::Approved)
        .count();
    let needed = rule.map_or(0, |rule| rule.required_approvals as usize);
    match (needed, approvals) {
        (0, 0) => None,
        (needed, approvals) if approvals >= needed => Some("APPROVED"),
        (_, _) => Some("REVIEW_REQUIRED"),
    }
}

fn required_passes(repo: &Repo, sha: &str, context: &str, app: Option<&str>) -> bool {
    let run = repo
        .latest_runs(sha)
        .into_iter()
        .rfind(|run| run.name == context && app.is_none_or(|app| app == run.app))
        .map(|run| run.conclusion.is_some_and(super::model::Conclusion::passes));
    let status = repo
        .latest_statuses(sha)
        .into_iter()
        .find(|status| status.context == context && app.is_none())
        .map(|status| status.state == StatusState::Success);
    match (run, status) {
        (None, None) => false,
        (run, status) => run.unwrap_or(true) && status.unwrap_or(true),
    }
}

/// The rollup of a commit: the worst of its newest runs and statuses, `None` without any.
/// With `expected`, required checks that have not reported weigh in.
pub fn rollup(repo: &Repo, sha: &str, expected: Option<&Protection>) -> Option<Rollup> {
    let runs = repo.latest_runs(sha);
    let statuses = repo.latest_statuses(sha);
    let of_runs = runs.iter().map(|run| match (run.status, run.conclusion) {
        (RunStatus::Completed, Some(end)) if end.passes() => Rollup::Success,
        (RunStatus::Completed, Some(_)) => Rollup::Failure,
        (RunStatus::Completed | RunStatus::Queued | RunStatus::InProgress, _) => Rollup::Pending,
    });
    let of_statuses = statuses.iter().map(|status| match status.state {
        StatusState::Success => Rollup::Success,
        StatusState::Pending => Rollup::Pending,
        StatusState::Failure => Rollup::Failure,
        StatusState::Error => Rollup::Error,
    });
    let missing = expected
        .into_iter()
        .flat_map(|rule| &rule.required_checks)
        .filter(|check| {
            !runs.iter().any(|run| run.name == check.context)
                && !statuses
                    .iter()
                    .any(|status| status.context == check.context)
        });
    of_runs
        .chain(of_statuses)
        .chain(missing.map(|_| Rollup::Expected))
        .max()
}
