//! From an event to a stored light.
//!
//! Every path reads, lets the domain decide and commits; a lost race reads again. An event that
//! says nothing new writes nothing.

mod base_moved;
mod evidence_seen;
mod hints;
mod pull_request_seen;

use ampel_domain::pulls::ProviderEvent;
use ampel_store::{Cause, Store};
use ampel_wire::queue::EventMessage;

use crate::{
    error::AppError, moment::Moments, race::until_won, refreshes::Refreshes, working::Scope,
};

/// Applies events to pull requests and the evidence on their heads.
#[derive(Debug, Clone)]
pub struct Recompute {
    /// The table.
    pub store: Store,
    /// Asks for pull requests to be read again where an event does not carry all facts.
    pub refreshes: Refreshes,
    /// Time and randomness.
    pub moments: Moments,
}

impl Recompute {
    /// Applies one event. Applying it again, or later than others, changes nothing more.
    ///
    /// # Errors
    /// [`AppError`]; retryable ones may pass when the message comes again.
    pub async fn apply(&self, message: &EventMessage) -> Result<(), AppError> {
        until_won(&self.moments, async || self.apply_once(message).await).await
    }

    async fn apply_once(&self, message: &EventMessage) -> Result<(), AppError> {
        let scope = Scope {
            organization: message.organization_id,
            repository: message.repository_id,
        };
        let cause = Cause::Delivery(message.delivery_id.clone());
        match &message.event {
            ProviderEvent::PullRequestSeen { report, .. } => {
                self.pull_request_seen(scope, cause, report, None).await
            }
            ProviderEvent::ReviewSeen { report, review } => {
                self.pull_request_seen(scope, cause, report, Some(review))
                    .await
            }
            ProviderEvent::ReviewsHinted { report } => {
                self.reviews_hinted(scope, cause, report).await
            }
            ProviderEvent::PullRequestHinted { number, at } => {
                self.pull_request_hinted(scope, cause, *number, *at).await
            }
            ProviderEvent::CommentsSeen {
                number,
                comments,
                at,
            } => {
                self.comments_seen(scope, cause, *number, *comments, *at)
                    .await
            }
            ProviderEvent::CheckSeen {
                sha,
                pull_request,
                check,
            } => {
                self.check_seen(scope, cause.clone(), sha, check).await?;
                match pull_request {
                    Some(number) => {
                        self.checked_elsewhere(scope, cause, *number, sha, check.said_at())
                            .await
                    }
                    None => Ok(()),
                }
            }
            ProviderEvent::ChecksHinted { sha, at } => {
                self.checks_hinted(scope, cause, sha, *at).await
            }
            ProviderEvent::BranchMoved { branch, at, .. } => {
                let at = base_moved::moved_at(*at, message.received_at);
                self.base_moved(scope, cause, branch, at).await
            }
            ProviderEvent::RepositoryChanged => self.repository_changed(scope).await,
        }
    }
}
