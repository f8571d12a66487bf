//! What only Gitea and Forgejo do.

use ampel_domain::{
    light::{Light, ReasonCode},
    provider::Provider,
};
use ampel_testkit::{
    cloud::Queue,
    gitea::{FakeGitea, PullStory, RepoStory},
};
use ampel_wire::queue::{SyncJob, SyncMessage};

use crate::{pipeline::Pipeline, tracked::Source};

/// `acme/web` at the fake Gitea, tracked without a hook.
struct Web {
    pipeline: Pipeline,
    hub: FakeGitea,
    repo: RepoStory,
}

impl Web {
    async fn tracked() -> Self {
        let hub = FakeGitea::start().await.unwrap();
        let repo = hub.repository("acme/web");
        repo.member("octo").member("ada").member("grace");
        let source = Source {
            provider: Provider::Gitea,
            url: hub.url(),
            repository_id: repo.id().to_string(),
            credential: hub.token("octo"),
        };
        let pipeline = Pipeline::of(&source).await;
        Self {
            pipeline,
            hub,
            repo,
        }
    }

    fn ready(&self, title: &str) -> PullStory {
        let pull = self.repo.open_pull_request(title).by("ada").create();
        pull.approve("grace");
        pull.check("build").succeeds();
        pull
    }

    /// Reads everything; answers how often a pull request was read by its number.
    async fn sync_fully(&self) -> usize {
        self.hub.advance(2);
        self.hub.take_calls();
        self.pipeline.sync_fully().await;
        let calls = self.hub.take_calls();
        let by_number = |path: &str| path.rsplit_once("/pulls/").map(|(_, rest)| rest.to_owned());
        calls
            .iter()
            .filter_map(|call| by_number(&call.path))
            .filter(|rest| !rest.contains('/'))
            .count()
    }

    async fn light(&self, pull: &PullStory) -> (Light, Vec<ReasonCode>) {
        self.pipeline.light_of(pull.number()).await.unwrap()
    }

    async fn last_error(&self) -> Option<String> {
        let repository = self.pipeline.scope.repository;
        let state = self.pipeline.store.sync_state(repository).await.unwrap();
        state.last_error
    }

    async fn asked_again(&self) -> u64 {
        self.pipeline.cloud.pending(Queue::Delays).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_pull_request_takes_nothing_from_the_others() {
    let web = Web::tracked().await;
    let (odd, other) = (web.ready("Odd"), web.ready("Other"));
    web.hub.settle();
    web.sync_fully().await;
    assert_eq!(web.light(&odd).await.0, Light::Green);
    let head = odd.head_sha();

    odd.lose_head();
    other.retitle("Still read");
    web.hub.settle();
    assert_eq!(web.sync_fully().await, 1, "the odd one is looked at");
    let (light, reasons) = web.light(&odd).await;
    assert_eq!(light, Light::Yellow);
    assert!(reasons.contains(&ReasonCode::ReviewsUnavailable));
    let stored = web.pipeline.stored_number(other.number()).await.unwrap();
    assert_eq!(stored.pull_request.title.shown(), "Still read");
    assert_eq!(web.light(&other).await.0, Light::Green);
    assert_eq!(web.last_error().await, None);

    odd.force_push_back(&head);
    web.hub.settle();
    web.sync_fully().await;
    assert_eq!(web.light(&odd).await.0, Light::Green);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_conflicts_are_asked_for_again_only_when_they_are_news() {
    let web = Web::tracked().await;
    let draft = web.ready("WIP: later");
    let conflicting = web.ready("Conflicting");
    conflicting.conflict();
    let other = web.ready("Other");
    web.hub.settle();
    assert_eq!(web.sync_fully().await, 0);
    assert_eq!(web.asked_again().await, 1, "the conflict may be a trial");
    let (light, reasons) = web.light(&draft).await;
    assert_eq!(
        (light, &reasons[..]),
        (Light::Yellow, &[ReasonCode::Draft][..])
    );
    let (light, reasons) = web.light(&conflicting).await;
    let held = &[ReasonCode::MergeHeld][..];
    assert_eq!((light, &reasons[..]), (Light::Yellow, held));

    assert_eq!(web.sync_fully().await, 0);
    assert_eq!(web.asked_again().await, 1, "nothing is new");
    // Whose heads moved lately is asked for its checks.
    web.hub.advance(31 * 60);
    web.pipeline.reconcile_lightly().await;
    assert_eq!(web.pipeline.cloud.pending(Queue::Sync).await, 0);

    // A base that moved unheard may end the conflict, once somebody looks.
    web.repo.push("main");
    web.hub.settle();
    web.sync_fully().await;
    assert_eq!(web.asked_again().await, 2, "the conflict is looked at once");
    assert_eq!(web.light(&other).await.0, Light::Green);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_began_to_be_held_is_asked_for_to_the_end() {
    let web = Web::tracked().await;
    let pull = web.ready("Conflicting");
    web.hub.settle();
    web.sync_fully().await;
    pull.conflict();
    web.hub.settle();
    web.sync_fully().await;
    assert_eq!(web.asked_again().await, 1);
    let number = u32::try_from(pull.number()).unwrap().try_into().unwrap();
    let scope = web.pipeline.scope;
    let read = async |attempt| {
        let job = SyncJob::PullRequest {
            number,
            attempt,
            unread_since: None,
        };
        let message = SyncMessage::new(scope.organization, scope.repository, job);
        web.hub.advance(2);
        web.pipeline.run(&message).await;
        web.asked_again().await
    };
    assert_eq!(read(1).await, 2, "a chain goes on");
    assert_eq!(read(2).await, 3);
    assert_eq!(read(3).await, 3, "and ends");
    assert_eq!(read(0).await, 3, "what is no news begins none");
}
