//! Containers that share an account's budget through the table.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use ampel_app::{
    budget::{Budgets, Payer},
    moment::Moments,
};
use ampel_domain::{
    budget::{BETWEEN_WRITES, LATENESS, Priority, RateSeen, Resource},
    ids::{AccountId, IdSeed, OrganizationId},
    instance::InstanceUrl,
    provider::Provider,
};
use ampel_providers::{
    ProviderError,
    pacing::{Call, CallKind, Pacer},
};
use ampel_store::Store;
use ampel_testkit::{aws_calls::AwsCalls, cloud::TestCloud};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

const READ: Call = Call {
    kind: CallKind::Read,
    resource: Resource::Core,
};
const WRITE: Call = Call {
    kind: CallKind::Write,
    resource: Resource::Core,
};

/// An account, a clock that stands still until it is moved, and a table whose calls are counted.
struct World {
    aws: AwsCalls,
    store: Store,
    organization: OrganizationId,
    account: AccountId,
    millis: Arc<AtomicI64>,
}

impl World {
    async fn new() -> Self {
        let cloud = TestCloud::start().await;
        let aws = AwsCalls::counting(cloud.endpoint()).await;
        let config = cloud.config().to_builder();
        let config = config.endpoint_url(aws.endpoint()).build();
        let seed = IdSeed {
            unix_millis: 1_767_225_600_000,
            random: 1 << 40,
        };
        Self {
            store: Store::new(aws_sdk_dynamodb::Client::new(&config), cloud.table()),
            aws,
            organization: OrganizationId::new(seed),
            account: AccountId::new(seed),
            millis: Arc::new(AtomicI64::new(1_767_603_600_000)),
        }
    }

    fn now(&self) -> Timestamp {
        at(&self.millis)
    }

    fn pass(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// A container of its own, for work of one priority with the account at GitHub.
    fn container(&self, priority: Priority) -> Arc<dyn Pacer> {
        let millis = Arc::clone(&self.millis);
        self.container_at(
            Provider::Github,
            "https://github.com",
            priority,
            move || at(&millis),
        )
    }

    fn container_at(
        &self,
        provider: Provider,
        instance: &'static str,
        priority: Priority,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Arc<dyn Pacer> {
        let budgets = Budgets::new(self.store.clone(), Moments::new(clock, || 4));
        let payer = Payer {
            organization: self.organization,
            account: self.account,
            provider,
            instance: &InstanceUrl::well_known(instance),
        };
        budgets.pacer(&payer, priority)
    }

    /// How often the table was read and written since the last time, lost races included.
    fn table_calls(&self) -> (usize, usize) {
        let calls = self.aws.take();
        let of = |name: &str| {
            let called = calls.iter().find(|(call, _)| call.ends_with(name));
            called.map_or(0, |(_, count)| *count)
        };
        let (reads, writes) = (of("GetItem"), of("UpdateItem"));
        assert_eq!(reads + writes, calls.values().sum::<usize>(), "{calls:?}");
        (reads, writes)
    }
}

fn at(millis: &AtomicI64) -> Timestamp {
    Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap()
}

/// When a call that is not let through may come again.
async fn refused(pacer: &dyn Pacer, call: Call) -> Timestamp {
    match pacer.admit(call).await {
        Err(ProviderError::RateLimited { until, .. }) => until,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_calls_cost_one_write_whoever_makes_them() {
    let world = World::new().await;
    let container = world.container(Priority::Interactive);
    for left in (4_800..5_000).rev() {
        container.admit(READ).await.unwrap();
        let seen = RateSeen {
            limit: Some(5_000),
            remaining: Some(left),
            resets_in: Some(SignedDuration::from_mins(30)),
            retry_after: None,
        };
        container.learn(READ, Some(&seen)).await;
    }
    assert_eq!(world.table_calls(), (10, 10));
    let at_once = join_all((0..50).map(|_| container.admit(READ))).await;
    assert!(at_once.iter().all(Result::is_ok));
    assert_eq!(world.table_calls(), (3, 3), "who waits finds it taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_one_heard_stops_all_before_they_are_refused() {
    let world = World::new().await;
    let one = world.container(Priority::Interactive);
    let other = world.container(Priority::Interactive);
    for container in [&one, &other] {
        container.admit(READ).await.unwrap();
    }
    let refusal = RateSeen {
        retry_after: Some(SignedDuration::from_secs(30)),
        ..RateSeen::default()
    };
    one.learn(READ, Some(&refusal)).await;
    other.learn(READ, None).await;
    world.aws.take();
    let until = world.now() + SignedDuration::from_secs(30);
    assert_eq!(refused(&*one, READ).await, until);
    assert_eq!(world.table_calls(), (0, 0), "who heard it asks nobody");
    assert_eq!(refused(&*other, WRITE).await, until, "a write asks at once");
    let third = world.container(Priority::Interactive);
    assert_eq!(refused(&*third, READ).await, until);
    let late = world.container(Priority::Interactive);
    assert_eq!(refused(&*late, READ).await, until);
    world.pass(30);
    for container in [&one, &other, &late] {
        container.admit(READ).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stops_a_container_in_the_middle_of_its_block() {
    let world = World::new().await;
    let one = world.container(Priority::Interactive);
    let other = world.container(Priority::Interactive);
    for container in [&one, &other] {
        container.admit(READ).await.unwrap();
    }
    let refusal = RateSeen {
        retry_after: Some(SignedDuration::from_secs(30)),
        ..RateSeen::default()
    };
    one.learn(READ, Some(&refusal)).await;
    let until = world.now() + SignedDuration::from_secs(30);
    world.aws.take();
    other.admit(READ).await.unwrap();
    assert_eq!(world.table_calls(), (0, 0), "it looked a moment ago");
    world.pass(3);
    assert_eq!(refused(&*other, READ).await, until);
    assert_eq!(world.table_calls(), (1, 0), "to look costs no write");
    assert_eq!(refused(&*other, READ).await, until);
    assert_eq!(world.table_calls(), (0, 0), "it knows now");
    world.pass(30);
    other.admit(READ).await.unwrap();
    assert_eq!(world.table_calls(), (1, 0));
    other.admit(READ).await.unwrap();
    assert_eq!(world.table_calls(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_of_a_write_is_not_taken_from_people_by_what_comes_later() {
    let world = World::new().await;
    let reconcile = world.container(Priority::Reconcile);
    reconcile.admit(WRITE).await.unwrap();
    let step = BETWEEN_WRITES + LATENESS;
    assert_eq!(refused(&*reconcile, WRITE).await, world.now() + step);
    let merge = world.container(Priority::Merge);
    merge.admit(WRITE).await.unwrap();
    assert_eq!(refused(&*merge, WRITE).await, world.now() + step * 2);
    let person = world.container(Priority::Interactive);
    person.admit(WRITE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_nowhere_written_is_learned_once_for_all() {
    let world = World::new().await;
    let clock = Arc::clone(&world.millis);
    let container = |priority| {
        let clock = Arc::clone(&clock);
        let instance = "https://codeberg.org";
        world.container_at(Provider::Gitea, instance, priority, move || at(&clock))
    };
    let one = container(Priority::Reconcile);
    for _call in 0..100 {
        one.admit(READ).await.unwrap();
        one.learn(READ, Some(&RateSeen::default())).await;
    }
    assert_eq!(
        world.table_calls(),
        (5, 0),
        "no limit is kept where there is none"
    );
    one.admit(READ).await.unwrap();
    let seen = |remaining| RateSeen {
        limit: Some(100),
        remaining: Some(remaining),
        resets_in: Some(SignedDuration::from_mins(10)),
        retry_after: None,
    };
    one.learn(READ, Some(&seen(35))).await;
    one.admit(READ).await.unwrap();
    one.learn(READ, Some(&seen(34))).await;
    let reset = world.now() + SignedDuration::from_mins(10);
    let other = container(Priority::Reconcile);
    assert_eq!(refused(&*other, READ).await, reset, "30 are left to others");
    container(Priority::Merge).admit(READ).await.unwrap();
    one.admit(READ).await.unwrap();
    one.learn(READ, Some(&seen(0))).await;
    let person = container(Priority::Interactive);
    assert_eq!(refused(&*person, READ).await, reset, "told without delay");
    world.pass(600);
    other.admit(READ).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_all_containers_get_places_a_second_apart() {
    let world = World::new().await;
    let containers = [
        world.container(Priority::Interactive),
        world.container(Priority::Merge),
    ];
    let began = std::time::Instant::now();
    for turn in 0..3 {
        let container = &containers[turn % 2];
        container.admit(WRITE).await.unwrap();
        container.admit(READ).await.unwrap();
    }
    assert!(
        began.elapsed().as_secs() >= 3,
        "they stayed for their places"
    );
    let next = refused(&*containers[1], WRITE).await;
    let step = BETWEEN_WRITES + LATENESS;
    assert_eq!(next, world.now() + step * 3);
    world.pass(4);
    containers[1].admit(WRITE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_held_up_gives_its_place_back() {
    let world = World::new().await;
    let stored = async || {
        let read = world.store.budget(world.organization, world.account).await;
        read.unwrap().budget.next_write_at
    };
    // Whenever it looks at the clock, a second has passed.
    let millis = Arc::clone(&world.millis);
    let slow = world.container_at(
        Provider::Github,
        "https://github.com",
        Priority::Interactive,
        move || {
            millis.fetch_add(1_000, Ordering::SeqCst);
            at(&millis)
        },
    );
    refused(&*slow, WRITE).await;
    let last = stored().await.unwrap();
    world
        .container(Priority::Interactive)
        .admit(WRITE)
        .await
        .unwrap();
    assert!(stored().await.unwrap() >= last + BETWEEN_WRITES);
}
