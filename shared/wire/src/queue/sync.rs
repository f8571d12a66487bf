//! `sync` and `delays`: what should be read from a provider.

use ampel_domain::{
    facts::CommitSha,
    ids::{OrganizationId, PullRequestNumber, RepositoryId},
};
use serde::{Deserialize, Serialize};

/// Something to read from a provider. `sync` carries what is due now, `delays` what is due in up
/// to 900 seconds; both are read by `repo-sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncMessage {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The repository.
    pub repository_id: RepositoryId,
    /// What to read of it.
    pub job: SyncJob,
    /// How many messages led to this one; a chain ends at [`SyncMessage::MAX_HOPS`].
    #[serde(default)]
    pub hops: u32,
    /// How often in a row the provider failed to answer.
    #[serde(default)]
    pub failures: u32,
}

/// What to read of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SyncJob {
    /// Everything: all open pull requests with reviews and evidence, and those that are no longer
    /// open one by one. The first sync and the full reconcile.
    Full {
        /// Where to go on: the provider's cursor of the next page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
        /// The provider's `Date` when the first page was asked for. Without a cursor, all pages
        /// were read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        began_at: Option<jiff::Timestamp>,
    },
    /// Fingerprints only; what differs is read again.
    Light,
    /// The checks of one commit.
    Evidence {
        /// The commit.
        sha: CommitSha,
    },
    /// One pull request.
    PullRequest {
        /// Which.
        number: PullRequestNumber,
        /// How often it was asked for in a row while the provider was still computing.
        #[serde(default)]
        attempt: u32,
        /// By the provider's clock, where a reconcile asks: not again where it was read since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unread_since: Option<jiff::Timestamp>,
    },
    /// Its webhook at the provider: whether it is there and delivers. It is put right where the
    /// token may.
    Webhook,
}

impl SyncJob {
    /// All there is, from the first page on.
    pub const EVERYTHING: Self = Self::Full {
        cursor: None,
        began_at: None,
    };

    /// One pull request, because something happened to it.
    #[must_use]
    pub fn pull_request(number: PullRequestNumber) -> Self {
        Self::PullRequest {
            number,
            attempt: 0,
            unread_since: None,
        }
    }
}

impl SyncMessage {
    /// A chain of messages ends here; the next reconcile starts afresh. Lambda itself stops a
    /// chain that goes through SQS after about 16 functions unless told not to.
    pub const MAX_HOPS: u32 = 1000;

    /// The first message of a chain.
    #[must_use]
    pub fn new(organization_id: OrganizationId, repository_id: RepositoryId, job: SyncJob) -> Self {
        Self {
            organization_id,
            repository_id,
            job,
            hops: 0,
            failures: 0,
        }
    }

    /// The message that follows this one.
    #[must_use]
    pub fn next(&self, job: SyncJob) -> Option<Self> {
        let hops = self.hops + 1;
        (hops <= Self::MAX_HOPS).then(|| Self {
            job,
            hops,
            failures: 0,
            ..self.clone()
        })
    }

    /// The same again, after the provider failed to answer.
    #[must_use]
    pub fn after_failure(&self) -> Option<Self> {
        let next = self.next(self.job.clone())?;
        Some(Self {
            failures: self.failures + 1,
            ..next
        })
    }
}
