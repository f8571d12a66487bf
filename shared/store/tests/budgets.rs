//! The rate budget of an account, as several processes share it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod support;

use ampel_domain::{
    budget::{Allowance, Priority, Report, Resource},
    ids::{AccountId, OrganizationId},
};
use ampel_store::{StoreError, StoredBudget, keys};
use jiff::{SignedDuration, Timestamp};
use support::{World, seed};

fn allowance() -> Option<Allowance> {
    Some(Allowance {
        calls: 100,
        window: SignedDuration::from_hours(1),
    })
}

fn lend(stored: &mut StoredBudget, resource: Resource, now: Timestamp) {
    let (priority, report) = (Priority::Interactive, Report::default());
    let lent = stored
        .budget
        .lend(resource, priority, allowance(), &report, now);
    assert_eq!(lent.unwrap().calls, 20);
}

#[tokio::test]
async fn of_two_processes_that_saw_the_same_budget_one_gets_calls() {
    let world = World::start().await;
    let account = AccountId::new(seed(7));
    let now = Timestamp::now();
    let read = || world.store.budget(world.organization, account);
    let store = async |changed: &StoredBudget| {
        let (organization, store) = (world.organization, &world.store);
        store
            .change_budget(organization, account, changed, now)
            .await
    };
    let (mut one, mut other) = (read().await.unwrap(), read().await.unwrap());
    assert_eq!(one, StoredBudget::default());
    lend(&mut one, Resource::Core, now);
    lend(&mut other, Resource::Graphql, now);
    store(&one).await.unwrap();
    let lost = store(&other).await.unwrap_err();
    assert!(matches!(lost, StoreError::LostRace), "{lost}");

    let mut again = read().await.unwrap();
    assert_eq!(again.version, Some(1));
    assert_eq!(again.budget, one.budget, "it is read as it was written");
    lend(&mut again, Resource::Graphql, now);
    again.budget.block(SignedDuration::from_secs(30), now);
    again
        .budget
        .place_write(Priority::Interactive, now)
        .unwrap();
    store(&again).await.unwrap();
    assert!(matches!(store(&again).await, Err(StoreError::LostRace)));

    let mut last = read().await.unwrap();
    assert_eq!((&last.budget, last.version), (&again.budget, Some(2)));
    last.budget.blocked_until = None;
    store(&last).await.unwrap();
    assert_eq!(read().await.unwrap().budget, last.budget);
}

#[tokio::test]
async fn a_budget_belongs_to_one_account_of_one_organization_and_expires() {
    let world = World::start().await;
    let account = AccountId::new(seed(7));
    let now = Timestamp::now();
    let mut fresh = StoredBudget::default();
    lend(&mut fresh, Resource::Core, now);
    let organization = world.organization;
    world
        .store
        .change_budget(organization, account, &fresh, now)
        .await
        .unwrap();
    let elsewhere = OrganizationId::new(seed(9));
    for (organization, account) in [
        (elsewhere, account),
        (organization, AccountId::new(seed(8))),
    ] {
        let other = world.store.budget(organization, account).await.unwrap();
        assert_eq!(other, StoredBudget::default());
    }
    let expires = world.ttl(&keys::budget(organization, account)).await;
    assert_eq!(expires, Some(now.as_second() + 24 * 3600));
}
