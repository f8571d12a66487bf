//! Merging, updating, comparing and deleting at the fake GitHub.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod fake;

use ampel_domain::{
    merging::{Comparison, Merge, Merging, Strategy},
    repositories::RepositoryFacts,
};
use ampel_providers::{GitProvider, ProviderError};
use ampel_testkit::github::{
    FakeGithub, FaultKind, Matcher, PullStory, RepoStory,
    model::{MergeMethods, Protection},
};
use fake::{client, number};

struct World {
    hub: FakeGithub,
    story: RepoStory,
    github: Box<dyn GitProvider>,
    repo: RepositoryFacts,
}

impl World {
    async fn begin() -> Self {
        let hub = FakeGithub::start().await.unwrap();
        let story = hub.repository("acme/web");
        story.member("ada").member("grace");
        let github = client(&hub, &hub.token("ada"));
        let repo = github.repository("acme", "web").await.unwrap();
        hub.take_calls();
        Self {
            hub,
            story,
            github,
            repo,
        }
    }

    fn open(&self, title: &str) -> PullStory {
        self.story.open_pull_request(title).by("ada").create()
    }

    async fn merge(&self, pull: &PullStory, wanted: &Merge) -> Result<Merging, ProviderError> {
        self.github.merge(&self.repo, number(pull), wanted).await
    }

    /// What the pull request says of a merge.
    async fn progress(&self, pull: &PullStory) -> Result<Merging, ProviderError> {
        let progress = self.github.merge_progress(&self.repo, number(pull), "none");
        progress.await
    }
}

fn at_head(pull: &PullStory, strategy: Strategy) -> Merge {
    Merge {
        head: pull.head_sha().parse().unwrap(),
        strategy,
        title: Some("Add login (#1)".to_owned()),
        message: None,
        delete_branch: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_merged_at_the_head_that_was_judged() {
    let world = World::begin().await;
    for strategy in Strategy::ALL {
        let pull = world.open(&format!("By {}", strategy.as_str()));
        let wanted = at_head(&pull, strategy);
        let refused = world.progress(&pull).await.unwrap_err();
        assert!(
            matches!(refused, ProviderError::NotMergeable { .. }),
            "{refused}"
        );
        world.hub.take_calls();
        let done = world.merge(&pull, &wanted).await.unwrap();
        let calls = world.hub.take_calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].body["merge_method"], strategy.as_str());
        assert_eq!(calls[0].body["sha"], wanted.head.as_str());
        let has_title = calls[0].body.get("commit_title").is_some();
        assert_eq!(has_title, strategy != Strategy::Rebase);
        let merged = pull.data().merged.unwrap();
        let commit = Some(merged.sha.parse().unwrap());
        assert_eq!(done, Merging::Merged { commit });
        assert_eq!(world.progress(&pull).await.unwrap(), done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_moved_is_not_merged() {
    let world = World::begin().await;
    let pull = world.open("One");
    let judged = at_head(&pull, Strategy::Merge);
    pull.push();
    let refused = world.merge(&pull, &judged).await.unwrap_err();
    assert_eq!(refused, ProviderError::HeadMoved);
    assert!(pull.data().merged.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_the_merge_is_told_from_what_forbids_the_way() {
    let world = World::begin().await;
    let conflicting = world.open("One");
    conflicting.conflict();
    let draft = world.open("Two");
    draft.to_draft();
    for pull in [&conflicting, &draft] {
        let wanted = at_head(pull, Strategy::Squash);
        let refused = world.merge(pull, &wanted).await.unwrap_err();
        assert!(
            matches!(refused, ProviderError::NotMergeable { .. }),
            "{refused}"
        );
    }
    let pull = world.open("Three");
    world.story.allow(MergeMethods {
        merge: false,
        squash: true,
        rebase: false,
    });
    for strategy in [Strategy::Merge, Strategy::Rebase] {
        let refused = world.merge(&pull, &at_head(&pull, strategy)).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, ProviderError::MethodNotAllowed { .. }),
            "{refused}"
        );
    }
    world.story.protect(
        "main",
        Protection {
            merge_queue: true,
            ..Protection::default()
        },
    );
    let wanted = at_head(&pull, Strategy::Squash);
    let refused = world.merge(&pull, &wanted).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::MethodNotAllowed { .. }),
        "{refused}"
    );
    world.story.require_approvals("main", 1);
    let refused = world.merge(&pull, &wanted).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::NotMergeable { .. }),
        "{refused}"
    );
    assert!(pull.data().merged.is_none());
    pull.approve("grace");
    world.merge(&pull, &wanted).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_an_error_and_the_merge_is_not_tried_again() {
    let world = World::begin().await;
    let pull = world.open("One");
    let merging = Matcher::path("/merge").method("PUT");
    world.hub.fail_next(merging, FaultKind::Hangup, 1);
    let wanted = at_head(&pull, Strategy::Merge);
    let lost = world.merge(&pull, &wanted).await.unwrap_err();
    assert!(matches!(lost, ProviderError::Unavailable { .. }), "{lost}");
    assert_eq!(world.hub.count_calls("PUT", "/merge"), 1);
    let progress = world.progress(&pull).await.unwrap();
    assert!(matches!(progress, Merging::Merged { commit: Some(_) }));
    let again = world.merge(&pull, &wanted).await.unwrap_err();
    assert!(
        matches!(again, ProviderError::NotMergeable { .. }),
        "{again}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_push_is_told_what_it_takes() {
    let world = World::begin().await;
    let pull = world.open("One");
    let outsider = client(&world.hub, &world.hub.token("eve"));
    let wanted = at_head(&pull, Strategy::Merge);
    let refused = outsider.merge(&world.repo, number(&pull), &wanted).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, ProviderError::Permission { .. }), "{error}");
    assert!(error.user_message().contains("Contents"));
    let refused = outsider.delete_branch(&world.repo, "main").await;
    assert!(matches!(refused, Err(ProviderError::Permission { .. })));
    assert!(pull.data().merged.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_given_away_does_not_lead_to_another_repository() {
    let world = World::begin().await;
    let pull = world.open("One");
    world.story.rename("site");
    let other = world.hub.repository("acme/web");
    other.member("ada");
    let stranger = other.open_pull_request("Not this one").by("ada").create();
    assert_eq!(stranger.number(), pull.number());
    let wanted = at_head(&pull, Strategy::Merge);
    world.merge(&pull, &wanted).await.unwrap();
    assert!(pull.data().merged.is_some());
    assert!(stranger.data().merged.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_brought_up_to_date_once() {
    let world = World::begin().await;
    let pull = world.open("One");
    world.story.push("main", "ada", "other.rs");
    let head = pull.head_sha();
    let compared = |base: &str, head: &str| {
        let (base, head) = (base.to_owned(), head.to_owned());
        let (github, repo) = (&world.github, &world.repo);
        async move { github.compare(repo, &base, &head).await }
    };
    let both = Comparison {
        ahead_by: 1,
        behind_by: 1,
    };
    assert_eq!(compared("main", &head).await.unwrap(), both);
    let wrong = "0".repeat(40).parse().unwrap();
    let update = |head| world.github.update_branch(&world.repo, number(&pull), head);
    assert_eq!(update(&wrong).await, Err(ProviderError::HeadMoved));
    assert_eq!(pull.head_sha(), head, "nothing was done");
    let judged = head.parse().unwrap();
    update(&judged).await.unwrap();
    let updated = pull.head_sha();
    assert_ne!(updated, head);
    let behind = compared("main", &updated).await.unwrap().behind_by;
    assert_eq!(behind, 0);
    let updated = updated.parse().unwrap();
    update(&updated).await.unwrap();
    assert_eq!(
        pull.head_sha(),
        updated.to_string(),
        "there was nothing to do"
    );
    pull.conflict();
    let refused = update(&updated).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::Conflict { .. }),
        "{refused}"
    );
    let unknown = compared("main", "nowhere").await.unwrap_err();
    assert_eq!(unknown, ProviderError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_deleted_unless_a_rule_keeps_it() {
    let world = World::begin().await;
    let has = |branch: &str| {
        let id = world.story.id();
        let look = |repo: &ampel_testkit::github::model::Repo| repo.head_of(branch).is_some();
        world.hub.read(|world| world.repo(id).map(look).unwrap())
    };
    world.story.branch("feature/login").branch("release");
    let delete = |branch| world.github.delete_branch(&world.repo, branch);
    delete("feature/login").await.unwrap();
    assert!(!has("feature/login") && has("release"));
    delete("feature/login").await.unwrap();
    delete("never/there").await.unwrap();
    world.story.protect("release", Protection::default());
    for kept in ["release", "main"] {
        let refused = delete(kept).await.unwrap_err();
        assert!(
            matches!(refused, ProviderError::MethodNotAllowed { .. }),
            "{refused}"
        );
        assert!(has(kept));
    }
    // A name is a name and no path.
    delete("..").await.unwrap();
    assert_eq!(world.story.full_name(), "acme/web");
}
