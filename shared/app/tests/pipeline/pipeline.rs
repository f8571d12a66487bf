//! Everything between a provider and the table, and the verbs its stories are told with.

use std::time::Duration;

use ampel_app::{
    budget::Budgets,
    ingest::{self, Ingest, OpenHooks, Receipt, Stamps},
    moment::Moments,
    recompute::Recompute,
    refreshes::Refreshes,
    sync::{Snapshots, Sync},
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
    repositories::{OpenCounts, Repository},
};
use ampel_providers::Providers;
use ampel_store::{Store, StoredPullRequest};
use ampel_testkit::{
    aws_calls::AwsCalls,
    cloud::{Queue, TestCloud},
    fake::Delivery,
};
use ampel_wire::queue::{EventMessage, SyncJob, SyncMessage, decode};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::tracked::{Source, Tracked};

/// What the provider signs deliveries with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A tracked repository, and everything between its provider and the table.
pub struct Pipeline {
    pub provider: Provider,
    pub cloud: TestCloud,
    pub aws: AwsCalls,
    pub store: Store,
    pub scope: Scope,
    pub hook: HookId,
    pub ingest: Ingest,
    pub recompute: Recompute,
    pub sync: Sync,
}

impl Pipeline {
    /// `acme/web`, tracked with a hook; nothing was read of it yet.
    pub async fn of(source: &Source) -> Self {
        let cloud = TestCloud::start().await;
        let aws = AwsCalls::counting(cloud.endpoint()).await;
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
            source,
        };
        let account = tracked.connect().await;
        let hook = tracked.track(account).await;
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
                webhooks: Webhooks {
                    store: store.clone(),
                    vault: vault.clone(),
                    public_url: PublicUrl::default(),
                    moments: moments.clone(),
                },
                snapshots: Snapshots {
                    budgets: Budgets::new(store.clone(), moments.clone()),
                    store: store.clone(),
                    providers: Providers::new(rules).unwrap(),
                    tokens: Tokens {
                        store: store.clone(),
                        vault,
                    },
                    refreshes,
                    moments,
                },
                sync_queue: queue(Queue::Sync),
            },
            provider: source.provider,
            cloud,
            aws,
            store,
            scope,
            hook,
        }
    }

    /// Takes one delivery to the hook.
    pub async fn receive(&self, delivery: &Delivery) -> Receipt {
        let headers = headers(&delivery.headers);
        let body = delivery.body.as_bytes();
        self.receive_raw(&headers, body).await
    }

    /// Takes a body with these headers to the hook.
    pub async fn receive_raw(&self, headers: &HeaderMap, body: &[u8]) -> Receipt {
        let delivery = ingest::Delivery {
            provider: self.provider,
            hook: self.hook,
            headers,
            body,
        };
        self.ingest.receive(delivery).await.unwrap()
    }

    /// Takes deliveries, and answers them.
    pub async fn take(&self, deliveries: &[Delivery]) {
        for delivery in deliveries {
            let receipt = self.receive(delivery).await;
            assert!(
                matches!(receipt, Receipt::Queued | Receipt::Ignored),
                "{receipt:?}"
            );
        }
    }

    /// Handles what is in `events.fifo` now.
    pub async fn handle_events(&self) {
        for message in self.cloud.drain(Queue::Events).await {
            let message: EventMessage = decode(&message.body).unwrap();
            self.recompute.apply(&message).await.unwrap();
        }
    }

    /// Runs a job of `sync` or `delays`.
    pub async fn run(&self, message: &SyncMessage) {
        let deadline = Timestamp::now() + SignedDuration::from_mins(2);
        self.sync.run(message, deadline).await.unwrap();
    }

    /// Reads everything from the provider.
    pub async fn sync_fully(&self) {
        self.run(&self.message(SyncJob::EVERYTHING)).await;
    }

    /// Handles what is in `sync` and `delays` now.
    pub async fn handle_syncs(&self) {
        for queue in [Queue::Sync, Queue::Delays] {
            for message in self.cloud.drain(queue).await {
                self.run(&decode(&message.body).unwrap()).await;
            }
        }
    }

    /// Whether all queues are empty; waits a moment where they are not.
    pub async fn is_settled(&self) -> bool {
        let mut pending = 0;
        for queue in [Queue::Events, Queue::Sync, Queue::Delays] {
            pending += self.cloud.pending(queue).await;
        }
        if pending > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        pending == 0
    }

    /// Reads one pull request from the provider.
    pub async fn read_number(&self, number: u64) {
        let job = SyncJob::pull_request(numbered(number));
        self.run(&self.message(job)).await;
    }

    /// Compares fingerprints; what differs is left in the queue.
    pub async fn reconcile_lightly(&self) {
        self.run(&self.message(SyncJob::Light)).await;
    }

    fn message(&self, job: SyncJob) -> SyncMessage {
        SyncMessage::new(self.scope.organization, self.scope.repository, job)
    }

    /// A pull request as it is stored.
    pub async fn stored_number(&self, number: u64) -> Option<StoredPullRequest> {
        let id = self.scope.repository.pull_request(numbered(number));
        self.store
            .pull_request(self.scope.organization, id)
            .await
            .unwrap()
    }

    /// A pull request's light and the codes of its reasons; `None` when it has none.
    pub async fn light_of(&self, number: u64) -> Option<(Light, Vec<ReasonCode>)> {
        let judgement = self.stored_number(number).await?.judgement?;
        let reasons = judgement.reasons.into_iter();
        Some((judgement.light, reasons.map(|reason| reason.code).collect()))
    }

    /// The repository as it is stored.
    pub async fn repository(&self) -> Repository {
        let Scope {
            organization,
            repository,
        } = self.scope;
        let stored = self.store.repository(organization, repository).await;
        stored.unwrap().unwrap()
    }

    /// The counters of the repository.
    pub async fn counts(&self) -> OpenCounts {
        self.repository().await.open
    }
}

fn numbered(number: u64) -> PullRequestNumber {
    PullRequestNumber::new(u32::try_from(number).unwrap()).unwrap()
}

/// The system's clock and randomness, as the functions have them.
pub fn moments() -> Moments {
    moments_of(Timestamp::now)
}

/// This clock and the system's randomness.
pub fn moments_of(now: impl Fn() -> Timestamp + Send + std::marker::Sync + 'static) -> Moments {
    Moments::new(now, || {
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
