//! Processes that share one account: this test binary runs itself, as often as a story needs.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use ampel_app::{
    budget::{Budgets, Payer},
    moment::Moments,
};
use ampel_domain::{
    budget::Priority,
    ids::{AccountId, IdSeed, OrganizationId},
    instance::AddressRules,
    provider::{Provider, ProviderRepositoryId},
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{ProviderError, Providers};
use ampel_store::Store;
use ampel_testkit::cloud::TestCloud;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::counting::Counting;

/// The variable that makes a process a worker.
const WORK: &str = "AMPEL_TEST_WORK";

/// What a busy machine may hold up one request more than the one after it. Places themselves are
/// a second apart to the millisecond, which other tests assert.
const HELD_UP: Duration = Duration::from_millis(400);

/// What a process is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Task {
    /// Read until nothing is left for people, merges or reconciles.
    ReadFor(Urgency),
    /// Write so many times, however long it takes.
    Write(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Urgency {
    Person,
    Merge,
    Reconcile,
}

impl Urgency {
    fn priority(self) -> Priority {
        match self {
            Self::Person => Priority::Interactive,
            Self::Merge => Priority::Merge,
            Self::Reconcile => Priority::Reconcile,
        }
    }
}

/// Everything a worker is told.
#[derive(Debug, Serialize, Deserialize)]
struct Work {
    name: String,
    task: Task,
    provider: String,
    organization: OrganizationId,
    account: AccountId,
}

/// No story of its own: what a process does that was started to be a worker.
#[tokio::test]
async fn worker() {
    let Ok(work) = std::env::var(WORK) else {
        return;
    };
    let work: Work = serde_json::from_str(&work).unwrap();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_dynamodb::Client::new(&config);
    let store = Store::new(client, std::env::var("TABLE_NAME").unwrap());
    let rules = AddressRules {
        allow_loopback: true,
        ..AddressRules::default()
    };
    let instance = rules.check_instance(&work.provider).unwrap();
    let payer = Payer {
        organization: work.organization,
        account: work.account,
        provider: Provider::Github,
        instance: &instance,
    };
    let moments = Moments::new(Timestamp::now, || u128::from(std::process::id()));
    let priority = match work.task {
        Task::ReadFor(urgency) => urgency.priority(),
        Task::Write(_) => Priority::Merge,
    };
    let pacer = Budgets::new(store, moments).pacer(&payer, priority);
    let token = Secret::new("ghp_shared".to_owned());
    let client = Providers::new(rules)
        .unwrap()
        .client(Provider::Github, &instance, token, pacer)
        .unwrap();
    match work.task {
        Task::ReadFor(_) => loop {
            match client.repository(&work.name, "web").await {
                Ok(_) => {}
                Err(ProviderError::RateLimited { .. }) => break,
                Err(other) => panic!("{other}"),
            }
        },
        Task::Write(times) => {
            let mut written = 0;
            while written < times {
                match client.delete_webhook(&repo(&work.name), "5").await {
                    Ok(()) => written += 1,
                    Err(ProviderError::RateLimited { until, .. }) => {
                        let wait = until.duration_since(Timestamp::now());
                        tokio::time::sleep(wait.try_into().unwrap_or_default()).await;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }
}

fn repo(owner: &str) -> RepositoryFacts {
    RepositoryFacts {
        // Each process by its own id, which is what the provider sees.
        provider_id: ProviderRepositoryId(owner.to_owned()),
        owner: owner.to_owned(),
        name: "web".into(),
        description: None,
        url: "https://github.com/acme/web".into(),
        default_branch: "main".into(),
        is_private: false,
        is_archived: false,
    }
}

/// An account at a provider that counts.
struct World {
    cloud: TestCloud,
    provider: Counting,
    organization: OrganizationId,
    account: AccountId,
}

impl World {
    async fn allowing(limit: usize) -> Self {
        let seed = IdSeed {
            unix_millis: 1_767_225_600_000,
            random: 1 << 40,
        };
        Self {
            cloud: TestCloud::start().await,
            provider: Counting::allowing(limit),
            organization: OrganizationId::new(seed),
            account: AccountId::new(seed),
        }
    }

    /// Runs processes side by side to their ends; none is answered before all have asked.
    async fn run(&self, tasks: &[(&str, Task)]) {
        let together = tasks.len();
        self.provider.awaits(together);
        let children: Vec<Child> = tasks
            .iter()
            .map(|(name, task)| self.start(name, *task))
            .collect();
        let ended = tokio::task::spawn_blocking(move || {
            let ends = children.into_iter().map(Child::wait_with_output);
            ends.collect::<Result<Vec<_>, _>>().unwrap()
        });
        for end in ended.await.unwrap() {
            let said = String::from_utf8_lossy(&end.stdout);
            assert!(end.status.success(), "{said}");
        }
    }

    fn start(&self, name: &str, task: Task) -> Child {
        let work = Work {
            name: name.to_owned(),
            task,
            provider: self.provider.url.clone(),
            organization: self.organization,
            account: self.account,
        };
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::worker", "--nocapture"])
            .envs(self.cloud.environment())
            .env(WORK, serde_json::to_string(&work).unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    }

    /// How often the budget was written since it was first.
    async fn table_writes(&self) -> usize {
        let client = aws_sdk_dynamodb::Client::new(self.cloud.config());
        let store = Store::new(client, self.cloud.table());
        let stored = store.budget(self.organization, self.account).await.unwrap();
        usize::try_from(stored.version.unwrap_or(0)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_never_make_more_calls_than_the_budget_and_leave_some_to_what_comes_first() {
    let world = World::allowing(400).await;
    let read = Task::ReadFor;
    let reconciles = [
        ("one", read(Urgency::Reconcile)),
        ("two", read(Urgency::Reconcile)),
    ];
    world.run(&reconciles).await;
    let made = world.provider.take();
    let by = |who: &str| made.iter().filter(|call| call.who == who).count();
    assert!(by("one") >= 20 && by("two") >= 20, "both were at work");
    assert!((200..=280).contains(&made.len()), "{}", made.len());
    let writes = world.table_writes().await;
    // Beside one for each block: the last, smaller ones and the last words of each.
    assert!(writes <= made.len() / 20 + 4, "{writes} for {}", made.len());

    let made_before = made.len();
    world.run(&[("three", read(Urgency::Reconcile))]).await;
    assert!(
        world.provider.take().is_empty(),
        "reconciles have had theirs"
    );
    world.run(&[("merge", read(Urgency::Merge))]).await;
    let merged = world.provider.take().len();
    assert!(merged >= 20 && made_before + merged <= 360, "{merged}");

    let people = [
        ("ada", read(Urgency::Person)),
        ("grace", read(Urgency::Person)),
    ];
    world.run(&people).await;
    let people = world.provider.take().len();
    assert!(people >= 20, "{people}");
    assert!(made_before + merged + people <= 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_two_processes_arrive_a_second_apart() {
    let world = World::allowing(1_000).await;
    world
        .run(&[("one", Task::Write(3)), ("two", Task::Write(3))])
        .await;
    let mut made = world.provider.take();
    made.sort_by_key(|call| call.at);
    assert_eq!(made.len(), 6);
    assert!(made.iter().all(|call| call.method == "DELETE"));
    for pair in made.windows(2) {
        let apart = pair[1].at.saturating_duration_since(pair[0].at);
        assert!(apart + HELD_UP >= Duration::from_secs(1), "{apart:?}");
    }
}
