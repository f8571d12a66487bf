//! Repositories, their schedule, their hooks and what they leave behind.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test end it as the test itself would"
)]

mod support;

use ampel_domain::{
    hooks::{HookStatus, RefusalReason, RefusedDelivery},
    ids::{HookId, OrganizationId},
    light::Light,
    repositories::{PollInterval, RepositoryFacts, RepositoryStatus},
    secret::Sealed,
};
use ampel_store::{
    DueRepository, FirstSync, HookStamp, Remaining, RepositorySettings, Store, StoreError,
    SyncState, keys,
};
use aws_sdk_dynamodb::types::AttributeValue;
use support::*;

fn size(item: &std::collections::HashMap<String, AttributeValue>) -> usize {
    let value = |value: &AttributeValue| match (value.as_s(), value.is_n()) {
        (Ok(text), _) => text.len(),
        (Err(_), true) => 8,
        (Err(_), false) => {
            assert!(value.is_bool(), "{value:?} in a repository item");
            1
        }
    };
    item.iter().map(|(name, v)| name.len() + value(v)).sum()
}

#[tokio::test]
async fn what_is_tracked_is_read_again_and_stays_small() {
    let world = World::start().await;
    let stored = world.repository().await;
    let key = keys::repository(world.organization, world.repository);
    assert!(size(&world.item(&key).await) <= 1024);
    let description = stored.facts.description.clone().unwrap();
    assert!(description.chars().count() >= 60 && description.chars().count() <= 200);
    let mut expected = world.tracked.repository.clone();
    expected.facts.description = Some(description);
    assert_eq!(stored, expected);
    assert_eq!(
        world.store.repositories(world.organization).await.unwrap(),
        [expected]
    );
    let hook = world.store.hook(world.tracked.hook.id).await.unwrap();
    assert_eq!(hook, Some(world.tracked.hook.clone()));
    let foreign = OrganizationId::new(seed(99));
    assert_eq!(
        world
            .store
            .repository(foreign, world.repository)
            .await
            .unwrap(),
        None
    );

    let facts = RepositoryFacts {
        owner: "o".repeat(39),
        name: "n".repeat(100),
        url: format!("https://github.com/{}/{}", "o".repeat(39), "n".repeat(100)),
        description: Some("ü".repeat(500)),
        is_archived: true,
        ..stored.facts
    };
    world
        .store
        .update_repository_facts(world.organization, world.repository, &facts, later(5))
        .await
        .unwrap();
    world
        .store
        .polled(world.organization, world.repository, later(6))
        .await
        .unwrap();
    assert!(size(&world.item(&key).await) <= 1024);
    let renamed = world.repository().await;
    assert_eq!(renamed.facts.full_name(), facts.full_name());
    assert_eq!(renamed.updated_at, later(5));
    assert_eq!(renamed.last_polled_at, Some(later(6)));
}

#[tokio::test]
async fn one_repository_is_tracked_once_until_it_is_cleaned_up() {
    let world = World::start().await;
    let again = tracking(world.organization, 2, "1296269");
    let refused = world.store.track(again.clone()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Exists));
    let elsewhere = tracking(OrganizationId::new(seed(99)), 3, "1296269");
    world.store.track(elsewhere).await.unwrap();
    let foreign_items = 3;

    for number in 1..=20 {
        world.open(&draft(number), Light::Green).await;
    }
    let step = || {
        let hook = world.tracked.hook.id;
        world
            .store
            .remove_repository_step(world.organization, world.repository, hook)
    };
    assert_eq!(step().await.unwrap(), Remaining::Tracked);
    let untracked = world
        .store
        .untrack(world.organization, world.repository, now())
        .await;
    assert_eq!(untracked.unwrap().status, RepositoryStatus::Untracking);
    let twice = world
        .store
        .untrack(world.organization, world.repository, now())
        .await;
    assert!(matches!(twice, Err(StoreError::NotFound)));
    assert_eq!(
        world.store.repositories(world.organization).await.unwrap(),
        []
    );
    let refused = world.store.track(again.clone()).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Exists),
        "its clean-up is not over"
    );

    assert_eq!(step().await.unwrap(), Remaining::Some);
    assert_eq!(step().await.unwrap(), Remaining::Nothing);
    assert_eq!(world.items().await, foreign_items);
    assert_eq!(step().await.unwrap(), Remaining::Nothing);
    world.store.track(again).await.unwrap();
    assert_eq!(step().await.unwrap(), Remaining::Nothing);
    assert_eq!(world.items().await, foreign_items + 3);
}

#[tokio::test]
async fn the_summary_costs_the_same_however_many_pull_requests() {
    let world = World::start().await;
    world.store.repositories(world.organization).await.unwrap();
    let (calls, units) = (world.meter.all_calls(), world.meter.read_units());
    assert_eq!(calls, 1);
    for number in 1..=15 {
        world.open(&draft(number), Light::Red).await;
    }
    world.meter.reset();
    let repositories = world.store.repositories(world.organization).await.unwrap();
    assert_eq!(repositories[0].open.red, 15);
    assert_eq!(world.meter.all_calls(), calls);
    assert!((world.meter.read_units() - units).abs() < f64::EPSILON);
}

async fn due(world: &World, seconds: i64) -> Vec<DueRepository> {
    let mut due = Vec::new();
    for shard in 0..Store::DUE_SHARDS {
        due.extend(
            world
                .store
                .due_repositories(shard, later(seconds), 100)
                .await
                .unwrap(),
        );
    }
    due
}

#[tokio::test]
async fn a_due_reconcile_is_claimed_once() {
    let world = World::start().await;
    assert_eq!(due(&world, 299).await, []);
    let found = due(&world, 300).await;
    assert_eq!(found.len(), 1);
    let mine = &found[0];
    assert_eq!(
        (mine.organization, mine.repository),
        (world.organization, world.repository)
    );
    assert_eq!(
        (mine.interval.as_secs(), mine.full_due_at),
        (300, later(3600))
    );
    let claim = || world.store.claim_due(mine, later(600), later(7200));
    let (a, b) = futures::join!(claim(), claim());
    assert!(a.unwrap() != b.unwrap());
    assert_eq!(due(&world, 599).await, []);
    assert_eq!(due(&world, 600).await[0].full_due_at, later(7200));
}

#[tokio::test]
async fn the_schedule_follows_settings_account_and_status() {
    let world = World::start().await;
    let (organization, repository) = (world.organization, world.repository);
    let settings = RepositorySettings {
        poll_interval: Some(PollInterval::try_from(60).unwrap()),
        ..RepositorySettings::default()
    };
    let updated = world
        .store
        .update_repository_settings(organization, repository, settings, later(10))
        .await
        .unwrap();
    assert_eq!(updated.poll_interval.seconds(), 60);
    assert_eq!(due(&world, 70).await[0].interval.as_secs(), 60);

    let account = world.repository().await.account.unwrap();
    let other = ampel_domain::ids::AccountId::new(seed(12345));
    let remove = |account| {
        let now = later(20);
        world
            .store
            .remove_repository_account(organization, repository, account, now)
    };
    remove(other).await.unwrap();
    assert_eq!(world.repository().await.account, Some(account));
    remove(account).await.unwrap();
    assert_eq!(world.repository().await.account, None);
    assert_eq!(due(&world, 100_000).await, []);
    let settings = RepositorySettings {
        account: Some(other),
        ..RepositorySettings::default()
    };
    world
        .store
        .update_repository_settings(organization, repository, settings, later(30))
        .await
        .unwrap();
    assert_eq!(due(&world, 90).await.len(), 1);

    world
        .store
        .untrack(organization, repository, later(40))
        .await
        .unwrap();
    assert_eq!(due(&world, 100_000).await, []);
    let closed = world
        .store
        .polled(organization, repository, later(41))
        .await;
    assert!(matches!(closed, Err(StoreError::RepositoryClosed)));
}

#[tokio::test]
async fn what_is_gone_stays_visible_takes_no_pull_requests_and_may_come_back() {
    let world = World::start().await;
    let (organization, repository) = (world.organization, world.repository);
    world.open(&draft(1), Light::Green).await;
    let sees = world
        .store
        .set_hook_status(organization, repository, HookStatus::Broken, later(1));
    sees.await.unwrap();
    for _ in 0..2 {
        world
            .store
            .mark_repository_gone(organization, repository, later(2))
            .await
            .unwrap();
    }
    let stored = world.repository().await;
    assert_eq!(stored.status, RepositoryStatus::Gone);
    assert_eq!(stored.hook_status, HookStatus::Broken);
    assert_eq!(due(&world, 100_000).await.len(), 1, "it may come back");
    let refused = world.try_open(&draft(2), Light::Green).await;
    assert!(matches!(refused, Err(StoreError::RepositoryClosed)));

    let facts = stored.facts.clone();
    world
        .store
        .update_repository_facts(organization, repository, &facts, later(3))
        .await
        .unwrap();
    assert_eq!(world.repository().await.status, RepositoryStatus::Active);
}

#[tokio::test]
async fn sync_state_is_kept() {
    let world = World::start().await;
    let none = world.store.sync_state(world.repository).await.unwrap();
    assert_eq!(none, SyncState::default());
    let state = SyncState {
        first_sync: FirstSync::Running { pull_requests: 50 },
        last_error: Some("The token may not read checks.".into()),
        last_error_at: Some(later(1)),
        ..SyncState::default()
    };
    let put = world
        .store
        .put_sync_state(world.organization, world.repository, &state);
    put.await.unwrap();
    assert_eq!(
        world.store.sync_state(world.repository).await.unwrap(),
        state
    );
}

#[tokio::test]
async fn stamps_of_a_hook_only_go_forward() {
    let world = World::start().await;
    let id = world.tracked.hook.id;
    let refused = RefusedDelivery {
        at: later(5),
        why: RefusalReason::Unsigned,
    };
    for seconds in [60, 120, 90] {
        world
            .store
            .stamp_hook(id, HookStamp::Delivered(later(seconds)))
            .await
            .unwrap();
    }
    world
        .store
        .stamp_hook(id, HookStamp::Refused(refused))
        .await
        .unwrap();
    let gone = HookId::new(seed(4242));
    world
        .store
        .stamp_hook(gone, HookStamp::Refused(refused))
        .await
        .unwrap();
    assert_eq!(world.store.hook(gone).await.unwrap(), None);
    let hook = world.store.hook(id).await.unwrap().unwrap();
    assert_eq!(hook.last_delivery_at, Some(later(120)));
    assert_eq!(hook.last_refusal, Some(refused));
    assert_eq!(hook.version, 1);
}

#[tokio::test]
async fn a_secret_rotates_over_the_version_that_was_read() {
    let world = World::start().await;
    let hook = world.tracked.hook.clone();
    let rotated = hook
        .secrets
        .clone()
        .rotated(Sealed::new(vec![9]), later(50));
    assert_eq!(
        world.store.rotate_hook(hook.id, 1, &rotated).await.unwrap(),
        2
    );
    let lost = world.store.rotate_hook(hook.id, 1, &rotated).await;
    assert!(matches!(lost, Err(StoreError::LostRace)));

    let first_used = |of, at| world.store.secret_first_used(hook.id, of, at);
    first_used(now(), later(55)).await.unwrap();
    let used_at = || async {
        let hook = world.store.hook(hook.id).await.unwrap().unwrap();
        hook.secrets.current_first_used_at
    };
    assert_eq!(used_at().await, None, "that was the secret before");
    first_used(later(50), later(60)).await.unwrap();
    first_used(later(50), later(99)).await.unwrap();
    assert_eq!(used_at().await, Some(later(60)));

    world
        .store
        .register_hook(hook.id, Some("4711"))
        .await
        .unwrap();
    let stored = world.store.hook(hook.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.registration.as_deref(), stored.version),
        (Some("4711"), 3)
    );
    let only = std::slice::from_ref(&hook.secrets.current);
    assert_eq!(stored.secrets.previous, only);
    let again = stored.secrets.rotated(Sealed::new(vec![7]), later(60));
    world
        .store
        .rotate_hook(hook.id, stored.version, &again)
        .await
        .unwrap();
    let stored = world.store.hook(hook.id).await.unwrap().unwrap();
    assert_eq!(stored.secrets, again);
}

#[tokio::test]
async fn the_only_previous_secret_of_an_older_item_is_read() {
    let world = World::start().await;
    let hook = &world.tracked.hook;
    let key = keys::hook(hook.id);
    let old = AttributeValue::S("BwcH".to_owned());
    world.set(&key, "previousSecret", old).await;
    let read = world.store.hook(hook.id).await.unwrap().unwrap();
    assert_eq!(read.secrets.previous, [Sealed::new(vec![7, 7, 7])]);
    let rotated = read.secrets.rotated(Sealed::new(vec![8]), later(10));
    world
        .store
        .rotate_hook(hook.id, read.version, &rotated)
        .await
        .unwrap();
    let stored = world.store.hook(hook.id).await.unwrap().unwrap();
    assert_eq!(stored.secrets, rotated);
}
