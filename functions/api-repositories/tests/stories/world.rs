//! An organization with people and a fake GitHub, and the verbs stories are told with.

use ampel_api_repositories::Context;
use ampel_app::{
    auth::{Authenticator, TokenIssuer, TokenVerifier},
    budget::Budgets,
    ingest::{Ingest, OpenHooks, Stamps},
    moment::Moments,
    reading::{Reading, Refresh},
    recompute::Recompute,
    refreshes::Refreshes,
    repositories::Repositories,
    sync::{Snapshots, Sync},
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
};
use ampel_cloud::{
    queues::{FifoQueue, Queues, StandardQueue},
    signing_keys::SigningKeys,
    vault::Vault,
};
use ampel_domain::{
    accounts::{Account, ProviderIdentity, ValidationStatus},
    ids::{AccountId, OrganizationId, UserId},
    instance::AddressRules,
    provider::{Login, Provider, ProviderUserId},
    secret::{SealPurpose, Secret},
    tenancy::{Member, Role},
};
use ampel_providers::Providers;
use ampel_store::Store;
use ampel_testkit::{
    cloud::{Queue, TestCloud},
    github::FakeGithub,
};
use axum::Router;
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub const PUBLIC_URL: &str = "http://ampel.test";

pub struct World {
    pub cloud: TestCloud,
    pub hub: FakeGithub,
    pub store: Store,
    pub organization: OrganizationId,
    /// A member with a connected account, who tracks what stories track.
    pub ada: Person,
    pub ingest: Ingest,
    pub recompute: Recompute,
    pub sync: Sync,
    pub vault: Vault,
    issuer: TokenIssuer,
    pub moments: Moments,
    pub repositories: Router,
    pub pulls: Router,
    pub dashboard: Router,
}

#[derive(Clone)]
pub struct Person {
    pub user: UserId,
    pub token: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

impl World {
    pub async fn new() -> Self {
        Self::reached_at(Some(PUBLIC_URL)).await
    }

    /// A deployment with this public address, or none.
    pub async fn reached_at(public_url: Option<&str>) -> Self {
        let (cloud, hub) = (TestCloud::start().await, FakeGithub::start().await.unwrap());
        hub.hold_deliveries();
        hub.mergeable_after(0);
        let moments = moments();
        let store = Store::new(aws_sdk_dynamodb::Client::new(cloud.config()), cloud.table());
        let vault = Vault::new(aws_sdk_kms::Client::new(cloud.config()), cloud.kms_key_id());
        let queues = Queues::new(aws_sdk_sqs::Client::new(cloud.config()));
        let queue = |queue| StandardQueue::new(cloud.queue_url(queue));
        let secrets = aws_sdk_secretsmanager::Client::new(cloud.config());
        let keys = SigningKeys::load(secrets, cloud.jwt_secret_id(), moments.now())
            .await
            .unwrap();
        let authenticator = Authenticator::new(
            TokenVerifier::new(keys.clone()),
            store.clone(),
            moments.clone(),
        );
        let issuer = TokenIssuer::new(keys, SignedDuration::from_mins(15));
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        let providers = Providers::new(rules).unwrap();
        let webhooks = Webhooks {
            store: store.clone(),
            vault: vault.clone(),
            public_url: PublicUrl::new(public_url.map(str::to_owned)),
            moments: moments.clone(),
        };
        let tokens = Tokens {
            store: store.clone(),
            vault: vault.clone(),
        };
        let refreshes = Refreshes {
            queues: queues.clone(),
            delays: queue(Queue::Delays),
        };
        let snapshots = Snapshots {
            budgets: Budgets::new(store.clone(), moments.clone()),
            store: store.clone(),
            providers: providers.clone(),
            tokens: tokens.clone(),
            refreshes: refreshes.clone(),
            moments: moments.clone(),
        };
        let sync = Sync {
            snapshots: snapshots.clone(),
            sync_queue: queue(Queue::Sync),
            webhooks: webhooks.clone(),
        };
        let repositories = ampel_api_repositories::router(Context {
            authenticator: authenticator.clone(),
            repositories: Repositories {
                budgets: Budgets::new(store.clone(), moments.clone()),
                store: store.clone(),
                providers,
                tokens,
                queues: queues.clone(),
                sync_queue: queue(Queue::Sync),
                cleanup_queue: queue(Queue::Cleanup),
                webhooks,
                moments: moments.clone(),
            },
        });
        let reading = Reading {
            store: store.clone(),
        };
        let pulls = ampel_api_pulls::router(ampel_api_pulls::Context {
            authenticator: authenticator.clone(),
            reading: reading.clone(),
            refresh: Refresh {
                reading: reading.clone(),
                snapshots,
            },
        });
        let dashboard = ampel_api_dashboard::router(ampel_api_dashboard::Context {
            authenticator,
            reading,
        });
        let ingest = Ingest {
            hooks: OpenHooks::new(store.clone(), vault.clone()),
            stamps: Stamps::new(queues.clone(), queue(Queue::HookStamps)),
            queues,
            events: FifoQueue::new(cloud.queue_url(Queue::Events)),
            sync_queue: queue(Queue::Sync),
            moments: moments.clone(),
        };
        let recompute = Recompute {
            store: store.clone(),
            refreshes,
            moments: moments.clone(),
        };
        let organization = OrganizationId::new(moments.id_seed());
        let nobody = Person {
            user: UserId::new(moments.id_seed()),
            token: String::new(),
        };
        let mut world = Self {
            cloud,
            hub,
            store,
            organization,
            ada: nobody,
            ingest,
            recompute,
            sync,
            vault,
            issuer,
            moments,
            repositories,
            pulls,
            dashboard,
        };
        world.ada = world.person(organization, Role::Member).await;
        let token = world.hub.token("ada");
        world.connect(&world.ada, organization, &token).await;
        world
    }

    /// A person with this role in an organization.
    pub async fn person(&self, organization: OrganizationId, role: Role) -> Person {
        let (user, now) = (UserId::new(self.moments.id_seed()), self.moments.now());
        let member = Member {
            organization,
            user,
            role,
            joined_at: now,
        };
        self.store.add_member(&member).await.unwrap();
        let token = self
            .issuer
            .issue(user, organization, now)
            .await
            .unwrap()
            .token;
        Person { user, token }
    }

    /// Connects a person's account at the fake GitHub.
    pub async fn connect(
        &self,
        person: &Person,
        organization: OrganizationId,
        token: &str,
    ) -> AccountId {
        let id = AccountId::new(self.moments.id_seed());
        let purpose = SealPurpose::AccountToken;
        let clear = Secret::new(token.to_owned());
        let sealed = self
            .vault
            .seal(organization, &id.to_string(), purpose, &clear)
            .await
            .unwrap();
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        let account = Account {
            id,
            organization,
            user: person.user,
            provider: Provider::Github,
            instance: rules.check_instance(&self.hub.url()).unwrap(),
            label: id.to_string(),
            identity: ProviderIdentity {
                user_id: ProviderUserId(id.to_string()),
                login: Login::new("ada"),
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
            token: sealed,
            created_at: self.moments.now(),
            version: 0,
        };
        self.store.add_account(&account).await.unwrap();
        id
    }
}

fn moments() -> Moments {
    Moments::new(Timestamp::now, || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        u128::from_ne_bytes(bytes)
    })
}
