//! Tracked repositories.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    hooks::HookStatus,
    ids::{AccountId, HookId, OrganizationId, RepositoryId, UserId},
    instance::InstanceUrl,
    provider::{Provider, ProviderRepositoryId},
};

/// Whether a tracked repository takes writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryStatus {
    /// Tracked.
    Active,
    /// Being removed: nothing is written to it any more and nobody sees it.
    Untracking,
    /// The provider no longer has it under its id. Visible, never green.
    Gone,
}

/// Who can see a repository. Archived wins over private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Those who log in.
    Private,
    /// Read-only, whoever may see it.
    Archived,
}

/// Seconds between two light reconciles: 60 to 3600, 300 unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PollInterval(u32);

/// An interval outside of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 60 and 3600 seconds")]
pub struct InvalidPollInterval;

impl PollInterval {
    /// The interval in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for PollInterval {
    fn default() -> Self {
        Self(300)
    }
}

impl TryFrom<u32> for PollInterval {
    type Error = InvalidPollInterval;

    fn try_from(seconds: u32) -> Result<Self, InvalidPollInterval> {
        if (60..=3600).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(InvalidPollInterval)
        }
    }
}

impl From<PollInterval> for u32 {
    fn from(interval: PollInterval) -> Self {
        interval.0
    }
}

/// How many open pull requests stand under each light.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCounts {
    /// Ready to merge.
    pub green: i64,
    /// Waiting.
    pub yellow: i64,
    /// Blocked.
    pub red: i64,
}

impl OpenCounts {
    /// All open pull requests.
    #[must_use]
    pub fn total(self) -> i64 {
        self.green + self.yellow + self.red
    }
}

impl std::ops::AddAssign for OpenCounts {
    fn add_assign(&mut self, other: Self) {
        self.green += other.green;
        self.yellow += other.yellow;
        self.red += other.red;
    }
}

impl std::ops::Sub for OpenCounts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            green: self.green - other.green,
            yellow: self.yellow - other.yellow,
            red: self.red - other.red,
        }
    }
}

/// What a provider says of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFacts {
    /// The id that stays through renames and transfers.
    pub provider_id: ProviderRepositoryId,
    /// The owner, with all groups where they nest.
    pub owner: String,
    /// The name under its owner.
    pub name: String,
    /// A description, cut at 200 characters where it is stored.
    pub description: Option<String>,
    /// Where people look at it.
    pub url: String,
    /// The branch it opens with.
    pub default_branch: String,
    /// Whether reading it needs a login.
    pub is_private: bool,
    /// Whether it is read-only.
    pub is_archived: bool,
}

impl RepositoryFacts {
    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Who can see it; archived wins over private.
    #[must_use]
    pub fn visibility(&self) -> Visibility {
        if self.is_archived {
            Visibility::Archived
        } else if self.is_private {
            Visibility::Private
        } else {
            Visibility::Public
        }
    }
}

/// A tracked repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its id.
    pub id: RepositoryId,
    /// The organization that tracks it.
    pub organization: OrganizationId,
    /// Who tracked it.
    pub added_by: UserId,
    /// The account it is read with; `None` once that account was removed.
    pub account: Option<AccountId>,
    /// The provider.
    pub provider: Provider,
    /// The instance of the provider.
    pub instance: InstanceUrl,
    /// What the provider says of it.
    pub facts: RepositoryFacts,
    /// How often it is reconciled.
    pub poll_interval: PollInterval,
    /// Its hook.
    pub hook: HookId,
    /// How it learns of changes.
    pub hook_status: HookStatus,
    /// Whether it takes writes.
    pub status: RepositoryStatus,
    /// Its open pull requests by light.
    pub open: OpenCounts,
    /// When it was tracked.
    pub created_at: Timestamp,
    /// When its settings or facts last changed.
    pub updated_at: Timestamp,
    /// When a reconcile last succeeded.
    pub last_polled_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_have_limits() {
        assert_eq!(PollInterval::default().seconds(), 300);
        assert!(PollInterval::try_from(59).is_err() && PollInterval::try_from(3601).is_err());
        assert!(PollInterval::try_from(60).is_ok() && PollInterval::try_from(3600).is_ok());
    }
}
