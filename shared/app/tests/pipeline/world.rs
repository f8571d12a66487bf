//! One tracked repository, and the verbs its stories are told with.

use std::time::Duration;

use ampel_app::{
    budget::Budgets,
    ingest::{Delivery, Ingest, OpenHooks, Receipt, Stamps},
    moment::Moments,
    recompute::Recompute,
    refreshes::Refreshes,
    sync::Sync,
    tokens::Tokens,
    webhooks::{PublicUrl, Webhooks},
    working::Scope,
};
use ampel_cloud::{
    queues::{FifoQueue, Queues, StandardQueue},
    vault::Vault,
};
use ampel_domain::{
    ids::{HookId, OrganizationId, PullRequestNumber, RepositoryId},
    instance::AddressRules,
    light::{Light, ReasonCode},
    provider::Provider,
    repositories::OpenCounts,
};
use ampel_providers::Providers;
use ampel_store::{Store, StoredPullRequest};
use ampel_testkit::{
    aws_calls::AwsCalls,
    cloud::{Queue, TestCloud},
    github::{FakeGithub, PullStory, RepoStory, model},
};
use ampel_wire::queue::{EventMessage, SyncJob, SyncMessage, decode};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::tracked::Tracked;

/// What the provider signs deliveries with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A tracked repository at the fake GitHub, and everything between it and the table.
pub struct World {
    pub cloud: TestCloud,
    pub aws: AwsCalls,
    pub hub: FakeGithub,
    pub repo: RepoStory,
    pub store: Store,
    pub scope: Scope,
    pub hook: HookId,
    pub ingest: Ingest,
    pub recompute: Recompute,
    pub sync: Sync,
}

impl World {
    /// `acme/web`, tracked with a hook; nothing was read of it yet.
    pub async fn tracked() -> Self {
        let hub = FakeGithub::start().await.unwrap();
        let token = hub.token("octo");
        Self::tracked_with(hub, token).await
    }

    /// The same, read with this token.
    pub async fn tracked_with(hub: FakeGithub, token: String) -> Self {
        let cloud = TestCloud::start().await;
        let aws = AwsCalls::counting(cloud.endpoint()).await;
        hub.hold_deliveries();
        hub.mergeable_after(0);
        let repo = hub.repository("acme/web");
        repo.member("octo")
            .member("ada")
            .member("grace")
            .member("alan");
        let moments = moments();
        let scope = Scope {
            organization: OrganizationId::new(moments.id_seed()),
            repository: RepositoryId::new(moments.id_seed()),
        };
        let config = cloud
            .config()
            .to_builder()
            .endpoint_url(aws.endpoint())
            .build();
        let store = Store::new(aws_sdk_dynamodb::Client::new(&config), cloud.table());
        let vault = Vault::new(aws_sdk_kms::Client::new(&config), cloud.kms_key_id());
        let queues = Queues::new(aws_sdk_sqs::Client::new(&config));
        let tracked = Tracked {
            scope,
            moments: &moments,
            store: &store,
            vault: &vault,
        };
        let account = tracked.connect(&hub, &token).await;
        let hook = tracked.track(&hub, &repo, account).await;
        repo.hook("http://ampel.test/webhooks/github/hook", SECRET);
        hub.take_deliveries();
        let queue = |queue| StandardQueue::new(cloud.queue_url(queue));
        let refreshes = Refreshes {
            queues: queues.clone(),
            delays: queue(Queue::Delays),
        };
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        Self {
            ingest: Ingest {
                hooks: OpenHooks::new(store.clone(), vault.clone()),
                stamps: Stamps::new(queues.clone(), queue(Queue::HookStamps)),
                queues: queues.clone(),
                events: FifoQueue::new(cloud.queue_url(Queue::Events)),
                sync_queue: queue(Queue::Sync),
                moments: moments.clone(),
            },
            recompute: Recompute {
                store: store.clone(),
                refreshes: refreshes.clone(),
                moments: moments.clone(),
            },
            sync: Sync {
                budgets: Budgets::new(store.clone(), moments.clone()),
                store: store.clone(),
                webhooks: Webhooks {
                    store: store.clone(),
                    vault: vault.clone(),
                    public_url: PublicUrl::default(),
                    moments: moments.clone(),
                },
                providers: Providers::new(rules).unwrap(),
                tokens: Tokens {
                    store: store.clone(),
                    vault,
                },
                refreshes,
                sync_queue: queue(Queue::Sync),
                moments,
            },
            cloud,
            aws,
            hub,
            repo,
            store,
            scope,
            hook,
        }
    }

    /// Takes one delivery to the hook.
    pub async fn receive(&self, delivery: &model::Delivery) -> Receipt {
        let headers = headers(&delivery.headers);
        let body = delivery.body.as_bytes();
        self.receive_raw(&headers, body).await
    }

    /// Takes a body with these headers to the hook.
    pub async fn receive_raw(&self, headers: &HeaderMap, body: &[u8]) -> Receipt {
        let delivery = Delivery {
            provider: Provider::Github,
            hook: self.hook,
            headers,
            body,
        };
        self.ingest.receive(delivery).await.unwrap()
    }

    /// Takes all deliveries that the hub has sent, and answers them.
    pub async fn deliver(&self) -> Vec<model::Delivery> {
        let deliveries = self.hub.take_deliveries();
        for delivery in &deliveries {
            let receipt = self.receive(delivery).await;
            assert!(
                matches!(receipt, Receipt::Queued | Receipt::Ignored),
                "{receipt:?}"
            );
        }
        deliveries
    }

    /// Handles what is in `events.fifo` now.
    pub async fn handle_events(&self) {
        for message in self.cloud.drain(Queue::Events).await {
            let message: EventMessage = decode(&message.body).unwrap();
            self.recompute.apply(&message).await.unwrap();
        }
    }

    /// Handles the deliveries, and no refresh they ask for.
    pub async fn hear(&self) {
        self.deliver().await;
        self.handle_events().await;
    }

    /// Delivers and handles until nothing is left to do, refreshes included.
    pub async fn settle(&self) {
        loop {
            self.hear().await;
            // What was just changed lies in a second that is over when it is read.
            self.hub.advance(2);
            for queue in [Queue::Sync, Queue::Delays] {
                for message in self.cloud.drain(queue).await {
                    self.run(&decode(&message.body).unwrap()).await;
                }
            }
            let mut pending = 0;
            for queue in [Queue::Events, Queue::Sync, Queue::Delays] {
                pending += self.cloud.pending(queue).await;
            }
            if pending == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs a job of `sync` or `delays`.
    pub async fn run(&self, message: &SyncMessage) {
        let deadline = Timestamp::now() + SignedDuration::from_mins(2);
        self.sync.run(message, deadline).await.unwrap();
    }

    /// Reads one pull request from the provider.
    pub async fn read(&self, pull: &PullStory) {
        let number = PullRequestNumber::new(u32::try_from(pull.number()).unwrap()).unwrap();
        let job = SyncJob::PullRequest { number, attempt: 0 };
        self.run(&self.message(job)).await;
    }

    /// Reads everything from the provider.
    pub async fn sync_fully(&self) {
        self.run(&self.message(SyncJob::EVERYTHING)).await;
    }

    /// Compares fingerprints and reads what differs.
    pub async fn reconcile(&self) {
        self.run(&self.message(SyncJob::Light)).await;
        self.settle().await;
    }

    fn message(&self, job: SyncJob) -> SyncMessage {
        SyncMessage::new(self.scope.organization, self.scope.repository, job)
    }

    /// A pull request as it is stored.
    pub async fn stored(&self, pull: &PullStory) -> Option<StoredPullRequest> {
        let number = PullRequestNumber::new(u32::try_from(pull.number()).unwrap()).unwrap();
        let id = self.scope.repository.pull_request(number);
        self.store
            .pull_request(self.scope.organization, id)
            .await
            .unwrap()
    }

    /// A pull request's light and the codes of its reasons; `None` when it has none.
    pub async fn light(&self, pull: &PullStory) -> Option<(Light, Vec<ReasonCode>)> {
        let judgement = self.stored(pull).await?.judgement?;
        Some((
            judgement.light,
            judgement
                .reasons
                .into_iter()
                .map(|reason| reason.code)
                .collect(),
        ))
    }

    /// The counters of the repository.
    pub async fn counts(&self) -> OpenCounts {
        let Scope {
            organization,
            repository,
        } = self.scope;
        self.store
            .repository(organization, repository)
            .await
            .unwrap()
            .unwrap()
            .open
    }
}

/// The system's clock and randomness, as the functions have them.
pub fn moments() -> Moments {
    Moments::new(Timestamp::now, || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        u128::from_ne_bytes(bytes)
    })
}

pub fn headers(pairs: &[(String, String)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect()
}
