//! Reading a pull request from its provider while somebody waits.

use ampel_domain::{
    ids::{PullRequestId, RepositoryId},
    tenancy::{Caller, Role},
};
use ampel_wire::api::pulls::PullRequestDetail;

use super::Reading;
use crate::{
    error::AppError,
    refusal::Refusal,
    sync::{Refreshed, Snapshots},
    working::Scope,
};

const NO_ACCESS: &str = "The repository can not be read any more: the provider does not show it, \
                         or no connected account is left to read it with";

/// Reads pull requests from their provider on demand.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// What is read from.
    pub reading: Reading,
    /// What reads.
    pub snapshots: Snapshots,
}

impl Refresh {
    /// Reads a pull request from its provider, stores what it shows and answers all of it.
    /// `within` is the repository it has to be in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::Impossible`] when nothing can read
    /// it, [`Refusal::TooMany`] and [`Refusal::Provider`] by the provider's answer,
    /// [`Refusal::Unavailable`].
    pub async fn refresh(
        &self,
        caller: Caller,
        within: Option<RepositoryId>,
        id: PullRequestId,
    ) -> Result<PullRequestDetail, Refusal> {
        // Whoever may not see it learns nothing, and nobody makes us ask for what is not there.
        self.reading.pull_request(caller, within, id).await?;
        caller.require(Role::Member)?;
        let scope = Scope {
            organization: caller.organization,
            repository: id.repository(),
        };
        match self.snapshots.refresh_now(scope, id.number()).await {
            Ok(Refreshed::Yes) => self.reading.pull_request(caller, within, id).await,
            Ok(Refreshed::NoAccess) => Err(Refusal::Impossible(NO_ACCESS.to_owned())),
            Err(AppError::Provider(error)) => Err(Refusal::provider_failed(
                &error,
                self.snapshots.moments.now(),
            )),
            Err(other) => Err(Refusal::of_app_error(other, self.snapshots.moments.now())),
        }
    }
}
