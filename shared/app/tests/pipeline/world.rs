//! One tracked repository at the fake GitHub, and the verbs its stories are told with.

use std::ops::Deref;

use ampel_domain::{
    light::{Light, ReasonCode},
    provider::Provider,
};
use ampel_store::StoredPullRequest;
use ampel_testkit::{
    fake::Delivery,
    github::{FakeGithub, PullStory, RepoStory},
};

pub use crate::pipeline::{SECRET, headers};
use crate::{pipeline::Pipeline, tracked::Source};

/// A tracked repository at the fake GitHub, and everything between it and the table.
pub struct World {
    pipeline: Pipeline,
    pub hub: FakeGithub,
    pub repo: RepoStory,
}

impl Deref for World {
    type Target = Pipeline;

    fn deref(&self) -> &Pipeline {
        &self.pipeline
    }
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
        hub.hold_deliveries();
        hub.mergeable_after(0);
        let repo = hub.repository("acme/web");
        repo.member("octo")
            .member("ada")
            .member("grace")
            .member("alan");
        let source = Source {
            provider: Provider::Github,
            url: hub.url(),
            repository_id: repo.id().to_string(),
            credential: token,
        };
        let pipeline = Pipeline::of(&source).await;
        repo.hook("http://ampel.test/webhooks/github/hook", SECRET);
        hub.take_deliveries();
        Self {
            pipeline,
            hub,
            repo,
        }
    }

    /// Takes all deliveries that the hub has sent, and answers them.
    pub async fn deliver(&self) -> Vec<Delivery> {
        let deliveries = self.hub.take_deliveries();
        self.take(&deliveries).await;
        deliveries
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
            self.handle_syncs().await;
            if self.is_settled().await {
                break;
            }
        }
    }

    /// Reads one pull request from the provider.
    pub async fn read(&self, pull: &PullStory) {
        self.read_number(pull.number()).await;
    }

    /// Compares fingerprints and reads what differs.
    pub async fn reconcile(&self) {
        self.reconcile_lightly().await;
        self.settle().await;
    }

    /// A pull request as it is stored.
    pub async fn stored(&self, pull: &PullStory) -> Option<StoredPullRequest> {
        self.stored_number(pull.number()).await
    }

    /// A pull request's light and the codes of its reasons; `None` when it has none.
    pub async fn light(&self, pull: &PullStory) -> Option<(Light, Vec<ReasonCode>)> {
        self.light_of(pull.number()).await
    }
}
