//! Changes: domain events that come out of a committed write, on the bus.

use ampel_domain::{
    ids::{OrganizationId, PullRequestId, PullRequestNumber, RepositoryId, UserId},
    light::{Judgement, Light},
};
use serde::{Deserialize, Serialize};

/// The `source` of every change on the bus.
pub const SOURCE: &str = "ampel";

/// A change. At least once: `id` is the same for every copy, and a consumer drops a `version`
/// that is not newer than the one it knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The same for every copy of this change.
    pub id: String,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The repository.
    pub repository_id: RepositoryId,
    /// The version of the item that was written.
    pub version: u64,
    /// What led to it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ChangeCause>,
    /// What changed.
    #[serde(flatten)]
    pub what: Changed,
}

/// What led to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum ChangeCause {
    /// A webhook delivery.
    Delivery(String),
    /// A sync or reconcile.
    Sync,
    /// A person.
    User(UserId),
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Changed {
    /// A pull request was opened, or seen for the first time.
    #[serde(rename = "pull_request.opened")]
    PullRequestOpened(PullRequestRef),
    /// Something about it changed.
    #[serde(rename = "pull_request.updated")]
    PullRequestUpdated(PullRequestRef),
    /// Its light changed.
    #[serde(rename = "pull_request.light_changed")]
    LightChanged {
        /// Which.
        #[serde(flatten)]
        pull_request: PullRequestRef,
        /// The light before; `None` when it had none.
        before: Option<Light>,
        /// The light after, with its reasons; `None` when it is no longer open.
        after: Option<Judgement>,
    },
    /// Its head moved.
    #[serde(rename = "pull_request.head_changed")]
    HeadChanged {
        /// Which.
        #[serde(flatten)]
        pull_request: PullRequestRef,
        /// The head before.
        before: String,
        /// The head after.
        after: String,
    },
    /// It was closed unmerged.
    #[serde(rename = "pull_request.closed")]
    PullRequestClosed(PullRequestRef),
    /// It was merged.
    #[serde(rename = "pull_request.merged")]
    PullRequestMerged(PullRequestRef),
    /// It was reopened.
    #[serde(rename = "pull_request.reopened")]
    PullRequestReopened(PullRequestRef),
}

/// Which pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestRef {
    /// Its id.
    pub pull_request_id: PullRequestId,
    /// Its number.
    pub number: PullRequestNumber,
}

impl Changed {
    /// The `detail-type` on the bus.
    #[must_use]
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::PullRequestOpened(_) => "pull_request.opened",
            Self::PullRequestUpdated(_) => "pull_request.updated",
            Self::LightChanged { .. } => "pull_request.light_changed",
            Self::HeadChanged { .. } => "pull_request.head_changed",
            Self::PullRequestClosed(_) => "pull_request.closed",
            Self::PullRequestMerged(_) => "pull_request.merged",
            Self::PullRequestReopened(_) => "pull_request.reopened",
        }
    }
}
