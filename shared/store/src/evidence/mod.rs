//! The evidence on commits.

use ampel_domain::{facts::CommitSha, ids::RepositoryId, pulls::HeadEvidence};

use crate::{Store, StoreError};

/// The evidence on a commit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvidence {
    /// What is known.
    pub evidence: HeadEvidence,
    /// Counts writes; `None` when nothing was stored yet.
    pub version: Option<u64>,
}

impl Store {
    /// The evidence on a commit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn evidence(
        &self,
        repository: RepositoryId,
        sha: &CommitSha,
    ) -> Result<StoredEvidence, StoreError> {
        todo!()
    }
}
