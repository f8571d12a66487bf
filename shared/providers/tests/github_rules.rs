//! What the fake GitHub demands before something is merged, as different tokens may read it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod fake;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Fact,
    merging::{BranchRules, Strategy},
};
use ampel_providers::{GitProvider, ProviderError};
use ampel_testkit::github::{
    FakeGithub, FaultKind, Matcher, RepoStory,
    model::{Access, FineGrained, MergeMethods, Protection, RequiredCheck, Source, TokenKind},
};
use fake::client;

async fn rules(github: &dyn GitProvider, branch: &str) -> Result<BranchRules, ProviderError> {
    let repo = github.repository("acme", "web").await.unwrap();
    github.branch_rules(&repo, branch).await
}

fn strict(source: Source) -> Protection {
    Protection {
        required_checks: vec![RequiredCheck {
            context: "build".to_owned(),
            app: None,
        }],
        strict: true,
        required_approvals: 2,
        source,
        ..Protection::default()
    }
}

fn story(hub: &FakeGithub) -> RepoStory {
    let story = hub.repository("acme/web");
    story.member("ada").reader("eve");
    story
}

fn checks(names: &[&str]) -> Fact<BTreeSet<String>> {
    Fact::Known(names.iter().map(|name| (*name).to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_without_rules_demands_nothing_and_any_way_is_allowed() {
    let hub = FakeGithub::start().await.unwrap();
    story(&hub);
    for token in [hub.token("ada"), hub.token("eve")] {
        let read = rules(&*client(&hub, &token), "main").await.unwrap();
        let nothing = BranchRules {
            required_checks: checks(&[]),
            required_approvals: Fact::Known(0),
            strategies: Fact::Known(BTreeSet::from(Strategy::ALL)),
            must_be_up_to_date: Fact::Known(false),
            has_queue: Fact::Known(false),
        };
        assert_eq!(read, nothing);
    }
    let nowhere = rules(&*client(&hub, &hub.token("ada")), "nowhere").await;
    assert_eq!(nowhere, Err(ProviderError::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_administers_reads_classic_protection_and_everybody_reads_rulesets() {
    let hub = FakeGithub::start().await.unwrap();
    let story = story(&hub);
    story.allow(MergeMethods {
        merge: true,
        squash: true,
        rebase: false,
    });
    for source in [Source::Protection, Source::Ruleset] {
        story
            .branch("release/1.0")
            .protect("release/1.0", strict(source));
        let login = match source {
            Source::Protection => "ada",
            Source::Ruleset => "eve",
        };
        let github = client(&hub, &hub.token(login));
        let read = rules(&*github, "release/1.0").await.unwrap();
        assert_eq!(read.required_checks, checks(&["build"]));
        assert_eq!(read.required_approvals, Fact::Known(2));
        assert_eq!(read.must_be_up_to_date, Fact::Known(true));
        let ways = BTreeSet::from([Strategy::Merge, Strategy::Squash]);
        assert_eq!(read.strategies, Fact::Known(ways));
        assert_eq!(read.has_queue, Fact::Known(false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_may_read_of_classic_protection_is_read_and_the_rest_is_not_assumed() {
    let hub = FakeGithub::start().await.unwrap();
    let story = story(&hub);
    story.protect("main", strict(Source::Protection));
    let read = rules(&*client(&hub, &hub.token("eve")), "main").await;
    let read = read.unwrap();
    assert_eq!(read.required_checks, checks(&["build"]));
    assert_eq!(read.required_approvals, Fact::Known(2));
    assert!(matches!(read.must_be_up_to_date, Fact::Unavailable(_)));
    // GitHub tells somebody who administers it nothing by the way it tells others.
    let github = client(&hub, &hub.token_with_actions("ada"));
    let read = rules(&*github, "main").await.unwrap();
    for why in [
        reason(&read.required_checks),
        reason(&read.required_approvals),
        reason(&read.must_be_up_to_date),
        reason(&read.strategies),
    ] {
        assert!(why.contains("Administration"), "{why}");
    }
    let grants = FineGrained {
        administration: Access::Write,
        ..FineGrained::full()
    };
    let token = hub.token_with("ada", TokenKind::FineGrained(grants));
    let read = rules(&*client(&hub, &token), "main").await.unwrap();
    assert_eq!(read.must_be_up_to_date, Fact::Known(true));
}

fn reason<T>(fact: &Fact<T>) -> &str {
    match fact {
        Fact::Unavailable(why) => why,
        Fact::Known(_) | Fact::Computing => "",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn linear_history_and_a_queue_are_heeded_wherever_they_are_written_down() {
    let hub = FakeGithub::start().await.unwrap();
    let story = story(&hub);
    for source in [Source::Protection, Source::Ruleset] {
        let rule = Protection {
            linear: true,
            merge_queue: true,
            source,
            ..Protection::default()
        };
        story.protect("main", rule);
        for login in ["ada", "eve"] {
            let github = client(&hub, &hub.token(login));
            let read = rules(&*github, "main").await.unwrap();
            let ways = BTreeSet::from([Strategy::Squash, Strategy::Rebase]);
            assert_eq!(read.strategies, Fact::Known(ways), "{source:?} {login}");
            assert_eq!(read.has_queue, Fact::Known(true));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_cost_three_calls_and_a_limit_is_no_missing_rule() {
    let hub = FakeGithub::start().await.unwrap();
    story(&hub).protect("main", strict(Source::Protection));
    let github = client(&hub, &hub.token("ada"));
    let repo = github.repository("acme", "web").await.unwrap();
    hub.take_calls();
    github.branch_rules(&repo, "main").await.unwrap();
    assert_eq!(hub.take_calls().len(), 3);
    for path in ["/rules/", "/protection"] {
        let limit = FaultKind::SecondaryLimit { retry_after: 30 };
        hub.fail_next(Matcher::path(path), limit, 1);
        let limited = github.branch_rules(&repo, "main").await.unwrap_err();
        assert!(
            matches!(limited, ProviderError::RateLimited { .. }),
            "{limited}"
        );
        hub.heal();
    }
}
