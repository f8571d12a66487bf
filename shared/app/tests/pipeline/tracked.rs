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
use ampel_testkit::{
    fixtures::TrackedFixture,
    github::{FakeGithub, RepoStory},
};

use crate::world::SECRET;

pub struct Tracked<'a> {
    pub scope: Scope,
    pub moments: &'a Moments,
    pub store: &'a Store,
    pub vault: &'a Vault,
}

impl Tracked<'_> {
    pub async fn connect(&self, hub: &FakeGithub, token: &str) -> AccountId {
        let id = AccountId::new(self.moments.id_seed());
        let organization = self.scope.organization;
        let token = Secret::new(token.to_owned());
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
            provider: Provider::Github,
            instance: instance(hub),
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

    pub async fn track(&self, hub: &FakeGithub, repo: &RepoStory, account: AccountId) -> HookId {
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
            provider_id: repo.id().to_string(),
            instance: instance(hub),
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
}

fn instance(hub: &FakeGithub) -> InstanceUrl {
    let rules = AddressRules {
        allow_loopback: true,
        ..AddressRules::default()
    };
    rules.check_instance(&hub.url()).unwrap()
}
