//! Reviews: submitting, dismissing, asking for them.

use serde_json::json;

use crate::fake::Problem;
use crate::gitea::events::Event;
use crate::gitea::model::{Power, PullRef, Review, ReviewKind};
use crate::gitea::shape;
use crate::gitea::world::World;

impl World {
    /// Submits a review of the present head. An opinion takes the weight of older ones, and a
    /// review answers a request.
    ///
    /// # Errors
    /// [`Problem::Refused`] if an author approves or rejects their own pull request.
    pub fn submit_review(
        &mut self,
        at: PullRef,
        by: &str,
        kind: ReviewKind,
        body: &str,
    ) -> Result<u64, Problem> {
        let event = match kind {
            ReviewKind::Approve => Event::ReviewApproved,
            ReviewKind::Reject => Event::ReviewRejected,
            ReviewKind::Comment => Event::ReviewComment,
            ReviewKind::Request => return self.request_review(at, by, by),
        };
        let by = self.ensure_user(by).login;
        let (repo, pull) = self.pull(at)?;
        if pull.author == by && kind.is_opinion() {
            return Err(Problem::refused("approve your own pull is not allowed"));
        }
        let official = kind.is_opinion() && repo.power_of(Some(&by)) >= Power::Write;
        let id = self.next_id();
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        pull.reviews
            .retain(|own| own.author != by || own.kind != ReviewKind::Request);
        if kind.is_opinion() {
            for older in pull.reviews.iter_mut().filter(|own| own.author == by) {
                older.official = false;
            }
        }
        let review = Review {
            id,
            author: by.clone(),
            kind,
            body: body.to_owned(),
            commit_id: pull.head.sha.clone(),
            official,
            stale: false,
            dismissed: false,
            submitted_at: now,
            updated_at: now,
        };
        pull.reviews.push(review);
        // The review's id is not in the body.
        let body = json!({
            "action": "reviewed",
            "review": { "type": event.fine(), "content": body },
        });
        self.emit_pull(at, event, &by, body)?;
        Ok(id)
    }

    /// Takes the weight of a review. Gitea sends nothing for it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such review.
    pub fn dismiss_review(&mut self, at: PullRef, review: u64) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        let found = pull.reviews.iter_mut().find(|own| own.id == review);
        let found = found.ok_or_else(|| Problem::missing(format!("review {review}")))?;
        if !found.kind.is_opinion() {
            return Err(Problem::refused("not need to dismiss this review"));
        }
        found.dismissed = true;
        found.updated_at = now;
        Ok(())
    }

    /// Asks a user for a review; the request is a review, too.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn request_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<u64, Problem> {
        let user = self.ensure_user(from);
        let id = self.next_id();
        let (repo, _) = self.pull(at)?;
        let official = repo.power_of(Some(&user.login)) >= Power::Write;
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        pull.reviews
            .retain(|own| own.author != user.login || own.kind != ReviewKind::Request);
        pull.reviews.push(Review {
            id,
            author: user.login.clone(),
            kind: ReviewKind::Request,
            body: String::new(),
            commit_id: String::new(),
            official,
            stale: false,
            dismissed: false,
            submitted_at: now,
            updated_at: now,
        });
        self.emit_request(at, "review_requested", from, by)?;
        Ok(id)
    }

    /// Asks a user no longer.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn unrequest_review(&mut self, at: PullRef, from: &str, by: &str) -> Result<(), Problem> {
        let login = self.ensure_user(from).login;
        self.touch_pull(at)?
            .reviews
            .retain(|own| own.author != login || own.kind != ReviewKind::Request);
        self.emit_request(at, "review_request_removed", from, by)
    }

    fn emit_request(
        &mut self,
        at: PullRef,
        action: &str,
        from: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let reviewer = self.ensure_user(from);
        let body = json!({
            "action": action,
            "requested_reviewer": shape::user(self, &reviewer),
        });
        self.emit_pull(at, Event::PullRequestReviewRequest, by, body)
    }
}
