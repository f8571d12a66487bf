//! Commit statuses.

use serde_json::json;

use crate::fake::Problem;
use crate::gitea::events::Event;
use crate::gitea::model::{StatusState, StatusUpdate};
use crate::gitea::shape;
use crate::gitea::world::World;

/// A status to set.
pub struct NewStatus<'a> {
    /// The repository.
    pub repo: u64,
    /// The commit.
    pub sha: &'a str,
    /// What names the check.
    pub context: &'a str,
    /// How it stands.
    pub state: StatusState,
    /// One line about it.
    pub description: &'a str,
}

impl World {
    /// Sets a commit status. Older ones stay; only hooks that asked for statuses hear of it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the repository or the commit is unknown.
    pub fn set_status(&mut self, new: &NewStatus<'_>, by: &str) -> Result<u64, Problem> {
        if !self.git.contains(new.sha) {
            return Err(Problem::missing(format!("commit {}", new.sha)));
        }
        let creator = self.ensure_user(by).login;
        let now = self.moved_now();
        let id = self.next_id();
        let status = StatusUpdate {
            id,
            sha: new.sha.to_owned(),
            context: new.context.to_owned(),
            state: new.state,
            description: new.description.to_owned(),
            creator,
            created_at: now,
        };
        let repo = self.repo(new.repo)?;
        let body = json!({
            "commit": self.git.get(new.sha).map(|commit| shape::payload_commit(self, repo, commit)),
            "context": status.context,
            "created_at": shape::time(now),
            "description": status.description,
            "id": id,
            "sha": status.sha,
            "state": status.state.as_str(),
            "target_url": shape::target_url(self, repo, &status),
            "updated_at": shape::time(now),
        });
        self.repo_mut(new.repo)?.statuses.push(status);
        self.emit(new.repo, Event::Status, by, body)?;
        Ok(id)
    }
}
