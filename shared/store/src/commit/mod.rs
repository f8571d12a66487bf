//! The one way in which pull requests and evidence are written.

mod actions;
mod plan;

use ampel_domain::{
    ids::{OrganizationId, RepositoryId, UserId},
    light::Judgement,
    pulls::{HeadEvidence, PullRequest},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Store, StoreError, StoredEvidence, StoredPullRequest};

/// What was decided about pull requests of one repository and the evidence on their heads.
///
/// Evidence that a light was computed from belongs into it even where it did not change: then the
/// commit holds only if it is still the same.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The organization.
    pub organization: OrganizationId,
    /// The repository of all of them.
    pub repository: RepositoryId,
    /// Now; only for times of expiry.
    pub now: Timestamp,
    /// Pull requests that changed.
    pub pulls: Vec<PullRequestWrite>,
    /// Evidence that changed or that was relied on.
    pub evidence: Vec<EvidenceWrite>,
    /// What led to it.
    pub cause: Cause,
}

/// A pull request to be written.
#[derive(Debug, Clone)]
pub struct PullRequestWrite {
    /// As it was read; `None` for a new one.
    pub before: Option<StoredPullRequest>,
    /// As it shall be.
    pub after: PullRequest,
    /// Its light; `None` when it is not open. It counts as open as long as it has one.
    pub judgement: Option<Judgement>,
    /// When the refresh that was asked for last is due.
    pub refresh_due_at: Option<Timestamp>,
}

/// Evidence to be written, or to stay as it was read.
#[derive(Debug, Clone)]
pub struct EvidenceWrite {
    /// As it was read.
    pub before: StoredEvidence,
    /// As it shall be.
    pub after: HeadEvidence,
}

/// What led to a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Cause {
    /// A webhook delivery.
    Delivery(String),
    /// A sync or reconcile.
    Sync,
    /// A person.
    User(UserId),
}

impl Store {
    /// Writes what was decided. A pull request, its reviews and the evidence on its head are
    /// written at once, with the counters of its repository; several pull requests share
    /// transactions as far as they fit. A set of reviews or checks too large for one transaction
    /// goes ahead of its head, which keeps it from being taken for complete.
    ///
    /// Nothing is written unless the repository is tracked, and nothing over a version that was
    /// not read. A commit that changes nothing is not to be made.
    ///
    /// # Errors
    /// [`StoreError::LostRace`] when something was written since it was read,
    /// [`StoreError::RepositoryClosed`], [`StoreError::Unavailable`].
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        for batch in plan::plan(self, &commit)? {
            self.transact(batch).await?;
        }
        Ok(())
    }
}
