//! Reviewers, approvals and requested changes.

use serde_json::json;

use super::pulls::{action, changed};
use crate::fake::Problem;
use crate::gitlab::events::PullEvent;
use crate::gitlab::judge;
use crate::gitlab::model::{Approval, PullRef, ReviewerState};
use crate::gitlab::shape;
use crate::gitlab::world::World;

impl World {
    /// Asks a user for a review, or once more.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn request_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let from = self.ensure_user(from).login;
        let before = self.pull(at)?.1.clone();
        self.touch_pull(at)?
            .reviewers
            .insert(from.clone(), ReviewerState::Unreviewed);
        let again = before.reviewers.contains_key(&from);
        let (_, pull) = self.pull(at)?;
        let shown = (
            shape::hook_reviewers(self, &before, None),
            shape::hook_reviewers(self, pull, again.then_some(from.as_str())),
        );
        self.updated(at, &before, changed("reviewers", shown.0, shown.1), by)
    }

    /// Asks a user no longer.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn unrequest_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let before = self.pull(at)?.1.clone();
        self.touch_pull(at)?.reviewers.remove(from);
        let (_, pull) = self.pull(at)?;
        let shown = (
            shape::hook_reviewers(self, &before, None),
            shape::hook_reviewers(self, pull, None),
        );
        self.updated(at, &before, changed("reviewers", shown.0, shown.1), by)
    }

    /// Approves. `approved` says that nothing is missing any more, `approval` that something is.
    /// The event is made before the note about it moves `updated_at`.
    ///
    /// # Errors
    /// [`Problem::Refused`] if this login has approved already, or it is not open.
    pub fn approve(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let now = self.moved_now();
        let pull = self.pull_mut(at)?;
        if pull.is_approved_by(&by) || !pull.is_open() {
            return Err(Problem::refused(format!(
                "{by} cannot approve !{}",
                at.number
            )));
        }
        pull.approvals.push(Approval {
            by: by.clone(),
            at: now,
        });
        pull.reviewers.insert(by.clone(), ReviewerState::Approved);
        let (repo, pull) = self.pull(at)?;
        let name = if judge::is_approved(repo, pull) {
            "approved"
        } else {
            "approval"
        };
        self.emit_pull(at, &by, &action(name))?;
        self.pull_mut(at)?.updated_at = now;
        Ok(())
    }

    /// Takes an approval back: `unapproved` if something is missing now that was not before (or
    /// where nothing is asked for), `unapproval` otherwise.
    ///
    /// # Errors
    /// [`Problem::Refused`] if this login has not approved.
    pub fn withdraw_approval(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let now = self.moved_now();
        let (repo, pull) = self.pull(at)?;
        if !pull.is_approved_by(&by) {
            return Err(Problem::refused(format!("{by} has not approved")));
        }
        let was_approved = judge::is_approved(repo, pull);
        let pull = self.pull_mut(at)?;
        pull.approvals.retain(|approval| approval.by != by);
        pull.reviewers.insert(by.clone(), ReviewerState::Unapproved);
        let (repo, pull) = self.pull(at)?;
        let asks_for_none = repo.rules.approvals_required == 0;
        let lost = was_approved && (asks_for_none || !judge::is_approved(repo, pull));
        let name = if lost { "unapproved" } else { "unapproval" };
        self.emit_pull(at, &by, &action(name))?;
        self.pull_mut(at)?.updated_at = now;
        Ok(())
    }

    /// A reviewer requests changes, which takes back the own approval.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn request_changes(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        if self.pull(at)?.1.is_approved_by(by) {
            self.withdraw_approval(at, by)?;
        }
        self.review(at, by, ReviewerState::RequestedChanges)
    }

    /// A reviewer ends a review without an opinion.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn review_without_opinion(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        self.review(at, by, ReviewerState::Reviewed)
    }

    fn review(&mut self, at: PullRef, by: &str, state: ReviewerState) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let before = self.pull(at)?.1.clone();
        let pull = self.touch_pull(at)?;
        pull.reviewers.insert(by.clone(), state);
        let (_, pull) = self.pull(at)?;
        let shown = (
            shape::hook_reviewers(self, &before, None),
            shape::hook_reviewers(self, pull, None),
        );
        self.updated(at, &before, changed("reviewers", shown.0, shown.1), &by)
    }

    /// Opens a thread somebody must resolve, or resolves one.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn discuss(&mut self, at: PullRef, opens: bool, by: &str) -> Result<(), Problem> {
        if opens {
            self.pull_mut(at)?.open_discussions += 1;
            return self
                .comment(at, "Shall we do this another way?", by)
                .map(|_| ());
        }
        let pull = self.touch_pull(at)?;
        pull.open_discussions = pull.open_discussions.saturating_sub(1);
        let resolved = pull.open_discussions == 0;
        let changes = if resolved {
            changed("blocking_discussions_resolved", json!(false), json!(true))
        } else {
            json!({})
        };
        let event = PullEvent {
            changes,
            ..action("update")
        };
        self.emit_pull(at, by, &event)
    }
}
