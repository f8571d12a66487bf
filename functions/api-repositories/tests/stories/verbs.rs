//! What a world does: requests, deliveries and the work of the queues' readers.

use std::time::Duration;

use ampel_app::ingest::{Delivery, Ingest, OpenHooks, Receipt, Stamps};
use ampel_cloud::queues::{FifoQueue, StandardQueue};
use ampel_domain::{ids::HookId, provider::Provider};
use ampel_store::Remaining;
use ampel_testkit::{cloud::Queue, github::model};
use ampel_wire::queue::{CleanupMessage, EventMessage, SyncMessage, decode};
use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tower::ServiceExt;

use crate::world::{Answer, Person, World};

impl World {
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
        for _round in 0..100 {
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
