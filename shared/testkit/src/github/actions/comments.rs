//! The conversation of a pull request.

use serde_json::{Value, json};

use crate::fake::Problem;
use crate::github::events;
use crate::github::model::{Comment, PullRef};
use crate::github::shape;
use crate::github::world::World;

impl World {
    /// Says something; returns the comment's id.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn comment_on(&mut self, at: PullRef, by: &str, body: &str) -> Result<u64, Problem> {
        let by = self.ensure_user(by).login;
        let id = self.next_id();
        let pull = self.touch_pull(at)?;
        let comment = Comment {
            id,
            author: by.clone(),
            body: body.to_owned(),
            at: pull.updated_at,
        };
        // The payload counts the comments as they were before.
        let body = self.comment_body(at, "created", &comment)?;
        self.pull_mut(at)?.conversation.push(comment);
        self.emit(at.repo, "issue_comment", &by, body)?;
        Ok(id)
    }

    /// Takes a comment away.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such comment.
    pub fn delete_comment(&mut self, at: PullRef, id: u64, by: &str) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let found = pull.conversation.iter().find(|own| own.id == id).cloned();
        let comment = found.ok_or_else(|| Problem::missing(format!("comment {id}")))?;
        let body = self.comment_body(at, "deleted", &comment)?;
        self.pull_mut(at)?.conversation.retain(|own| own.id != id);
        self.emit(at.repo, "issue_comment", by, body)
    }

    fn comment_body(&self, at: PullRef, name: &str, comment: &Comment) -> Result<Value, Problem> {
        let (repo, pull) = self.pull(at)?;
        let mut body = json!({ "action": name });
        events::put(&mut body, "issue", shape::issue_of(self, repo, pull));
        events::put(
            &mut body,
            "comment",
            shape::comment(self, repo, pull, comment),
        );
        Ok(body)
    }
}
