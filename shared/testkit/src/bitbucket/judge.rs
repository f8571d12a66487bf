//! What Bitbucket derives: which merge checks of the destination are not met.

use super::model::{BuildState, Opinion, Pull, Repo, RestrictionKind};
use super::world::World;

impl World {
    /// Whether source and destination changed the same lines. Pull requests never say so; only
    /// a trial merge and their list of conflicts do.
    pub fn conflicts(&self, repo: &Repo, pull: &Pull) -> bool {
        let destination = repo.destination_of(pull);
        pull.is_open() && self.git.conflict(&pull.source.sha, destination)
    }

    /// What is still to do before the merge, as ends of "you can't merge until you…".
    pub(super) fn unmet_checks(&self, repo: &Repo, pull: &Pull) -> Vec<String> {
        let asks = |kind| repo.restriction(kind, &pull.destination);
        let count = |kind| asks(kind).map(|rule| rule.value.unwrap_or(1) as usize);
        let mut unmet = Vec::new();
        // An author's own approval counts for nothing.
        let mut approvals = pull.with_opinion(Opinion::Approved);
        approvals.remove(pull.author.as_str());
        if let Some(needed) = count(RestrictionKind::RequireApprovals)
            && approvals.len() < needed
        {
            unmet.push(format!("have {needed} approvals"));
        }
        if let Some(needed) = count(RestrictionKind::RequirePassingBuilds)
            && !builds_pass(repo, pull, needed)
        {
            unmet.push(format!("have {needed} passing builds"));
        }
        let objections = pull.with_opinion(Opinion::ChangesRequested);
        if asks(RestrictionKind::RequireNoChangesRequested).is_some() && !objections.is_empty() {
            unmet.push("resolve all requested changes".to_owned());
        }
        if asks(RestrictionKind::RequireTasksCompleted).is_some() && pull.open_tasks > 0 {
            unmet.push("resolve all tasks".to_owned());
        }
        unmet
    }
}

/// Enough builds that pass, and none that fails or runs (bitbucket.org/blog/more-reliable-merge-checks).
fn builds_pass(repo: &Repo, pull: &Pull, needed: usize) -> bool {
    let statuses = repo.statuses_of(&pull.source.sha);
    let passed = |state: BuildState| state == BuildState::Successful;
    statuses.len() >= needed && statuses.iter().all(|status| passed(status.state))
}

/// The word a page shows for all builds of a commit.
pub(super) fn builds(repo: &Repo, sha: &str) -> &'static str {
    let states: Vec<BuildState> = repo.statuses_of(sha).iter().map(|own| own.state).collect();
    let order = [
        BuildState::Failed,
        BuildState::Stopped,
        BuildState::InProgress,
        BuildState::Successful,
    ];
    let worst = order.into_iter().find(|state| states.contains(state));
    worst.map_or("none", BuildState::as_str)
}
