//! Items as they stand after a repository was tracked, for tests that begin there.

use ampel_domain::{
    hooks::{Hook, HookSecrets, HookStatus},
    ids::{AccountId, HookId, IdSeed, OrganizationId, RepositoryId, UserId},
    instance::InstanceUrl,
    provider::{Provider, ProviderRepositoryId},
    repositories::{OpenCounts, PollInterval, Repository, RepositoryFacts, RepositoryStatus},
    secret::Sealed,
};
use jiff::Timestamp;

/// A tracked repository called `acme/web`.
#[derive(Clone, Debug)]
pub struct TrackedFixture {
    /// The organization.
    pub organization: OrganizationId,
    /// The repository.
    pub repository: RepositoryId,
    /// Its hook.
    pub hook: HookId,
    /// The provider it is of.
    pub provider: Provider,
    /// The provider's id of it.
    pub provider_id: String,
    /// The instance it lives on.
    pub instance: InstanceUrl,
    /// The account it is read with.
    pub account: Option<AccountId>,
}

impl TrackedFixture {
    /// The repository, public and without pull requests.
    #[must_use]
    pub fn repository(&self) -> Repository {
        Repository {
            id: self.repository,
            organization: self.organization,
            added_by: UserId::new(IdSeed {
                unix_millis: 1,
                random: 1,
            }),
            account: self.account,
            provider: self.provider,
            instance: self.instance.clone(),
            facts: RepositoryFacts {
                provider_id: ProviderRepositoryId(self.provider_id.clone()),
                owner: "acme".into(),
                name: "web".into(),
                description: None,
                url: format!("{}/acme/web", self.instance),
                default_branch: "main".into(),
                is_private: false,
                is_archived: false,
            },
            poll_interval: PollInterval::default(),
            hook: self.hook,
            hook_status: HookStatus::Registered,
            status: RepositoryStatus::Active,
            open: OpenCounts::default(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            last_polled_at: None,
        }
    }

    /// The hook, with this secret and no delivery yet.
    #[must_use]
    pub fn hook(&self, secret: Sealed) -> Hook {
        Hook {
            id: self.hook,
            organization: self.organization,
            repository: self.repository,
            provider: self.provider,
            provider_repository_id: ProviderRepositoryId(self.provider_id.clone()),
            registration: None,
            secrets: HookSecrets::first(secret, Timestamp::UNIX_EPOCH),
            last_delivery_at: None,
            last_refusal: None,
            version: 0,
        }
    }
}
