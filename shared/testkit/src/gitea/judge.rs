//! What Gitea derives: mergeability, and what the rules of a branch say about a merge.

use super::model::{Mergeability, Protection, Pull, PullRef, Repo, ReviewKind, StatusState};
use super::world::World;

impl World {
    /// What REST calls `mergeable`: false also while conflicts are still looked for, and for a
    /// draft (`PullRequest.Mergeable` in Gitea's models).
    pub fn mergeable(&self, repo: &Repo, pull: &Pull) -> bool {
        pull.mergeability == Mergeability::Known && !pull.is_draft() && !self.conflicts(repo, pull)
    }

    /// Whether it conflicts with its base branch.
    pub fn conflicts(&self, repo: &Repo, pull: &Pull) -> bool {
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        pull.merged.is_none() && self.git.conflict(&pull.head.sha, base)
    }

    /// Notes that somebody looked: after enough looks Gitea is done with checking.
    pub(super) fn asked_for_mergeability(&mut self, at: PullRef) {
        let Ok(pull) = self.pull_mut(at) else { return };
        if let Mergeability::Checking { asks_left } = pull.mergeability {
            pull.mergeability = checking(asks_left.saturating_sub(1));
        }
    }

    /// Why the rules of the base branch forbid the merge, in Gitea's words.
    pub fn forbidden(&self, repo: &Repo, pull: &Pull) -> Option<&'static str> {
        let rule = repo.protection(&pull.base_branch)?;
        if rule.status_check && !checks_pass(repo, pull, rule) {
            return Some("Not all required status checks successful");
        }
        if approvals(pull, rule) < rule.required_approvals as usize {
            return Some("Does not have enough approvals");
        }
        if rule.block_on_rejected_reviews && has_official(pull, ReviewKind::Reject) {
            return Some("There are requested changes");
        }
        if rule.block_on_official_review_requests && has_official(pull, ReviewKind::Request) {
            return Some("There are official review requests");
        }
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if rule.block_on_outdated_branch && self.git.is_behind(&pull.head.sha, base) {
            return Some("The head branch is behind the base branch");
        }
        None
    }
}

/// The state after a move, or after a look.
pub(super) fn checking(asks_left: u32) -> Mergeability {
    if asks_left == 0 {
        Mergeability::Known
    } else {
        Mergeability::Checking { asks_left }
    }
}

/// The approvals that count for a rule.
pub fn approvals(pull: &Pull, rule: &Protection) -> usize {
    let counts = |review: &&super::model::Review| {
        review.kind == ReviewKind::Approve
            && review.official
            && !review.dismissed
            && !(rule.ignore_stale_approvals && review.stale)
    };
    pull.reviews.iter().filter(counts).count()
}

fn has_official(pull: &Pull, kind: ReviewKind) -> bool {
    pull.reviews
        .iter()
        .any(|review| review.kind == kind && review.official && !review.dismissed)
}

fn checks_pass(repo: &Repo, pull: &Pull, rule: &Protection) -> bool {
    let statuses = repo.latest_statuses(&pull.head.sha);
    if rule.status_check_contexts.is_empty() {
        return !statuses.is_empty() && statuses.iter().all(|status| status.state.passes());
    }
    rule.status_check_contexts.iter().all(|pattern| {
        let mut named = statuses
            .iter()
            .filter(|status| fits(pattern, &status.context))
            .peekable();
        named.peek().is_some() && named.all(|status| status.state.passes())
    })
}

/// Whether a text fits a pattern in which `*` stands for any part.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(left) = text.strip_prefix(start) else {
        return false;
    };
    let mut tails = left.char_indices().map(|(at, _)| at).chain([left.len()]);
    tails.any(|at| left.get(at..).is_some_and(|tail| fits(rest, tail)))
}

/// The state of a commit: the worst of its newest statuses, `None` without any.
pub fn combined(repo: &Repo, sha: &str) -> Option<StatusState> {
    let statuses = repo.latest_statuses(sha);
    statuses.iter().map(|status| status.state).max()
}
