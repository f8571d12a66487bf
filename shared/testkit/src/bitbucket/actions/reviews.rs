//! Reviewers and their opinions.

use serde_json::json;

use crate::bitbucket::model::{ActivityKind, Opinion, PullRef};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::Problem;

impl World {
    /// Approves, or asks for changes; the other opinion of the same person stays.
    ///
    /// # Errors
    /// [`Problem::Refused`] if the pull request is closed.
    pub fn give_opinion(&mut self, at: PullRef, by: &str, opinion: Opinion) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let pull = self.touch_open(at)?;
        let now = pull.updated_at;
        let own = pull.participant(&by);
        own.opinions.insert(opinion);
        own.participated_on = Some(now);
        let (kind, event) = match opinion {
            Opinion::Approved => (ActivityKind::Approval, "pullrequest:approved"),
            Opinion::ChangesRequested => (
                ActivityKind::ChangesRequested,
                "pullrequest:changes_request_created",
            ),
        };
        self.note(at, kind, &by)?;
        self.emit_opinion(at, event, &by, opinion)
    }

    /// Takes an opinion back. Only its owner can: Bitbucket knows no dismissal by others.
    ///
    /// # Errors
    /// [`Problem::Refused`] if they have no such opinion.
    pub fn withdraw_opinion(
        &mut self,
        at: PullRef,
        by: &str,
        opinion: Opinion,
    ) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let (_, pull) = self.pull(at)?;
        if !pull.with_opinion(opinion).contains(by.as_str()) {
            return Err(Problem::refused(format!("{by} has no such opinion")));
        }
        let pull = self.touch_open(at)?;
        pull.participant(&by).opinions.remove(&opinion);
        let event = match opinion {
            Opinion::Approved => "pullrequest:unapproved",
            Opinion::ChangesRequested => "pullrequest:changes_request_removed",
        };
        self.emit_opinion(at, event, &by, opinion)
    }

    /// Asks somebody for a review.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn request_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let from = self.ensure_user(from).login;
        self.touch_open(at)?.participant(&from).reviewer = true;
        self.updated(at, by)
    }

    /// Asks somebody no longer.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn unrequest_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let from = self.ensure_user(from).login;
        self.touch_open(at)?.participant(&from).reviewer = false;
        self.updated(at, by)
    }

    fn emit_opinion(
        &mut self,
        at: PullRef,
        event: &str,
        by: &str,
        opinion: Opinion,
    ) -> Result<(), Problem> {
        let user = self.ensure_user(by);
        let given = json!({
            "date": shape::time(self.clock.now()),
            "user": shape::account(&self.site, &user),
        });
        let key = match opinion {
            Opinion::Approved => "approval",
            Opinion::ChangesRequested => "changes_request",
        };
        self.emit_pull(at, event, by, json!({ key: given }))
    }
}
