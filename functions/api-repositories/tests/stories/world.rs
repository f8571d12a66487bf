//! An organization with people and a fake GitHub, and the verbs stories are told with.

use std::time::Duration;

use ampel_api_repositories::Context;
use ampel_app::{
    auth::{Authenticator, TokenIssuer, TokenVerifier},
    ingest::{Delivery, Ingest, OpenHooks, Receipt, Stamps},
    moment::Moments,
    reading::{Reading, Refresh},
    recompute::Recompute,
    refreshes::Refreshes,
    repositories::{PublicUrl, Repositories},
    sync::Sync,
    tokens::Tokens,
};
use ampel_cloud::{
    queues::{FifoQueue, Queues, StandardQueue},
    signing_keys::SigningKeys,
    vault::Vault,
};
use ampel_domain::{
    accounts::{Account, ProviderIdentity, ValidationStatus},
    ids::{AccountId, HookId, OrganizationId, UserId},
    instance::AddressRules,
    provider::{Login, Provider, ProviderUserId},
    secret::{SealPurpose, Secret},
    tenancy::{Member, Role},
};
use ampel_providers::Providers;
use ampel_store::{Remaining, Store};
use ampel_testkit::{
    cloud::{Queue, TestCloud},
    github::{FakeGithub, model},
};
use ampel_wire::queue::{CleanupMessage, EventMessage, SyncMessage, decode};
use axum::{Router, body::Body};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tower::ServiceExt;

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
    vault: Vault,
    issuer: TokenIssuer,
    moments: Moments,
    repositories: Router,
    pulls: Router,
    dashboard: Router,
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
        let tokens = Tokens {
            store: store.clone(),
            vault: vault.clone(),
        };
        let refreshes = Refreshes {
            queues: queues.clone(),
            delays: queue(Queue::Delays),
        };
        let sync = Sync {
            store: store.clone(),
            providers: providers.clone(),
            tokens: tokens.clone(),
            refreshes: refreshes.clone(),
            sync_queue: queue(Queue::Sync),
            moments: moments.clone(),
        };
        let repositories = ampel_api_repositories::router(Context {
            authenticator: authenticator.clone(),
            repositories: Repositories {
                store: store.clone(),
                providers,
                tokens,
                queues: queues.clone(),
                sync_queue: queue(Queue::Sync),
                cleanup_queue: queue(Queue::Cleanup),
                public_url: PublicUrl::new(public_url.map(str::to_owned)),
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
                sync: sync.clone(),
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

    /// Makes one request, as the gateway's routes hand it on.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path();
        let router = if path.contains("/pull-requests") {
            &self.pulls
        } else if path.contains("/dashboard/") {
            &self.dashboard
        } else {
            &self.repositories
        };
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub async fn call(&self, who: &Person, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", who.token))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.call(who, "GET", path, Value::Null).await
    }

    pub async fn post(&self, who: &Person, path: &str) -> Answer {
        self.call(who, "POST", path, Value::Null).await
    }

    /// Ada tracks `acme/<name>`; answers its id.
    pub async fn track(&self, name: &str) -> String {
        let body = serde_json::json!({ "provider": "github", "owner": "acme", "name": name });
        let tracked = self
            .call(&self.ada, "POST", "/repositories", body)
            .await
            .expect(201);
        tracked["id"].as_str().unwrap().to_owned()
    }

    /// Runs the jobs that wait in `sync` and `delays` until none is left.
    pub async fn run_syncs(&self) {
        self.hub.advance(2);
        for _round in 0..10 {
            for queue in [Queue::Sync, Queue::Delays] {
                for message in self.cloud.drain(queue).await {
                    let message: SyncMessage = decode(&message.body).unwrap();
                    let deadline = Timestamp::now() + SignedDuration::from_mins(2);
                    self.sync.run(&message, deadline).await.unwrap();
                }
            }
            if self.cloud.pending(Queue::Sync).await + self.cloud.pending(Queue::Delays).await == 0
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("jobs beget jobs");
    }

    /// Takes one delivery as `webhook-ingest` does.
    pub async fn receive(&self, delivery: &model::Delivery) -> Receipt {
        let hook: HookId = delivery.url.rsplit('/').next().unwrap().parse().unwrap();
        let headers = delivery.headers.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        let headers: HeaderMap = headers.collect();
        let body = delivery.body.as_bytes();
        let delivery = Delivery {
            provider: Provider::Github,
            hook,
            headers: &headers,
            body,
        };
        self.ingest.receive(delivery).await.unwrap()
    }

    /// Replaces `webhook-ingest` by a container that has read no hook yet.
    pub fn restart_ingest(&mut self) {
        let queue = |queue| StandardQueue::new(self.cloud.queue_url(queue));
        let queues = self.ingest.queues.clone();
        self.ingest = Ingest {
            hooks: OpenHooks::new(self.store.clone(), self.vault.clone()),
            stamps: Stamps::new(queues.clone(), queue(Queue::HookStamps)),
            queues,
            events: FifoQueue::new(self.cloud.queue_url(Queue::Events)),
            sync_queue: queue(Queue::Sync),
            moments: self.moments.clone(),
        };
    }

    /// The events that wait to be applied.
    pub async fn events(&self) -> Vec<EventMessage> {
        let waiting = self.cloud.drain(Queue::Events).await;
        waiting
            .iter()
            .map(|message| decode(&message.body).unwrap())
            .collect()
    }

    /// Removes what untracked repositories left behind.
    pub async fn clean_up(&self) {
        for message in self.cloud.drain(Queue::Cleanup).await {
            let CleanupMessage::Repository {
                organization_id,
                repository_id,
                hook_id,
                ..
            } = decode(&message.body).unwrap();
            for _step in 0..100 {
                let left = self
                    .store
                    .remove_repository_step(organization_id, repository_id, hook_id)
                    .await
                    .unwrap();
                if left == Remaining::Nothing {
                    break;
                }
            }
        }
    }

    /// How many items lie in a partition.
    pub async fn items_in(&self, partition: String) -> usize {
        let found = aws_sdk_dynamodb::Client::new(self.cloud.config())
            .query()
            .table_name(self.cloud.table())
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(
                ":pk",
                aws_sdk_dynamodb::types::AttributeValue::S(partition),
            )
            .send()
            .await
            .unwrap();
        found.items().len()
    }
}

fn moments() -> Moments {
    Moments::new(Timestamp::now, || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        u128::from_ne_bytes(bytes)
    })
}
