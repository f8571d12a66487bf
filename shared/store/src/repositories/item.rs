//! The item of a repository. It is read with all others of its organization by every summary, so
//! it stays below a kilobyte.

use ampel_domain::{
    hooks::HookStatus,
    ids::{AccountId, HookId, OrganizationId, RepositoryId, UserId},
    instance::InstanceUrl,
    provider::{Provider, ProviderRepositoryId},
    repositories::{OpenCounts, PollInterval, Repository, RepositoryFacts, RepositoryStatus},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    item::{Document, corrupt},
    keys,
};

/// The most bytes of a repository's item.
pub(crate) const SIZE_LIMIT: usize = 1024;

/// What an item takes at most besides the texts that a provider decides on.
pub(crate) const FIXED_SIZE: usize = 800;

/// The most characters of a description.
const LONGEST_DESCRIPTION: usize = 200;

/// How long it takes from one full reconcile to the next.
pub(crate) const FULL_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// A tracked repository.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepositoryItem {
    /// The organization; projected into the index over due work.
    org: OrganizationId,
    repository: RepositoryId,
    added_by: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    provider: Provider,
    instance: InstanceUrl,
    provider_id: ProviderRepositoryId,
    owner: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    url: String,
    default_branch: String,
    private: bool,
    archived: bool,
    poll_interval: PollInterval,
    hook: HookId,
    hook_status: HookStatus,
    status: RepositoryStatus,
    open_green: i64,
    open_yellow: i64,
    open_red: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    polled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_sk: Option<String>,
    /// What the schedule has to know: see [`DueNote`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thin: Option<String>,
}

impl Document for RepositoryItem {
    const TYPE: &'static str = "repository";
    const VERSION: u32 = 1;
}

impl RepositoryItem {
    /// The item of a repository whose next reconcile is due then.
    pub(crate) fn new(repository: &Repository, due: Timestamp) -> Result<Self, StoreError> {
        let facts = &repository.facts;
        let note = DueNote {
            interval: repository.poll_interval.seconds(),
            full_due_at: repository
                .created_at
                .saturating_add(FULL_INTERVAL)
                .unwrap_or(due),
        };
        Ok(Self {
            org: repository.organization,
            repository: repository.id,
            added_by: repository.added_by,
            account: repository.account,
            provider: repository.provider,
            instance: repository.instance.clone(),
            provider_id: facts.provider_id.clone(),
            owner: facts.owner.clone(),
            name: facts.name.clone(),
            description: stored_description(facts),
            url: facts.url.clone(),
            default_branch: facts.default_branch.clone(),
            private: facts.is_private,
            archived: facts.is_archived,
            poll_interval: repository.poll_interval,
            hook: repository.hook,
            hook_status: repository.hook_status,
            status: repository.status,
            open_green: repository.open.green,
            open_yellow: repository.open.yellow,
            open_red: repository.open.red,
            created_at: repository.created_at,
            updated_at: repository.updated_at,
            polled_at: repository.last_polled_at,
            due_pk: Some(keys::due_partition(keys::due_shard(repository.id))),
            due_sk: Some(keys::due_position(due, repository.id)),
            thin: Some(note.text()?),
        })
    }

    /// When the next reconcile is due, as the schedule's key has it.
    pub(crate) fn due_position(&self) -> Option<&str> {
        self.due_sk.as_deref()
    }

    /// What the schedule has to know.
    pub(crate) fn note(&self) -> Option<DueNote> {
        self.thin.as_deref().and_then(DueNote::parse)
    }
}

impl From<RepositoryItem> for Repository {
    fn from(item: RepositoryItem) -> Self {
        Self {
            id: item.repository,
            organization: item.org,
            added_by: item.added_by,
            account: item.account,
            provider: item.provider,
            instance: item.instance,
            facts: RepositoryFacts {
                provider_id: item.provider_id,
                owner: item.owner,
                name: item.name,
                description: item.description,
                url: item.url,
                default_branch: item.default_branch,
                is_private: item.private,
                is_archived: item.archived,
            },
            poll_interval: item.poll_interval,
            hook: item.hook,
            hook_status: item.hook_status,
            status: item.status,
            open: OpenCounts {
                green: item.open_green,
                yellow: item.open_yellow,
                red: item.open_red,
            },
            created_at: item.created_at,
            updated_at: item.updated_at,
            last_polled_at: item.polled_at,
        }
    }
}

/// A description as it is stored: 200 characters at most, fewer where the names are long.
pub(crate) fn stored_description(facts: &RepositoryFacts) -> Option<String> {
    let named = facts.provider_id.0.len()
        + facts.owner.len()
        + facts.name.len()
        + facts.url.len()
        + facts.default_branch.len();
    let mut room = SIZE_LIMIT.saturating_sub(FIXED_SIZE + named);
    let fits = |character: &char| {
        let size = character.len_utf8();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    let description: String = facts
        .description
        .as_deref()?
        .chars()
        .take(LONGEST_DESCRIPTION)
        .take_while(fits)
        .collect();
    (!description.is_empty()).then_some(description)
}

/// What the index over due work says of a repository: seconds between two reconciles, and when a
/// full one is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueNote {
    pub(crate) interval: u32,
    pub(crate) full_due_at: Timestamp,
}

impl DueNote {
    pub(crate) fn text(self) -> Result<String, StoreError> {
        serde_json::to_string(&(1_u8, self.interval, self.full_due_at.as_second()))
            .map_err(|error| corrupt("a due note", &error))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (version, interval, full): (u8, u32, i64) = serde_json::from_str(text).ok()?;
        let full_due_at = Timestamp::from_second(full).ok()?;
        (version == 1).then_some(Self {
            interval,
            full_due_at,
        })
    }
}

/// The word of a status in its item.
pub(crate) fn status_word(status: RepositoryStatus) -> &'static str {
    match status {
        RepositoryStatus::Active => "active",
        RepositoryStatus::Untracking => "untracking",
        RepositoryStatus::Gone => "gone",
    }
}

/// The word of a hook's status in its repository's item.
pub(crate) fn hook_status_word(status: HookStatus) -> &'static str {
    match status {
        HookStatus::Registered => "registered",
        HookStatus::Manual => "manual",
        HookStatus::Polling => "polling",
        HookStatus::Broken => "broken",
    }
}
