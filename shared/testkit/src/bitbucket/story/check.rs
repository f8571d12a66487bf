//! Verbs of a build.

use crate::bitbucket::actions::NewStatus;
use crate::bitbucket::cloud::FakeBitbucket;
use crate::bitbucket::model::{BuildState, PullRef};
use crate::fake::{Problem, told};

/// A build at one commit. Whatever is reported of it replaces what was reported before.
pub struct CheckStory {
    cloud: FakeBitbucket,
    at: PullRef,
    sha: String,
    key: String,
}

impl CheckStory {
    pub(super) fn new(cloud: &FakeBitbucket, at: PullRef, sha: &str, key: &str) -> Self {
        Self {
            cloud: cloud.clone(),
            at,
            sha: sha.to_owned(),
            key: key.to_owned(),
        }
    }

    /// It waits, for which Bitbucket says that it is in progress.
    pub fn queued(&self) -> &Self {
        self.says(BuildState::InProgress)
    }

    /// It runs.
    pub fn runs(&self) -> &Self {
        self.says(BuildState::InProgress)
    }

    /// It ends well.
    pub fn succeeds(&self) -> &Self {
        self.says(BuildState::Successful)
    }

    /// It fails.
    pub fn fails(&self) -> &Self {
        self.says(BuildState::Failed)
    }

    /// Somebody stops it.
    pub fn cancelled(&self) -> &Self {
        self.says(BuildState::Stopped)
    }

    /// It is left out, which Bitbucket has no word for.
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn skipped(&self) -> Result<(), Problem> {
        Err(Problem::refused("a build of Bitbucket cannot be skipped"))
    }

    /// Somebody runs it again: the same key is in progress once more.
    pub fn rerun(&self) -> &Self {
        self.says(BuildState::InProgress)
    }

    /// It reports any state.
    pub fn says(&self, state: BuildState) -> &Self {
        let reported = self.cloud.change(|world| {
            let (_, pull) = world.pull(self.at)?;
            let refname = pull.source.branch.clone();
            world.report_status(&NewStatus {
                repo: self.at.repo,
                sha: &self.sha,
                key: &self.key,
                state,
                refname: Some(&refname),
                by: "ci-bot",
            })
        });
        told(reported);
        self
    }
}
