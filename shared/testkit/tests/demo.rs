//! The demo's worlds are what the scripts promise, and they live without stumbling.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::{BTreeMap, BTreeSet};

use ampel_testkit::demo::{
    At, DemoWorld, Opinion, Plot, PullPlan, PullSeen, Stand, Standing, StateFile, seed, step,
};
use ampel_testkit::fake::{Fake, Problem};
use ampel_testkit::{bitbucket, gitea, github, gitlab};
use serde_json::{Value, json};

/// Every open pull request, with its repository's name.
fn open<W: DemoWorld>(world: &W) -> Vec<(String, At)> {
    let repos = world.repositories().into_iter();
    repos
        .flat_map(|repo| {
            let numbers = repo.open.clone().into_iter();
            let places = numbers.map(move |number| At {
                repo: repo.id,
                number,
            });
            let name = repo.full_name.clone();
            places.map(move |at| (name.clone(), at))
        })
        .collect()
}

/// What people tell lights apart by, as counts.
fn kinds<W: DemoWorld>(world: &W) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for (_, at) in open(world) {
        let pull = world.look_at(at).unwrap();
        let fails = |standing: Standing| standing.is_over() && !standing.passes();
        let stands = |wanted: &dyn Fn(Standing) -> bool| {
            pull.checks.iter().any(|check| wanted(check.standing))
        };
        let traits = [
            ("draft", pull.draft),
            ("conflict", world.in_conflict(at).unwrap()),
            ("failing", stands(&fails)),
            ("running", stands(&|standing| !standing.is_over())),
            ("objected", !pull.objectors.is_empty()),
            (
                "ready",
                world.would_merge(at).unwrap() && !pull.approvers.is_empty(),
            ),
            ("open", true),
        ];
        for (kind, holds) in traits {
            *kinds.entry(kind).or_default() += usize::from(holds);
        }
    }
    kinds
}

fn is_mixed<W: DemoWorld>(pulls: usize) {
    let world: W = seed().unwrap();
    let kinds = kinds(&world);
    assert_eq!(kinds["open"], pulls, "{}: {kinds:?}", W::NAME);
    for kind in [
        "draft", "conflict", "failing", "running", "objected", "ready",
    ] {
        assert!(kinds[kind] > 0, "{} has none {kind}: {kinds:?}", W::NAME);
    }
    let founded: BTreeSet<String> = world
        .repositories()
        .into_iter()
        .map(|repo| repo.full_name)
        .collect();
    let owner = W::ORGANIZATION.owner;
    let wanted = W::ORGANIZATION.repositories.iter();
    let wanted: BTreeSet<String> = wanted
        .map(|repo| format!("{owner}/{}", repo.name))
        .collect();
    assert_eq!(founded, wanted, "{}", W::NAME);
}

#[test]
fn every_provider_shows_pull_requests_in_every_state() {
    is_mixed::<github::World>(60);
    is_mixed::<gitlab::World>(14);
    is_mixed::<bitbucket::World>(13);
    is_mixed::<gitea::World>(13);
}

#[test]
fn no_repository_is_at_two_providers() {
    let names = [
        github::World::ORGANIZATION,
        gitlab::World::ORGANIZATION,
        bitbucket::World::ORGANIZATION,
        gitea::World::ORGANIZATION,
    ];
    let names = names.iter().flat_map(|own| own.repositories);
    let all: Vec<&str> = names.map(|repo| repo.name).collect();
    let different: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(all.len(), different.len(), "{all:?}");
}

#[test]
fn the_large_organization_is_blocked_behind_and_unstable_too() {
    let world: github::World = seed().unwrap();
    let states: BTreeSet<&str> = world
        .repos
        .values()
        .flat_map(|repo| repo.pulls.values().map(move |pull| (repo, pull)))
        .filter(|(_, pull)| pull.is_open())
        .map(|(repo, pull)| world.merge_state(repo, pull))
        .collect();
    for state in ["CLEAN", "DIRTY", "DRAFT", "BLOCKED", "UNSTABLE", "BEHIND"] {
        assert!(states.contains(state), "{states:?}");
    }
}

fn stays_in_bounds<W: DemoWorld>(steps: usize, at_most: usize) {
    let mut world: W = seed().unwrap();
    for _ in 0..steps {
        step(&mut world).unwrap();
    }
    let aim = W::ORGANIZATION.aim;
    let archived = W::ORGANIZATION.repositories.iter();
    let archived: BTreeSet<&str> = archived
        .filter(|repo| repo.archived)
        .map(|repo| repo.name)
        .collect();
    let living = open(&world)
        .into_iter()
        .filter(|(name, _)| !archived.contains(name.rsplit('/').next().unwrap()))
        .count();
    let least = aim.saturating_sub(6);
    assert!(
        (least..=at_most).contains(&living),
        "{}: {living} are open",
        W::NAME
    );
}

#[test]
fn a_long_life_stays_in_bounds() {
    stays_in_bounds::<github::World>(400, 58);
    stays_in_bounds::<gitlab::World>(400, 16);
    stays_in_bounds::<bitbucket::World>(400, 15);
    stays_in_bounds::<gitea::World>(400, 15);
}

/// A provider with one repository, driven by the words of the control API, as `scripts/demo` says
/// them.
struct Driven<W> {
    fake: Fake<W>,
    repo: u64,
    name: &'static str,
}

impl<W: DemoWorld> Driven<W> {
    fn new() -> Self {
        let fake = Fake::<W>::in_process();
        let repo = &W::ORGANIZATION.repositories[0];
        let found = fake.change(|world| world.found(W::ORGANIZATION.owner, repo));
        Self {
            repo: found.unwrap(),
            fake,
            name: repo.name,
        }
    }

    fn full_name(&self, number: u64) -> String {
        format!("{}/{}{}{number}", W::ORGANIZATION.owner, self.name, W::MARK)
    }

    fn try_to(&self, verb: &str, number: u64) -> Result<String, Problem> {
        let order = json!({
            "repo": self.name,
            "verb": verb,
            "number": number,
            "title": "Try blue",
        });
        self.fake.change(|world| world.obey(&order))
    }

    fn tell(&self, verb: &str, number: u64) -> String {
        self.try_to(verb, number).unwrap()
    }

    fn seen(&self, number: u64) -> PullSeen {
        let repo = self.repo;
        let look = |world: &W| world.look_at(At { repo, number });
        self.fake.read(look).unwrap()
    }

    /// What `scripts/demo list` gets of the oldest open pull request.
    fn shown(&self) -> Value {
        let shown = self.fake.read(|world| world.overview());
        shown["repositories"][0]["pulls"][0].clone()
    }
}

fn obeys<W: DemoWorld>() {
    let driven = Driven::<W>::new();
    let name = driven.full_name(1);
    assert_eq!(driven.tell("open", 0), format!("opened {name}: Try blue"));
    assert_eq!(driven.tell("fail", 1), format!("ci/build failed on {name}"));
    assert_eq!(driven.seen(1).checks[0].standing, Standing::Failed);
    assert!(driven.tell("push", 1).ends_with(&name));
    let checks = driven.seen(1).checks;
    assert!(checks.is_empty(), "the new head knows no check");
    driven.tell("run", 1);
    assert_eq!(driven.seen(1).checks[0].standing, Standing::Running);
    driven.tell("pass", 1);
    assert_eq!(driven.tell("approve", 1), format!("grace approved {name}"));
    assert_eq!(driven.seen(1).approvers, ["grace"]);
    let said = driven.tell("withdraw", 1);
    assert_eq!(said, format!("grace no longer approves {name}"));
    assert!(driven.seen(1).approvers.is_empty());
    driven.tell("request-changes", 1);
    assert_eq!(driven.seen(1).objectors, ["grace"]);
    driven.tell("comment", 1);
    driven.tell("approve", 1);
    assert!(driven.seen(1).objectors.is_empty());
    driven.tell("draft", 1);
    assert!(driven.seen(1).draft);
    driven.tell("ready", 1);
    let shown = driven.shown();
    assert_eq!(shown["checks"], "passed");
    assert_eq!(shown["review"], "approved");
    assert_eq!(shown["conflict"], false);
    assert_eq!(driven.tell("merge", 1), format!("{name} is merged"));
    assert_eq!(driven.shown(), Value::Null);
}

fn refuses<W: DemoWorld>(reopens: bool) {
    let driven = Driven::<W>::new();
    driven.tell("open", 0);
    driven.tell("conflict", 1);
    assert_eq!(driven.shown()["conflict"], true);
    driven.try_to("merge", 1).unwrap_err();
    driven.try_to("withdraw", 1).unwrap_err();
    driven.try_to("dance", 1).unwrap_err();
    driven.try_to("push", 2).unwrap_err();
    assert_eq!(driven.shown()["title"], "Try blue");
    driven.tell("close", 1);
    assert_eq!(driven.shown(), Value::Null);
    assert_eq!(driven.try_to("reopen", 1).is_ok(), reopens, "{}", W::NAME);
}

#[test]
fn every_provider_takes_the_same_orders() {
    obeys::<github::World>();
    obeys::<gitlab::World>();
    obeys::<bitbucket::World>();
    obeys::<gitea::World>();
}

#[test]
fn every_provider_says_what_it_can_not_do() {
    refuses::<github::World>(true);
    refuses::<gitlab::World>(true);
    refuses::<bitbucket::World>(false);
    refuses::<gitea::World>(true);
}

async fn survives<W: DemoWorld>() {
    let folder =
        std::env::temp_dir().join(format!("ampel-demo-{}-{}", W::NAME, std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let plot = Plot {
        demo: true,
        pace: None,
    };
    let first = Stand::open::<W>(address, &folder, plot).await.unwrap();
    first.close().unwrap();
    let file = StateFile::<W>::in_folder(&folder);
    let mut saved = file.load().unwrap().unwrap();
    let repo = saved.repositories()[0].id;
    let plan = PullPlan {
        repo,
        title: "Come back".to_owned(),
        author: "noah".to_owned(),
        ..PullPlan::default()
    };
    let at = saved.open(plan).unwrap();
    saved.review(at, "yuki", Opinion::Approves).unwrap();
    let fake = Fake::start_with(saved, address).await.unwrap();
    file.save(&fake).unwrap();
    let again = file.load().unwrap().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(again.look_at(at).unwrap().title, "Come back");
    assert_eq!(
        serde_json::to_value(&again).unwrap(),
        fake.read(|world| serde_json::to_value(world).unwrap())
    );
}

#[tokio::test]
async fn they_survive_a_restart() {
    survives::<github::World>().await;
    survives::<gitlab::World>().await;
    survives::<bitbucket::World>().await;
    survives::<gitea::World>().await;
}

/// What the demo's token sees of the repositories.
fn visible<W: DemoWorld>(path: &str, name: &str) -> BTreeSet<String> {
    let fake = Fake::<W>::in_process();
    fake.change(|world| {
        *world = seed()?;
        Ok(())
    })
    .unwrap();
    let answer = fake.get(W::ORGANIZATION.token, path).unwrap();
    assert_eq!(answer.status, 200, "{}", W::NAME);
    let body = answer.body.unwrap();
    let list = body.get("values").unwrap_or(&body);
    let list = list.as_array().unwrap().iter();
    list.map(|repo| repo[name].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_token_opens_all_repositories() {
    let hub = visible::<github::World>("/user/repos?per_page=100", "full_name");
    assert_eq!(hub.len(), 6);
    let gitlab = visible::<gitlab::World>(
        "/api/v4/projects?membership=true&per_page=100",
        "path_with_namespace",
    );
    assert_eq!(gitlab.len(), 3, "{gitlab:?}");
    let bitbucket =
        visible::<bitbucket::World>("/repositories/harbor-mobile?role=member", "full_name");
    assert_eq!(bitbucket.len(), 3, "{bitbucket:?}");
    let gitea = visible::<gitea::World>("/user/repos?limit=50", "full_name");
    assert_eq!(gitea.len(), 3, "{gitea:?}");
}
