//! A repository opened for reading: its item, and a client with its account's token.

use ampel_domain::repositories::{Repository, RepositoryStatus};
use ampel_providers::GitProvider;
use ampel_wire::queue::SyncJob;

use super::Sync;
use crate::{error::AppError, working::Scope};

/// A repository and a client that may read it.
pub(super) struct Reader {
    pub(super) scope: Scope,
    pub(super) repository: Repository,
    pub(super) client: Box<dyn GitProvider>,
}

impl Reader {
    /// Opens a repository for a job; `None` when it is not tracked any more or has no token to
    /// read with. One that is gone is only read in full, in case it came back.
    pub(super) async fn open(
        sync: &Sync,
        scope: Scope,
        job: &SyncJob,
    ) -> Result<Option<Self>, AppError> {
        let found = sync
            .store
            .repository(scope.organization, scope.repository)
            .await?;
        let Some(repository) = found else {
            return Ok(None);
        };
        match (repository.status, job) {
            (RepositoryStatus::Active, _) | (RepositoryStatus::Gone, SyncJob::Full { .. }) => {}
            (RepositoryStatus::Untracking | RepositoryStatus::Gone, _) => return Ok(None),
        }
        let token = match repository.account {
            Some(account) => sync.tokens.open(scope.organization, account).await?,
            None => None,
        };
        let Some(token) = token else {
            let why = "No connected account can read this repository: connect one and track it \
                       with that.";
            let now = sync.moments.now();
            sync.failed(scope, now, why.to_owned()).await?;
            return Ok(None);
        };
        let client = sync
            .providers
            .client(repository.provider, &repository.instance, token)?;
        Ok(Some(Self {
            scope,
            repository,
            client,
        }))
    }
}
