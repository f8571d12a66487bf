//! Build statuses.

use serde_json::json;

use crate::bitbucket::model::{BuildState, Status};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::Problem;

/// A status to report.
pub struct NewStatus<'a> {
    /// The repository.
    pub repo: u64,
    /// The commit, all 40 characters.
    pub sha: &'a str,
    /// Names the build at its commit.
    pub key: &'a str,
    /// What it says.
    pub state: BuildState,
    /// The branch it was built for.
    pub refname: Option<&'a str>,
    /// Who reports.
    pub by: &'a str,
}

impl World {
    /// Reports a build. The second report of a key at the same commit replaces the first.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the repository or the commit is unknown.
    pub fn report_status(&mut self, new: &NewStatus<'_>) -> Result<(), Problem> {
        if !self.git.contains(new.sha) {
            return Err(Problem::missing(format!("commit {}", new.sha)));
        }
        let now = self.moved_now();
        let statuses = &mut self.repo_mut(new.repo)?.statuses;
        let known = statuses
            .iter_mut()
            .find(|own| own.sha == new.sha && own.key == new.key);
        let event = match known {
            Some(own) => {
                own.state = new.state;
                own.updated_at = now;
                "repo:commit_status_updated"
            }
            None => {
                statuses.push(Status {
                    key: new.key.to_owned(),
                    name: new.key.to_owned(),
                    sha: new.sha.to_owned(),
                    state: new.state,
                    description: String::new(),
                    refname: new.refname.map(str::to_owned),
                    created_at: now,
                    updated_at: now,
                });
                "repo:commit_status_created"
            }
        };
        let repo = self.repo(new.repo)?;
        let status = repo
            .statuses
            .iter()
            .find(|own| own.sha == new.sha && own.key == new.key);
        let shown = status.map(|status| shape::status_in_event(self, repo, status));
        self.emit(new.repo, event, new.by, json!({ "commit_status": shown }))
    }
}
