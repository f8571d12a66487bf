//! A repository opened for reading: its item, and a client with its account's token.

use ampel_domain::{
    budget::Priority,
    repositories::{Repository, RepositoryStatus},
    secret::Sealed,
};
use ampel_providers::GitProvider;
use ampel_wire::queue::SyncJob;

use super::Snapshots;
use crate::{budget::Payer, error::AppError, working::Scope};

/// A repository and a client that may read it.
pub(super) struct Reader {
    pub(super) scope: Scope,
    pub(super) repository: Repository,
    pub(super) client: Box<dyn GitProvider>,
    /// What the client asks with.
    pub(super) token: Sealed,
}

impl Reader {
    /// Opens a repository for a job, to be read with this priority; `None` when it is not tracked
    /// any more or has no token to read with. One that is gone is only read in full, in case it
    /// came back.
    pub(super) async fn open(
        snapshots: &Snapshots,
        scope: Scope,
        job: &SyncJob,
        priority: Priority,
    ) -> Result<Option<Self>, AppError> {
        let found = snapshots
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
        let opened = match repository.account {
            Some(account) => {
                let token = snapshots.tokens.open(scope.organization, account).await?;
                token.map(|token| (account, token))
            }
            None => None,
        };
        let Some((account, token)) = opened else {
            let why = "No connected account can read this repository: connect one and track it \
                       with that.";
            let now = snapshots.moments.now();
            snapshots.failed(scope, now, why.to_owned()).await?;
            return Ok(None);
        };
        let payer = Payer {
            organization: scope.organization,
            account,
            provider: repository.provider,
            instance: &repository.instance,
        };
        let pacer = snapshots.budgets.pacer(&payer, priority);
        let (provider, instance) = (repository.provider, &repository.instance);
        let client = snapshots
            .providers
            .client(provider, instance, token.secret, pacer)?;
        Ok(Some(Self {
            scope,
            repository,
            client,
            token: token.sealed,
        }))
    }
}
