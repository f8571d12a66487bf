//! An organization with a member of every role, a repository, a shared account and a stranger.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use ampel_app::{
    accounts::Accounts,
    auth::{Auth, Authenticator, Passwords, SessionLifetime, TokenIssuer, TokenVerifier},
    budget::Budgets,
    moment::Moments,
    reading::{Reading, Refresh},
    refreshes::Refreshes,
    repositories::Repositories,
    sync::{Snapshots, Sync},
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
    working::Scope,
};
use ampel_cloud::{
    queues::{Queues, StandardQueue},
    signing_keys::SigningKeys,
    vault::Vault,
};
use ampel_domain::{
    ids::{OrganizationId, PullRequestNumber, RepositoryId, UserId},
    instance::AddressRules,
    tenancy::{Member, Role},
};
use ampel_providers::Providers;
use ampel_store::Store;
use ampel_testkit::{
    cloud::{Queue, TestCloud},
    github::FakeGithub,
};
use axum::{Router, body::Body};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

const KEEPER: &str = "keeper";

pub struct Fixture {
    hub: FakeGithub,
    store: Store,
    issuer: TokenIssuer,
    organization: OrganizationId,
    routers: Routers,
    tokens: BTreeMap<&'static str, String>,
    /// The shared account of the member who tracks everything.
    account: String,
    repository: String,
    pull_request: String,
    counter: AtomicU32,
    _cloud: TestCloud,
}

struct Routers {
    system: Router,
    auth: Router,
    accounts: Router,
    repositories: Router,
    pulls: Router,
    dashboard: Router,
}

impl Fixture {
    pub async fn new() -> Self {
        let (cloud, hub) = (TestCloud::start().await, FakeGithub::start().await.unwrap());
        hub.hold_deliveries();
        hub.mergeable_after(0);
        let store = Store::new(aws_sdk_dynamodb::Client::new(cloud.config()), cloud.table());
        let secrets = aws_sdk_secretsmanager::Client::new(cloud.config());
        let keys = SigningKeys::load(secrets, cloud.jwt_secret_id(), Timestamp::now());
        let keys = keys.await.unwrap();
        let issuer = TokenIssuer::new(keys.clone(), SignedDuration::from_mins(15));
        let (routers, sync) = routers(&cloud, &store, keys, issuer.clone());
        let mut fixture = Self {
            hub,
            store,
            issuer,
            organization: OrganizationId::new(moments().id_seed()),
            routers,
            tokens: BTreeMap::new(),
            account: String::new(),
            repository: String::new(),
            pull_request: String::new(),
            counter: AtomicU32::new(0),
            _cloud: cloud,
        };
        fixture.people().await;
        fixture.account = fixture.connect_shared().await;
        fixture.repository = fixture.track().await;
        fixture.pull_request = fixture.open_pull_request(&sync).await;
        fixture
    }

    async fn people(&mut self) {
        let members = [
            ("viewer", Role::Viewer),
            ("member", Role::Member),
            (KEEPER, Role::Member),
            ("admin", Role::Admin),
            ("owner", Role::Owner),
        ];
        for (name, role) in members {
            let (user, _own) = self.register(name).await;
            let (organization, now) = (self.organization, Timestamp::now());
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
            self.tokens.insert(name, token);
        }
        let (_user, own) = self.register("stranger").await;
        self.tokens.insert("stranger", own);
    }

    async fn register(&mut self, name: &'static str) -> (UserId, String) {
        let email = format!("{name}@example.org");
        let body = json!({ "email": email, "password": "long enough" }).to_string();
        let (_, registered) = self.send("POST", "/api/v1/auth/register", None, body).await;
        let token = registered["accessToken"].as_str().unwrap().to_owned();
        let (_, me) = self
            .send("GET", "/api/v1/auth/me", Some(&token), String::new())
            .await;
        (me["id"].as_str().unwrap().parse().unwrap(), token)
    }

    async fn connect_shared(&self) -> String {
        let body = json!({
            "provider": "github",
            "instanceUrl": self.hub.url(),
            "accountLabel": self.fresh(),
            "accessToken": self.hub.token(&self.fresh()),
            "shared": true,
        });
        self.made("/api/v1/accounts", 200, &body).await
    }

    async fn track(&self) -> String {
        let body =
            json!({ "accountId": self.account, "owner": "acme", "name": self.new_repository() });
        self.made("/api/v1/repositories", 201, &body).await
    }

    /// What the keeper makes; answers its id.
    async fn made(&self, path: &str, expected: u16, body: &Value) -> String {
        let token = self.tokens.get(KEEPER).map(String::as_str);
        let (status, made) = self.send("POST", path, token, body.to_string()).await;
        assert_eq!(status, expected, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    async fn open_pull_request(&self, sync: &Sync) -> String {
        let token = self.tokens.get(KEEPER).map(String::as_str);
        let path = format!("/api/v1/repositories/{}", self.repository);
        let (_, tracked) = self.send("GET", &path, token, String::new()).await;
        let repo = self.hub.repository(tracked["fullName"].as_str().unwrap());
        let pull = repo.open_pull_request("Add login").by("ada").create();
        self.hub.advance(2);
        let number = PullRequestNumber::new(u32::try_from(pull.number()).unwrap()).unwrap();
        let repository: RepositoryId = self.repository.parse().unwrap();
        let scope = Scope {
            organization: self.organization,
            repository,
        };
        let read = sync
            .run(
                &full(scope),
                Timestamp::now() + SignedDuration::from_mins(2),
            )
            .await;
        read.unwrap();
        repository.pull_request(number).to_string()
    }

    fn fresh(&self) -> String {
        format!("fresh-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    fn new_repository(&self) -> String {
        let name = self.fresh();
        self.hub.repository(&format!("acme/{name}"));
        name
    }

    /// Calls a route of the matrix; what is deleted is made for the call.
    pub async fn call(&self, who: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let delete = method == "DELETE";
        let id = match (path.contains("/accounts/"), delete) {
            (true, false) => self.account.clone(),
            (true, true) => self.connect_shared().await,
            (false, false) => self.repository.clone(),
            (false, true) if path.contains("{id}") => self.track().await,
            (false, true) => String::new(),
        };
        let path = path
            .replace("{id}", &id)
            .replace("{prId}", &self.pull_request)
            .replace("{account}", &self.account);
        let mut body = body
            .replace("{hub}", &self.hub.url())
            .replace("{account}", &self.account)
            .replace("{organization}", &self.organization.to_string());
        if body.contains("{token}") {
            body = body.replace("{token}", &self.hub.token(&self.fresh()));
        }
        if body.contains("{repository}") {
            body = body.replace("{repository}", &self.new_repository());
        }
        let body = body.replace("{fresh}", &self.fresh());
        let token = self.tokens.get(who).map(String::as_str);
        let (status, answer) = self.send(method, &path, token, body).await;
        (
            status,
            answer["detail"].as_str().unwrap_or_default().to_owned(),
        )
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: String,
    ) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self
            .routers
            .of(path)
            .clone()
            .oneshot(request)
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

impl Routers {
    /// The function that the gateway's routes lead to.
    fn of(&self, path: &str) -> &Router {
        if path.contains("/pull-requests") {
            &self.pulls
        } else if path.contains("/repositories") {
            &self.repositories
        } else if path.contains("/dashboard") {
            &self.dashboard
        } else if path.contains("/accounts") {
            &self.accounts
        } else if path.contains("/auth") {
            &self.auth
        } else {
            &self.system
        }
    }
}

fn routers(
    cloud: &TestCloud,
    store: &Store,
    keys: SigningKeys,
    issuer: TokenIssuer,
) -> (Routers, Sync) {
    let moments = moments();
    let authenticator =
        Authenticator::new(TokenVerifier::new(keys), store.clone(), moments.clone());
    let vault = Vault::new(aws_sdk_kms::Client::new(cloud.config()), cloud.kms_key_id());
    let queues = Queues::new(aws_sdk_sqs::Client::new(cloud.config()));
    let queue = |queue| StandardQueue::new(cloud.queue_url(queue));
    let rules = AddressRules {
        allow_loopback: true,
        ..AddressRules::default()
    };
    let providers = Providers::new(rules.clone()).unwrap();
    let webhooks = Webhooks {
        store: store.clone(),
        vault: vault.clone(),
        public_url: PublicUrl::new(Some("http://ampel.test".to_owned())),
        moments: moments.clone(),
    };
    let tokens = Tokens {
        store: store.clone(),
        vault: vault.clone(),
    };
    let snapshots = Snapshots {
        budgets: Budgets::new(store.clone(), moments.clone()),
        store: store.clone(),
        providers: providers.clone(),
        tokens: tokens.clone(),
        refreshes: Refreshes {
            queues: queues.clone(),
            delays: queue(Queue::Delays),
        },
        moments: moments.clone(),
    };
    let sync = Sync {
        snapshots: snapshots.clone(),
        sync_queue: queue(Queue::Sync),
        webhooks: webhooks.clone(),
    };
    let reading = Reading {
        store: store.clone(),
    };
    let routers = Routers {
        system: ampel_api_system::router(ampel_api_system::Context {
            store: store.clone(),
        }),
        auth: ampel_api_auth::router(ampel_api_auth::Context {
            authenticator: authenticator.clone(),
            auth: Auth {
                store: store.clone(),
                issuer,
                passwords: Passwords::default(),
                session_lifetime: SessionLifetime(SignedDuration::from_hours(1)),
                moments: moments.clone(),
            },
            cookies: ampel_api_auth::CookieRules {
                secure: false,
                origins: Vec::new(),
            },
        }),
        accounts: ampel_api_accounts::router(ampel_api_accounts::Context {
            authenticator: authenticator.clone(),
            accounts: Accounts {
                budgets: Budgets::new(store.clone(), moments.clone()),
                store: store.clone(),
                vault,
                providers: providers.clone(),
                rules,
                moments: moments.clone(),
            },
        }),
        repositories: ampel_api_repositories::router(ampel_api_repositories::Context {
            authenticator: authenticator.clone(),
            repositories: Repositories {
                budgets: Budgets::new(store.clone(), moments.clone()),
                store: store.clone(),
                providers,
                tokens,
                queues,
                sync_queue: queue(Queue::Sync),
                cleanup_queue: queue(Queue::Cleanup),
                webhooks,
                moments,
            },
        }),
        pulls: ampel_api_pulls::router(ampel_api_pulls::Context {
            authenticator: authenticator.clone(),
            reading: reading.clone(),
            refresh: Refresh {
                reading: reading.clone(),
                snapshots,
            },
        }),
        dashboard: ampel_api_dashboard::router(ampel_api_dashboard::Context {
            authenticator,
            reading,
        }),
    };
    (routers, sync)
}

fn full(scope: Scope) -> ampel_wire::queue::SyncMessage {
    ampel_wire::queue::SyncMessage::new(
        scope.organization,
        scope.repository,
        ampel_wire::queue::SyncJob::EVERYTHING,
    )
}

fn moments() -> Moments {
    Moments::new(Timestamp::now, || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        u128::from_ne_bytes(bytes)
    })
}
