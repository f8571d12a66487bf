//! Pull requests with their reviews.

use ampel_domain::{
    facts::CommitSha,
    ids::{OrganizationId, PullRequestId, PullRequestNumber, RepositoryId},
    light::{Judgement, Light, ReasonCode},
    pulls::PullRequest,
};
use jiff::Timestamp;

use crate::{Store, StoreError};

/// A pull request as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPullRequest {
    /// The pull request with its reviews.
    pub pull_request: PullRequest,
    /// Its light and why; `None` when it is not open.
    pub judgement: Option<Judgement>,
    /// Counts writes; a write names the version it saw.
    pub version: u64,
    /// When the refresh that was asked for last is due, so that it is asked for only once.
    pub refresh_due_at: Option<Timestamp>,
}

/// An open pull request as the indexes show it: shortly after it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPullRequest {
    /// Its id.
    pub id: PullRequestId,
    /// Its number.
    pub number: PullRequestNumber,
    /// Its title, cut to what fits.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// Whether its author says it is not ready.
    pub draft: bool,
    /// Its head's commit.
    pub head: CommitSha,
    /// Its head's branch, cut to what fits.
    pub branch: String,
    /// The branch it would be merged into, cut to what fits.
    pub base: String,
    /// Its light.
    pub light: Light,
    /// The codes of the light's reasons, the most important first.
    pub reasons: Vec<ReasonCode>,
    /// When it was opened, to the second.
    pub created_at: Timestamp,
    /// The newest `updatedAt` heard of, to the second.
    pub updated_at: Timestamp,
    /// The digest of its last fingerprint, as [`fingerprint_digest`] makes it.
    pub fingerprint: Option<String>,
}

/// What the indexes keep of a fingerprint, to be compared with [`OpenPullRequest::fingerprint`].
#[must_use]
pub fn fingerprint_digest(fingerprint: &str) -> String {
    crate::keys::digest(&[fingerprint])
        .chars()
        .take(16)
        .collect()
}

impl Store {
    /// A pull request with its reviews; `None` also when it belongs to another organization.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn pull_request(
        &self,
        organization: OrganizationId,
        id: PullRequestId,
    ) -> Result<Option<StoredPullRequest>, StoreError> {
        todo!()
    }

    /// All open pull requests of a repository, from an index that lags a little.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn open_pull_requests(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        todo!()
    }

    /// All open pull requests of a repository into one branch, from an index that lags a little.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn open_pull_requests_into(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        base: &str,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        todo!()
    }
}
