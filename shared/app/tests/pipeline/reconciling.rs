//! What a reconcile reads, and what it does not read twice.

use std::time::Duration;

use ampel_domain::{light::Light, provider::Provider, repositories::RepositoryStatus};
use ampel_testkit::{
    cloud::Queue,
    fake::{FaultKind, Matcher},
    gitea::{FakeGitea, RepoStory},
};
use ampel_wire::queue::{SyncJob, SyncMessage, decode};

use crate::{
    pipeline::{Pipeline, SECRET, moments_of},
    tracked::Source,
    world::World,
};

/// A provider without GraphQL: what is read of it is read pull request by pull request.
struct AtGitea {
    pipeline: Pipeline,
    hub: FakeGitea,
    repo: RepoStory,
}

impl AtGitea {
    async fn tracked() -> Self {
        let hub = FakeGitea::start().await.unwrap();
        hub.hold_deliveries();
        hub.mergeable_after(0);
        let repo = hub.repository("acme/web");
        for login in ["octo", "ada", "grace"] {
            repo.member(login);
        }
        let source = Source {
            provider: Provider::Gitea,
            url: hub.url(),
            repository_id: repo.id().to_string(),
            credential: hub.token("octo"),
        };
        let mut pipeline = Pipeline::of(&source).await;
        let there = hub.clone();
        // Deliveries are received when they were sent.
        pipeline.ingest.moments = moments_of(move || there.now());
        repo.hook("http://ampel.test/webhooks/gitea/hook", SECRET);
        hub.take_deliveries();
        Self {
            pipeline,
            hub,
            repo,
        }
    }

    /// Opens this many pull requests that are ready to merge.
    fn open(&self, many: usize) {
        for n in 0..many {
            let title = format!("Change {n}");
            let pull = self.repo.open_pull_request(&title).by("ada").create();
            pull.check("build").succeeds();
            pull.approve("grace");
        }
        self.hub.take_deliveries();
        self.hub.advance(2);
    }

    async fn settle(&self) {
        loop {
            self.hub.advance(2);
            self.pipeline.handle_syncs().await;
            if self.pipeline.is_settled().await {
                break;
            }
        }
    }

    async fn waiting(&self, queue: Queue) -> Vec<SyncJob> {
        let patience = Duration::from_secs(20);
        let messages = self.pipeline.cloud.drain_at_least(queue, 1, patience);
        let jobs = messages.await.into_iter();
        jobs.map(|message| decode::<SyncMessage>(&message.body).unwrap().job)
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_graphql_many_differences_are_read_one_by_one() {
    let at = AtGitea::tracked().await;
    at.open(12);
    at.pipeline.sync_fully().await;
    at.settle().await;
    for number in 1..=8 {
        at.repo.pull(number).retitle("Another title");
    }
    at.hub.take_deliveries();
    at.hub.advance(2);
    at.pipeline.reconcile_lightly().await;
    let jobs = at.waiting(Queue::Sync).await;
    let asked = |job: &SyncJob| {
        matches!(
            job,
            SyncJob::PullRequest {
                unread_since: Some(_),
                ..
            }
        )
    };
    assert_eq!(jobs.len(), 8, "{jobs:?}");
    assert!(jobs.iter().all(asked), "{jobs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_reconciles_ask_for_is_read_once() {
    let at = AtGitea::tracked().await;
    at.open(7);
    at.pipeline.sync_fully().await;
    at.settle().await;
    for number in 1..=6 {
        at.repo.pull(number).retitle("Another title");
    }
    at.hub.take_deliveries();
    at.hub.advance(2);
    // The second one finds the first one's jobs still waiting.
    at.pipeline.reconcile_lightly().await;
    at.pipeline.reconcile_lightly().await;
    at.hub.advance(2);
    at.hub.take_calls();
    at.settle().await;
    let calls = at.hub.take_calls();
    let reads = calls
        .iter()
        .filter(|call| call.path.ends_with("/pulls/3") && call.method == "GET");
    assert_eq!(reads.count(), 1);
    let stored = at.pipeline.stored_number(3).await.unwrap();
    assert_eq!(*stored.pull_request.title.shown(), "Another title");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_the_base_of_many_is_followed_by_one_comparison() {
    let at = AtGitea::tracked().await;
    at.open(7);
    at.pipeline.sync_fully().await;
    at.settle().await;
    for _push in 0..3 {
        at.repo.push("main");
    }
    let deliveries = at.hub.take_deliveries();
    at.pipeline.take(&deliveries).await;
    at.pipeline.handle_events().await;
    assert_eq!(at.pipeline.counts().await.green, 0);
    let jobs = at.waiting(Queue::Delays).await;
    assert!(jobs.iter().all(|job| *job == SyncJob::Light), "{jobs:?}");
    assert!(jobs.len() < 3, "not one for each push: {jobs:?}");
    at.pipeline.reconcile_lightly().await;
    at.settle().await;
    assert_eq!(at.pipeline.counts().await.green, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_deleted_unheard_is_lost_by_the_next_light_reconcile() {
    let at = AtGitea::tracked().await;
    at.open(1);
    at.pipeline.sync_fully().await;
    at.settle().await;
    assert_eq!(at.pipeline.light_of(1).await.unwrap().0, Light::Green);
    at.repo.delete();
    at.hub.take_deliveries();
    at.hub.advance(2);
    at.pipeline.reconcile_lightly().await;
    at.settle().await;
    let repository = at.pipeline.repository().await;
    assert_eq!(repository.status, RepositoryStatus::Gone);
    assert_eq!(repository.open.green, 0);
    assert_eq!(at.pipeline.light_of(1).await.unwrap().0, Light::Yellow);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_in_the_middle_of_a_full_read_loses_no_page_that_was_read() {
    let at = AtGitea::tracked().await;
    at.open(60);
    let beyond_a_page = Matcher::path("/pulls/55/reviews");
    let limit = FaultKind::TooManyRequests { retry_after: 1 };
    at.hub.fail_next(beyond_a_page, limit, 1);
    at.pipeline.sync_fully().await;
    let stored = at.pipeline.counts().await.green;
    assert!((1..60).contains(&stored), "{stored}");
    at.hub.take_calls();
    at.settle().await;
    let calls = at.hub.take_calls();
    assert!(
        !calls
            .iter()
            .any(|call| call.path.ends_with("/pulls/1/reviews"))
    );
    assert_eq!(at.pipeline.counts().await.green, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_goes_on_under_the_new_name_though_the_old_one_was_given_away() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    pull.approve("grace");
    world.settle().await;
    world.repo.rename("site");
    let other = world.hub.repository("acme/web");
    other.member("octo").member("ada");
    other.open_pull_request("Not ours").by("ada").create();
    other
        .open_pull_request("Not ours either")
        .by("ada")
        .create();
    pull.check("build").fails();
    world.hub.take_deliveries();
    world.hub.advance(2);
    world.sync_fully().await;
    assert_eq!(world.repository().await.facts.name, "site");
    assert_eq!(world.light(&pull).await.unwrap().0, Light::Red);
    assert!(world.stored_number(2).await.is_none());
    let state = world
        .store
        .sync_state(world.scope.repository)
        .await
        .unwrap();
    assert_eq!(state.last_error, None);
}
