//! One pull request, while somebody waits for it.

use ampel_domain::{budget::Priority, ids::PullRequestNumber};
use ampel_wire::queue::SyncJob;

use super::{Snapshots, reader::Reader};
use crate::{error::AppError, working::Scope};

/// What became of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The pull request is as the provider shows it.
    Yes,
    /// The repository is gone, or no account is left to read it with.
    NoAccess,
}

impl Snapshots {
    /// Reads one pull request from its provider now. What the provider is still computing is
    /// asked for again by a message.
    ///
    /// # Errors
    /// [`AppError`]; what the provider refuses is one, too: somebody waits for the answer.
    pub async fn refresh_now(
        &self,
        scope: Scope,
        number: PullRequestNumber,
    ) -> Result<Refreshed, AppError> {
        let job = SyncJob::pull_request(number);
        let Some(reader) = Reader::open(self, scope, &job, Priority::Interactive).await? else {
            return Ok(Refreshed::NoAccess);
        };
        let (settled, _read_at) = self.read_one(&reader, number).await?;
        self.ask_again_unless(settled, scope, number).await?;
        Ok(Refreshed::Yes)
    }
}
