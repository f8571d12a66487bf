//! What the tests of the store share: a tracked repository in a cloud of its own, and a meter on
//! every call to the table.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "every test binary uses a part of it, and its helpers end a test as the test would"
)]

mod fixtures;
mod meter;

use std::collections::HashMap;

use ampel_domain::{
    ids::{IdSeed, OrganizationId, PullRequestId, PullRequestNumber, RepositoryId},
    repositories::Repository,
};
use ampel_store::{Store, StoredPullRequest, TrackRepository};
use ampel_testkit::cloud::TestCloud;
use aws_sdk_dynamodb::types::AttributeValue;

pub use fixtures::*;
pub use meter::Meter;

/// One organization that tracks one repository.
pub struct World {
    pub cloud: TestCloud,
    pub store: Store,
    pub meter: Meter,
    pub client: aws_sdk_dynamodb::Client,
    pub organization: OrganizationId,
    pub repository: RepositoryId,
    pub tracked: TrackRepository,
}

impl World {
    pub async fn start() -> Self {
        let cloud = TestCloud::start().await;
        let meter = Meter::default();
        let config = aws_sdk_dynamodb::config::Builder::from(cloud.config())
            .interceptor(meter.clone())
            .build();
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), cloud.table());
        let organization = OrganizationId::new(seed(1));
        let tracked = tracking(organization, 1, "1296269");
        store.track(tracked.clone()).await.unwrap();
        meter.reset();
        Self {
            client: aws_sdk_dynamodb::Client::new(cloud.config()),
            cloud,
            store,
            meter,
            organization,
            repository: tracked.repository.id,
            tracked,
        }
    }

    pub fn id(&self, number: u32) -> PullRequestId {
        self.repository
            .pull_request(PullRequestNumber::new(number).unwrap())
    }

    pub async fn stored(&self, number: u32) -> StoredPullRequest {
        let read = self
            .store
            .pull_request(self.organization, self.id(number))
            .await;
        read.unwrap().unwrap()
    }

    pub async fn repository(&self) -> Repository {
        let read = self
            .store
            .repository(self.organization, self.repository)
            .await;
        read.unwrap().unwrap()
    }

    /// How many items lie in the table.
    pub async fn items(&self) -> usize {
        let scan = self.client.scan().table_name(self.cloud.table());
        let pages = scan.into_paginator().items().send();
        let items: Result<Vec<_>, _> = pages.collect().await;
        items.unwrap().len()
    }
}

pub fn seed(random: u128) -> IdSeed {
    IdSeed {
        unix_millis: 1_767_225_600_000,
        random: random << 40,
    }
}

/// The table behind the store's back.
impl World {
    pub async fn remove(&self, key: &ampel_store::keys::Key) {
        let delete = self.client.delete_item().table_name(self.cloud.table());
        let delete = delete.key("pk", text(&key.pk)).key("sk", text(&key.sk));
        delete.send().await.unwrap();
    }

    pub async fn set(&self, key: &ampel_store::keys::Key, name: &str, value: AttributeValue) {
        let update = self.client.update_item().table_name(self.cloud.table());
        update
            .key("pk", text(&key.pk))
            .key("sk", text(&key.sk))
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }

    pub async fn item(&self, key: &ampel_store::keys::Key) -> HashMap<String, AttributeValue> {
        let get = self.client.get_item().table_name(self.cloud.table());
        let get = get.key("pk", text(&key.pk)).key("sk", text(&key.sk));
        get.consistent_read(true)
            .send()
            .await
            .unwrap()
            .item
            .unwrap_or_default()
    }

    pub async fn ttl(&self, key: &ampel_store::keys::Key) -> Option<i64> {
        let item = self.item(key).await;
        item.get("ttl")
            .map(|ttl| ttl.as_n().unwrap().parse().unwrap())
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
