//! What is answered about repositories.

use ampel_domain::{
    hooks::HookStatus,
    ids::{AccountId, RepositoryId, UserId},
    provider::{Provider, ProviderRepositoryId},
    repositories::{PollInterval, Repository, RepositoryStatus},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::schemas;

/// The worst light of a repository's open pull requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryLight {
    /// All are ready to merge.
    Green,
    /// Something waits, nothing is blocked.
    Yellow,
    /// Something is blocked.
    Red,
    /// Nothing is open.
    None,
}

/// Open pull requests by light.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LightCounts {
    /// Ready to merge.
    pub green: u64,
    /// Waiting.
    pub yellow: u64,
    /// Blocked.
    pub red: u64,
}

impl LightCounts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.green + self.yellow + self.red
    }
}

impl LightCounts {
    /// The open pull requests of a repository. Those of one that is gone are never green: nobody
    /// can tell any more.
    #[must_use]
    pub fn of(repository: &Repository) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let open = repository.open;
        let shown = Self {
            green: count(open.green),
            yellow: count(open.yellow),
            red: count(open.red),
        };
        match repository.status {
            RepositoryStatus::Active | RepositoryStatus::Untracking => shown,
            RepositoryStatus::Gone => Self {
                green: 0,
                yellow: shown.yellow + shown.green,
                red: shown.red,
            },
        }
    }

    /// The worst light among them.
    #[must_use]
    pub fn worst(self) -> RepositoryLight {
        match self {
            Self { red: 1.., .. } => RepositoryLight::Red,
            Self { yellow: 1.., .. } => RepositoryLight::Yellow,
            Self { green: 1.., .. } => RepositoryLight::Green,
            Self {
                green: 0,
                yellow: 0,
                red: 0,
            } => RepositoryLight::None,
        }
    }
}

/// A tracked repository as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryResponse {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    pub id: RepositoryId,
    /// Who tracked it.
    #[schema(schema_with = schemas::id)]
    pub user_id: UserId,
    /// The account it is read with; `null` once that account was removed.
    #[schema(schema_with = schemas::optional_id)]
    pub account_id: Option<AccountId>,
    /// The provider.
    #[schema(schema_with = schemas::provider)]
    pub provider: Provider,
    /// The instance of the provider.
    pub instance_url: String,
    /// The provider's id, which stays through renames and transfers.
    #[schema(value_type = String)]
    pub provider_id: ProviderRepositoryId,
    /// Its owner, with all groups where they nest.
    pub owner: String,
    /// Its name under its owner.
    pub name: String,
    /// `owner/name`.
    pub full_name: String,
    /// A description.
    pub description: Option<String>,
    /// Where people look at it.
    pub url: String,
    /// The branch it opens with.
    pub default_branch: String,
    /// Whether reading it needs a login.
    pub is_private: bool,
    /// Whether it is read-only.
    pub is_archived: bool,
    /// Whether the provider no longer has it, or hides it from the account.
    pub is_gone: bool,
    /// Seconds between two reconciles.
    #[schema(value_type = u32, minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: PollInterval,
    /// When a reconcile last succeeded.
    #[schema(schema_with = schemas::optional_time)]
    pub last_polled_at: Option<Timestamp>,
    /// Since when it is tracked.
    #[schema(schema_with = schemas::time)]
    pub created_at: Timestamp,
    /// When its settings or facts last changed.
    #[schema(schema_with = schemas::time)]
    pub updated_at: Timestamp,
    /// The worst light of its open pull requests.
    pub light: RepositoryLight,
    /// How many pull requests are open.
    pub open_pr_count: u64,
    /// The same by light.
    pub open_counts: LightCounts,
    /// How it learns of changes.
    #[schema(schema_with = schemas::hook_status)]
    pub webhook_status: HookStatus,
}

impl From<Repository> for RepositoryResponse {
    fn from(repository: Repository) -> Self {
        let open_counts = LightCounts::of(&repository);
        let full_name = repository.facts.full_name();
        let is_gone = repository.status == RepositoryStatus::Gone;
        let facts = repository.facts;
        Self {
            id: repository.id,
            user_id: repository.added_by,
            account_id: repository.account,
            provider: repository.provider,
            instance_url: repository.instance.to_string(),
            provider_id: facts.provider_id,
            owner: facts.owner,
            name: facts.name,
            full_name,
            description: facts.description,
            url: facts.url,
            default_branch: facts.default_branch,
            is_private: facts.is_private,
            is_archived: facts.is_archived,
            is_gone,
            poll_interval_seconds: repository.poll_interval,
            last_polled_at: repository.last_polled_at,
            created_at: repository.created_at,
            updated_at: repository.updated_at,
            light: open_counts.worst(),
            open_pr_count: open_counts.total(),
            open_counts,
            webhook_status: repository.hook_status,
        }
    }
}

/// A tracked repository with the state of its webhook and its syncs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RepositoryDetail {
    /// The repository.
    #[serde(flatten)]
    pub repository: RepositoryResponse,
    /// Its webhook.
    pub webhook: WebhookState,
    /// Its syncs.
    pub sync: SyncStateResponse,
}

/// What is known of a repository's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookState {
    /// How the repository learns of changes.
    #[schema(schema_with = schemas::hook_status)]
    pub status: HookStatus,
    /// When a genuine delivery was last seen, to the minute.
    #[schema(schema_with = schemas::optional_time)]
    pub last_delivery_at: Option<Timestamp>,
    /// When a delivery was last refused, to the minute.
    #[schema(schema_with = schemas::optional_time)]
    pub last_refusal_at: Option<Timestamp>,
    /// Why it was refused, and what to do about it.
    pub last_refusal: Option<String>,
}

/// What came of trying a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTestResponse {
    /// Whether the provider sends a delivery; not every provider offers it.
    pub is_sent: bool,
    /// What that means and where to look next.
    pub detail: String,
}

/// The latest deliveries as the provider remembers them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveriesResponse {
    /// Whether the provider lists deliveries at all.
    pub is_listed: bool,
    /// The deliveries, the newest first.
    pub items: Vec<WebhookDeliveryResponse>,
}

/// A delivery as the provider remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveryResponse {
    /// The provider's id of it.
    pub id: String,
    /// The provider's word for the event.
    pub event: String,
    /// When it was sent.
    #[schema(schema_with = schemas::time)]
    pub sent_at: Timestamp,
    /// What Ampel answered, as an HTTP status; `null` where no answer came.
    pub status: Option<u16>,
}

/// How far a repository's first sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncProgress {
    /// The first sync is queued.
    Waiting,
    /// The first sync is on its way.
    Running,
    /// The first sync is over.
    Done,
}

/// What is known of a repository's syncs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncStateResponse {
    /// How far the first sync is.
    pub state: SyncProgress,
    /// How many pull requests the first sync has stored so far; `null` unless it is running.
    pub pull_requests_synced: Option<u32>,
    /// When everything was last read again.
    #[schema(schema_with = schemas::optional_time)]
    pub last_full_at: Option<Timestamp>,
    /// When it was last looked for differences.
    #[schema(schema_with = schemas::optional_time)]
    pub last_light_at: Option<Timestamp>,
    /// What went wrong last, and what to do about it; `null` once a sync succeeded.
    pub last_error: Option<String>,
    /// When that was.
    #[schema(schema_with = schemas::optional_time)]
    pub last_error_at: Option<Timestamp>,
}

/// What a webhook needs to be set up by hand. The secret is answered this once.
#[derive(Serialize, ToSchema)]
pub struct WebhookResponse {
    /// Where deliveries go; only its path where the deployment has no public address.
    pub url: String,
    /// What they are signed with: 32 random bytes in hexadecimal.
    pub secret: String,
    /// The events to subscribe to.
    pub events: Vec<&'static str>,
    /// Whether the provider knows about it.
    #[schema(schema_with = schemas::hook_status)]
    pub status: HookStatus,
}

/// A repository that an account can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredRepository {
    /// The provider.
    #[schema(schema_with = schemas::provider)]
    pub provider: Provider,
    /// The provider's id.
    #[schema(value_type = String)]
    pub provider_id: ProviderRepositoryId,
    /// Its owner, with all groups where they nest.
    pub owner: String,
    /// Its name under its owner.
    pub name: String,
    /// `owner/name`.
    pub full_name: String,
    /// A description.
    pub description: Option<String>,
    /// Where people look at it.
    pub url: String,
    /// The branch it opens with.
    pub default_branch: String,
    /// Whether reading it needs a login.
    pub is_private: bool,
    /// Whether it is read-only.
    pub is_archived: bool,
    /// Whether the organization tracks it.
    pub is_tracked: bool,
    /// The tracked repository, where it is one.
    #[schema(schema_with = schemas::optional_id)]
    pub repository_id: Option<RepositoryId>,
}

/// Some of the repositories that an account can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiscoverResponse {
    /// The repositories.
    pub items: Vec<DiscoveredRepository>,
    /// The page that has more; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
    /// Whether everything was looked through; a search stops after 50 pages of the provider, which
    /// are 5000 repositories and 2500 at Gitea.
    pub is_complete: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_light_shows() {
        let worst = |green, yellow, red| LightCounts { green, yellow, red }.worst();
        assert_eq!(worst(0, 0, 0), RepositoryLight::None);
        assert_eq!(worst(2, 0, 0), RepositoryLight::Green);
        assert_eq!(worst(2, 1, 0), RepositoryLight::Yellow);
        assert_eq!(worst(2, 1, 1), RepositoryLight::Red);
    }
}
