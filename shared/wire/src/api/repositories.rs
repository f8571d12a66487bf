//! Tracked repositories, and those that could be.

use ampel_domain::{
    hooks::HookStatus,
    ids::{AccountId, RepositoryId, UserId},
    provider::{Provider, ProviderRepositoryId},
    repositories::{PollInterval, Repository, RepositoryStatus},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, Fields, Invalid, PageLimit, schemas};

/// Nested groups make long owners.
const OWNER_LENGTH: std::ops::RangeInclusive<usize> = 1..=255;
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;
const SEARCH_LENGTH: std::ops::RangeInclusive<usize> = 0..=100;

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
}

/// Somebody wants a repository tracked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddRepositoryRequest {
    /// The provider. Not needed where an account is named.
    #[schema(schema_with = schemas::provider)]
    pub provider: Option<String>,
    /// Its owner, with all groups where they nest.
    #[schema(min_length = 1, max_length = 255)]
    pub owner: String,
    /// Its name under its owner.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The account to read it with; the caller's default one of the provider unless named.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<String>,
    /// Seconds between two reconciles, 300 unless said otherwise; `poll_interval_seconds` is
    /// understood, too.
    #[serde(alias = "poll_interval_seconds")]
    #[schema(minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: Option<u32>,
}

/// Whose token to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChoice {
    /// The caller's default account of this provider.
    Default(Provider),
    /// This one.
    Named(AccountId),
}

/// A checked [`AddRepositoryRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRepository {
    /// Whose token to read it with.
    pub account: AccountChoice,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// How often it is reconciled.
    pub poll_interval: PollInterval,
}

impl Check for AddRepositoryRequest {
    type Checked = NewRepository;

    fn check(self) -> Result<NewRepository, Invalid> {
        let mut fields = Fields::default();
        let account = account_choice(
            &mut fields,
            self.provider.as_deref(),
            self.account_id.as_deref(),
        );
        let owner = fields.text("owner", &self.owner, OWNER_LENGTH);
        let owner = owner.and_then(|owner| {
            let fine = owner.split('/').all(is_name);
            fields.take("owner", if fine { Ok(owner) } else { Err(NOT_A_NAME) })
        });
        let name = fields.text("name", &self.name, NAME_LENGTH);
        let name = name.and_then(|name| {
            let fine = is_name(&name);
            fields.take("name", if fine { Ok(name) } else { Err(NOT_A_NAME) })
        });
        let poll_interval = interval(&mut fields, self.poll_interval_seconds);
        let checked = account.zip(owner).zip(name).zip(poll_interval);
        let checked = checked.map(|(((account, owner), name), interval)| NewRepository {
            account,
            owner,
            name,
            poll_interval: interval.unwrap_or_default(),
        });
        fields.finish(checked)
    }
}

const NOT_A_NAME: &str = "must consist of letters, digits, dots, dashes and underscores";

/// What every provider allows in a name, and nothing that means something else in a path.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    !text.is_empty() && text != "." && text != ".." && text.chars().all(plain)
}

/// A named account tells its provider; otherwise the provider must be named.
fn account_choice(
    fields: &mut Fields,
    provider: Option<&str>,
    account: Option<&str>,
) -> Option<AccountChoice> {
    let provider = provider.map(|word| fields.take("provider", word.parse::<Provider>()));
    match (account, provider) {
        (Some(id), _) => fields
            .take("accountId", id.parse())
            .map(AccountChoice::Named),
        (None, Some(provider)) => provider.map(AccountChoice::Default),
        (None, None) => fields.take("provider", Err("is required unless accountId is given")),
    }
}

/// `None` when it is wrong, `Some(None)` when it is absent.
fn interval(fields: &mut Fields, seconds: Option<u32>) -> Option<Option<PollInterval>> {
    match seconds {
        None => Some(None),
        Some(seconds) => fields
            .take("pollIntervalSeconds", PollInterval::try_from(seconds))
            .map(Some),
    }
}

/// Somebody wants to change a repository's settings. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRepositoryRequest {
    /// Seconds between two reconciles; `poll_interval_seconds` is understood, too.
    #[serde(alias = "poll_interval_seconds")]
    #[schema(minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: Option<u32>,
    /// Another account of the same provider instance to read it with.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<String>,
}

/// A checked [`UpdateRepositoryRequest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryChange {
    /// How often it is reconciled.
    pub poll_interval: Option<PollInterval>,
    /// The account it is read with.
    pub account: Option<AccountId>,
}

impl Check for UpdateRepositoryRequest {
    type Checked = RepositoryChange;

    fn check(self) -> Result<RepositoryChange, Invalid> {
        let mut fields = Fields::default();
        let poll_interval = interval(&mut fields, self.poll_interval_seconds).flatten();
        let account = self
            .account_id
            .and_then(|id| fields.take("accountId", id.parse()));
        fields.finish(Some(RepositoryChange {
            poll_interval,
            account,
        }))
    }
}

/// Which tracked repositories somebody wants to see.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct RepositoriesQuery {
    /// How many a page holds: 1 to 100, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// A checked [`RepositoriesQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoriesPage {
    /// How many.
    pub limit: PageLimit,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl Check for RepositoriesQuery {
    type Checked = RepositoriesPage;

    fn check(self) -> Result<RepositoriesPage, Invalid> {
        let mut fields = Fields::default();
        let limit = fields.take("limit", PageLimit::of(self.limit));
        fields.finish(limit.map(|limit| RepositoriesPage {
            limit,
            cursor: self.cursor,
        }))
    }
}

/// Which repositories that could be tracked somebody wants to see.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct DiscoverQuery {
    /// The provider. Not needed where an account is named.
    pub provider: Option<String>,
    /// The account to look with; the caller's default one of the provider unless named.
    pub account_id: Option<String>,
    /// Which page, from 1. Without one all are answered, as far as 1000.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// How many a page holds: 1 to 100, 30 unless said otherwise.
    #[serde(alias = "per_page")]
    #[param(minimum = 1, maximum = 100)]
    pub per_page: Option<u32>,
    /// Only those with this text in their full name.
    #[param(max_length = 100)]
    pub search: Option<String>,
}

/// A checked [`DiscoverQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Whose token to look with.
    pub account: AccountChoice,
    /// Which page, from 1; `None` for all.
    pub page: Option<u32>,
    /// How many a page holds.
    pub per_page: u32,
    /// A text in lower case that the full name contains; empty for any.
    pub search: String,
}

impl Check for DiscoverQuery {
    type Checked = Discovery;

    fn check(self) -> Result<Discovery, Invalid> {
        let mut fields = Fields::default();
        let account = account_choice(
            &mut fields,
            self.provider.as_deref(),
            self.account_id.as_deref(),
        );
        let page = match self.page {
            Some(page) if !(1..=10_000).contains(&page) => {
                fields.take("page", Err("must be at least 1"))
            }
            page => Some(page),
        };
        let per_page = self.per_page.unwrap_or(30);
        let per_page = fields.take(
            "perPage",
            if (1..=100).contains(&per_page) {
                Ok(per_page)
            } else {
                Err("must be between 1 and 100")
            },
        );
        let search = self.search.unwrap_or_default();
        let search = fields.text("search", &search, SEARCH_LENGTH);
        let checked = account.zip(page).zip(per_page).zip(search);
        let checked = checked.map(|(((account, page), per_page), search)| Discovery {
            account,
            page,
            per_page,
            search: search.to_lowercase(),
        });
        fields.finish(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(json: serde_json::Value) -> Result<NewRepository, Vec<String>> {
        let request: AddRepositoryRequest = serde_json::from_value(json).unwrap();
        request
            .check()
            .map_err(|invalid| invalid.errors().iter().map(|e| e.field.clone()).collect())
    }

    #[test]
    fn both_spellings_of_the_interval_are_understood_and_limited() {
        let with = |key: &str, seconds: u32| {
            add(
                serde_json::json!({ "provider": "github", "owner": "o", "name": "n", key: seconds }),
            )
        };
        for key in ["pollIntervalSeconds", "poll_interval_seconds"] {
            assert_eq!(with(key, 60).unwrap().poll_interval.seconds(), 60);
            assert_eq!(with(key, 59), Err(vec!["pollIntervalSeconds".to_owned()]));
        }
        assert_eq!(with("other", 1).unwrap().poll_interval.seconds(), 300);
    }

    #[test]
    fn the_worst_light_shows() {
        let worst = |green, yellow, red| LightCounts { green, yellow, red }.worst();
        assert_eq!(worst(0, 0, 0), RepositoryLight::None);
        assert_eq!(worst(2, 0, 0), RepositoryLight::Green);
        assert_eq!(worst(2, 1, 0), RepositoryLight::Yellow);
        assert_eq!(worst(2, 1, 1), RepositoryLight::Red);
    }

    #[test]
    fn names_can_not_leave_their_place_in_a_path() {
        for (owner, name) in [
            ("a/..", "n"),
            ("o", "a/b"),
            ("o", ".."),
            ("o?x", "n"),
            ("", "n"),
        ] {
            let body = serde_json::json!({ "provider": "github", "owner": owner, "name": name });
            assert!(add(body).is_err(), "{owner} {name}");
        }
        let nested = serde_json::json!({ "provider": "gitlab", "owner": "a/b", "name": "n.js" });
        assert!(add(nested).is_ok());
        let nobody = serde_json::json!({ "owner": "o", "name": "n" });
        assert_eq!(add(nobody), Err(vec!["provider".to_owned()]));
    }
}
