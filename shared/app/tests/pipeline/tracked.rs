//! The items of a tracked repository and of the account it is read with.

use ampel_app::{moment::Moments, working::Scope};
use ampel_cloud::vault::Vault;
use ampel_domain::{
    accounts::{Account, ProviderIdentity, ValidationStatus},
    ids::{AccountId, HookId, UserId},
    instance::{AddressRules, InstanceUrl},
    provider::{Login, Provider, ProviderUserId},
    secret::{SealPurpose, Secret},
};
use ampel_store::{Store, repositories::TrackRepository};
use ampel_testkit::fixtures::TrackedFixture;

use crate::pipeline::SECRET;

pub struct Tracked<'a> {
    pub scope: Scope,
    pub moments: &'a Moments,
    pub store: &'a Store,
    pub vault: &'a Vault,
    pub source: &'a Source,
}

/// What is tracked, and with what.
#[derive(Debug)]
pub struct Source {
    pub provider: Provider,
    /// What a person types as `instanceUrl`.
    pub url: String,
    /// The provider's id of `acme/web`.
    pub repository_id: String,
    /// The token it is read with.
    pub credential: String,
}

impl Tracked<'_> {
    pub async fn connect(&self) -> AccountId {
        let id = AccountId::new(self.moments.id_seed());
        let organization = self.scope.organization;
        let token = Secret::new(self.source.credential.clone());
        let purpose = SealPurpose::AccountToken;
        let token = self
            .vault
            .seal(organization, &id.to_string(), purpose, &token)
            .await
            .unwrap();
        let account = Account {
            id,
            organization,
            user: UserId::new(self.moments.id_seed()),
            provider: self.source.provider,
            instance: self.instance(),
            label: "octo".into(),
            identity: ProviderIdentity {
                user_id: ProviderUserId("1".into()),
                login: Login::new("octo"),
                email: None,
                avatar_url: None,
            },
            scopes: Vec::new(),
            token_expires_at: None,
            validation: ValidationStatus::Valid,
            last_validated_at: None,
            is_active: true,
            is_default: true,
            shared: false,
            token,
            created_at: self.moments.now(),
            version: 0,
        };
        self.store.add_account(&account).await.unwrap();
        id
    }

    pub async fn track(&self, account: AccountId) -> HookId {
        let hook = HookId::new(self.moments.id_seed());
        let now = self.moments.now();
        let secret = Secret::new(SECRET.to_owned());
        let (organization, purpose) = (self.scope.organization, SealPurpose::HookSecret);
        let sealed = self
            .vault
            .seal(organization, &hook.to_string(), purpose, &secret)
            .await
            .unwrap();
        let fixture = TrackedFixture {
            organization,
            repository: self.scope.repository,
            hook,
            provider: self.source.provider,
            provider_id: self.source.repository_id.clone(),
            instance: self.instance(),
            account: Some(account),
        };
        let new = TrackRepository {
            repository: fixture.repository(),
            hook: fixture.hook(sealed),
            due: now,
        };
        self.store.track(new).await.unwrap();
        hook
    }

    fn instance(&self) -> InstanceUrl {
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        rules.check_instance(&self.source.url).unwrap()
    }
}
