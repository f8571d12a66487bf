//! A repository that its provider no longer shows us.

use ampel_domain::facts::Unavailable;
use ampel_store::Cause;

use super::Snapshots;
use crate::{error::AppError, race::until_won, working::Scope};

const WHY: &str = "the provider no longer shows this repository. It was deleted, or the token \
                   lost its access: connect one that has it.";

impl Snapshots {
    /// Marks a repository as gone. It stays visible and is never green: first every light is
    /// judged again without facts to stand on, then the repository stops taking writes.
    pub(super) async fn lose_repository(&self, scope: Scope) -> Result<(), AppError> {
        let listed = self
            .store
            .open_pull_requests(scope.organization, scope.repository)
            .await?;
        for open in listed {
            until_won(&self.moments, async || {
                let Some(mut working) = scope.read(&self.store, open.id).await? else {
                    return Ok(());
                };
                if !working.pull.lose(Unavailable {
                    why: WHY.to_owned(),
                }) {
                    return Ok(());
                }
                let evidence = scope
                    .read_evidence(&self.store, working.pull.head_sha())
                    .await?;
                let pulls = vec![working.into_write(&evidence.now)];
                let now = self.moments.now();
                let commit = scope.commit(now, Cause::Sync, pulls, vec![evidence.into_write()]);
                Ok(self.store.commit(commit).await?)
            })
            .await?;
        }
        let now = self.moments.now();
        Ok(self
            .store
            .mark_repository_gone(scope.organization, scope.repository, now)
            .await?)
    }
}
