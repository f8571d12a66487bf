//! Reviews: submitting, dismissing, asking for them.

use serde_json::json;

use super::pulls::action;
use crate::fake::Problem;
use crate::github::events;
use crate::github::model::{PullRef, Review, ReviewState};
use crate::github::shape;
use crate::github::world::World;

impl World {
    /// Submits a review of the present head.
    ///
    /// # Errors
    /// [`Problem::Refused`] if an author approves or refuses their own pull request.
    pub fn submit_review(
        &mut self,
        at: PullRef,
        by: &str,
        state: ReviewState,
        body: &str,
    ) -> Result<u64, Problem> {
        let by = self.ensure_user(by).login;
        let (_, pull) = self.pull(at)?;
        if pull.author == by && state != ReviewState::Commented {
            return Err(Problem::refused("nobody reviews their own pull request"));
        }
        let id = self.next_id();
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        pull.requested_reviewers.remove(&by);
        pull.reviews.push(Review {
            id,
            author: by.clone(),
            state,
            body: body.to_owned(),
            commit_id: pull.head.sha.clone(),
            submitted_at: now,
            updated_at: now,
        });
        self.emit_review(at, id, "submitted", &by)?;
        Ok(id)
    }

    /// Takes the opinion of a review back.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such review.
    pub fn dismiss_review(&mut self, at: PullRef, review: u64, by: &str) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        let found = pull.reviews.iter_mut().find(|own| own.id == review);
        let found = found.ok_or_else(|| Problem::missing(format!("review {review}")))?;
        if found.state == ReviewState::Commented {
            return Err(Problem::refused("a comment cannot be dismissed"));
        }
        found.state = ReviewState::Dismissed;
        found.updated_at = now;
        self.emit_review(at, review, "dismissed", by)
    }

    /// Asks a user for a review.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn request_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let user = self.ensure_user(from);
        self.touch_pull(at)?
            .requested_reviewers
            .insert(user.login.clone());
        let mut event = action("review_requested", at);
        events::put(
            &mut event,
            "requested_reviewer",
            shape::simple_user(&self.site, &user),
        );
        self.emit_pull(at, by, event)
    }

    /// Asks a team for a review.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn request_team_review(
        &mut self,
        at: PullRef,
        team: &str,
        by: &str,
    ) -> Result<(), Problem> {
        self.touch_pull(at)?.requested_teams.insert(team.to_owned());
        let owner = self.repo(at.repo)?.owner.clone();
        let mut event = action("review_requested", at);
        events::put(
            &mut event,
            "requested_team",
            shape::team(&self.site, &owner, team),
        );
        self.emit_pull(at, by, event)
    }

    /// Asks a user no longer.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn unrequest_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let user = self.ensure_user(from);
        self.touch_pull(at)?.requested_reviewers.remove(&user.login);
        let mut event = action("review_request_removed", at);
        events::put(
            &mut event,
            "requested_reviewer",
            shape::simple_user(&self.site, &user),
        );
        self.emit_pull(at, by, event)
    }

    pub(super) fn emit_review(
        &mut self,
        at: PullRef,
        review: u64,
        name: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let (repo, pull) = self.pull(at)?;
        let found = pull.reviews.iter().find(|own| own.id == review);
        let found = found.ok_or_else(|| Problem::missing(format!("review {review}")))?;
        let body = json!({
            "action": name,
            "review": shape::webhook_review(self, repo, pull, found),
            "pull_request": shape::pull_in_review_event(self, repo, pull),
        });
        self.emit(at.repo, "pull_request_review", by, body)
    }
}
