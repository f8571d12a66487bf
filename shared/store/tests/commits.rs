//! Commits: what is written together, and what is not written at all.

mod support;

use ampel_domain::{
    facts::{CheckState, Completeness, Conclusion},
    ids::OrganizationId,
    light::Light,
    repositories::OpenCounts,
};
use ampel_store::{EvidenceWrite, StoreError, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use support::*;

#[tokio::test]
async fn what_is_written_is_read_again() {
    let world = World::start().await;
    let after = with_reviews(pull(world.repository, &draft(1)), 3);
    let claim = claimed(unknown(&sha(1)), 1);
    let evidence = EvidenceWrite {
        after: with_checks(claim.after, 2),
        before: claim.before,
    };
    let mut new = write(None, after.clone(), Some(Light::Green));
    new.refresh_due_at = Some(later(9));
    let commit = world.commit_of(vec![new], vec![evidence.clone()]);
    world.store.commit(commit).await.unwrap();
    assert_eq!(world.meter.all_calls(), 1);

    let stored = world.stored(1).await;
    assert_eq!(stored.pull_request, after);
    assert_eq!(stored.judgement, Some(judgement(Light::Green)));
    assert_eq!((stored.version, stored.refresh_due_at), (1, Some(later(9))));
    let read = world
        .store
        .evidence(world.repository, &sha(1))
        .await
        .unwrap();
    assert_eq!((read.evidence, read.version), (evidence.after, Some(1)));
    let green = OpenCounts {
        green: 1,
        ..OpenCounts::default()
    };
    assert_eq!(world.repository().await.open, green);

    world.meter.reset();
    world.stored(1).await;
    assert_eq!(
        (world.meter.calls("Query"), world.meter.all_calls()),
        (1, 1)
    );
    let other = OrganizationId::new(seed(99));
    let foreign = world.store.pull_request(other, world.id(1)).await.unwrap();
    assert_eq!(foreign, None);
}

#[tokio::test]
async fn of_two_writers_that_read_the_same_one_loses() {
    let world = World::start().await;
    world.open(&draft(1), Light::Yellow).await;
    let before = world.stored(1).await;
    let evidence = world
        .store
        .evidence(world.repository, &sha(1))
        .await
        .unwrap();
    let commits = [Light::Green, Light::Red].map(|light| {
        let write = write(
            Some(before.clone()),
            before.pull_request.clone(),
            Some(light),
        );
        let relied_on = EvidenceWrite {
            before: evidence.clone(),
            after: evidence.evidence.clone(),
        };
        world
            .store
            .commit(world.commit_of(vec![write], vec![relied_on]))
    });
    let outcomes = join_all(commits).await;
    let lost = |o: &&Result<(), StoreError>| matches!(o, Err(StoreError::LostRace));
    assert_eq!(outcomes.iter().filter(lost).count(), 1);
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    assert_eq!(world.stored(1).await.version, 2);
    assert_eq!(world.repository().await.open.total(), 1);
}

/// A check arrives on a commit just while a pull request's head moves to it: neither may miss
/// the other.
#[tokio::test]
async fn a_check_and_a_move_of_the_head_do_not_miss_each_other() {
    let world = World::start().await;
    world.open(&draft(1), Light::Yellow).await;
    let before = world.stored(1).await;
    let nothing = world
        .store
        .evidence(world.repository, &sha(77))
        .await
        .unwrap();
    assert_eq!(nothing, unknown(&sha(77)));

    let mut heard = nothing.evidence.clone();
    heard.hear(check("build", Conclusion::Failure, 5));
    let check_commit = world.commit_of(
        Vec::new(),
        vec![EvidenceWrite {
            before: nothing.clone(),
            after: heard,
        }],
    );
    let mut moved = before.pull_request.clone();
    let mut pushed = draft(1);
    (pushed.head, pushed.updated) = (sha(77), 60);
    assert!(moved.hear(report(&pushed)));
    let move_commit = world.commit_of(
        vec![write(Some(before), moved, Some(Light::Yellow))],
        vec![claimed(nothing, 1)],
    );
    let (a, b) = futures::join!(
        world.store.commit(check_commit),
        world.store.commit(move_commit)
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let lost = a.err().or(b.err()).unwrap();
    assert!(matches!(lost, StoreError::LostRace), "{lost:?}");
}

#[tokio::test]
async fn counters_equal_a_recount_after_many_writers_at_once() {
    let world = World::start().await;
    let lights = |n: u32| Light::ALL[(n % 3) as usize];
    let drafts: Vec<Draft> = (1..=30).map(draft).collect();
    join_all(
        drafts
            .iter()
            .map(|draft| world.open(draft, lights(draft.number))),
    )
    .await;
    let relit = (1..=30).map(|number| {
        let world = &world;
        async move {
            let before = world.stored(number).await;
            let after = before.pull_request.clone();
            let light = (number % 5 != 0).then(|| lights(number + 1));
            let commit = world.commit_of(vec![write(Some(before), after, light)], Vec::new());
            world.store.commit(commit).await.unwrap();
        }
    });
    join_all(relit).await;
    let mut recount = OpenCounts::default();
    for number in 1..=30 {
        match world.stored(number).await.judgement.map(|j| j.light) {
            Some(Light::Green) => recount.green += 1,
            Some(Light::Yellow) => recount.yellow += 1,
            Some(Light::Red) => recount.red += 1,
            None => {}
        }
    }
    assert_eq!(recount.total(), 24);
    assert_eq!(world.repository().await.open, recount);
    let open = world
        .store
        .open_pull_requests(world.organization, world.repository)
        .await;
    assert_eq!(open.unwrap().len(), 24);
}

#[tokio::test]
async fn an_untracked_repository_takes_nothing() {
    let world = World::start().await;
    world.open(&draft(1), Light::Yellow).await;
    let before = world.stored(1).await;
    world
        .store
        .untrack(world.organization, world.repository, now())
        .await
        .unwrap();
    let items = world.items().await;

    let again = write(Some(before.clone()), before.pull_request, Some(Light::Red));
    let new = write(None, pull(world.repository, &draft(2)), Some(Light::Red));
    let alone = claimed(unknown(&sha(3)), 3);
    for (pulls, evidence) in [
        (vec![again], vec![]),
        (vec![new], vec![]),
        (vec![], vec![alone]),
    ] {
        let commit = world.commit_of(pulls, evidence);
        let refused = world.store.commit(commit).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::RepositoryClosed),
            "{refused:?}"
        );
    }
    let state = world
        .store
        .put_sync_state(world.organization, world.repository, &Default::default())
        .await;
    assert!(matches!(state, Err(StoreError::RepositoryClosed)));
    assert_eq!(world.items().await, items);
}

#[tokio::test]
async fn more_checks_and_reviews_than_a_transaction_takes() {
    let world = World::start().await;
    let after = with_reviews(pull(world.repository, &draft(1)), 150);
    let claim = claimed(unknown(&sha(1)), 1);
    let evidence = EvidenceWrite {
        after: with_checks(claim.after, 250),
        before: claim.before,
    };
    let new = write(None, after.clone(), Some(Light::Green));
    let commit = world.commit_of(vec![new], vec![evidence.clone()]);
    world.store.commit(commit).await.unwrap();
    assert_eq!(world.stored(1).await.pull_request, after);
    let read = world
        .store
        .evidence(world.repository, &sha(1))
        .await
        .unwrap();
    assert_eq!(read.evidence, evidence.after);
    assert_eq!(world.repository().await.open.total(), 1);

    let released = EvidenceWrite {
        before: read.clone(),
        after: with_checks(read.evidence.clone(), 1),
    };
    let mut fewer = released;
    fewer.after.checks.retain(|key, _| key.name() == "check-0");
    let commit = world.commit_of(Vec::new(), vec![fewer]);
    world.store.commit(commit).await.unwrap();
    let read = world
        .store
        .evidence(world.repository, &sha(1))
        .await
        .unwrap();
    assert_eq!(read.evidence.checks.len(), 1);
    assert_ne!(read.evidence.completeness, Completeness::Computing);
}

#[tokio::test]
async fn a_set_that_lost_a_part_is_not_taken_for_complete() {
    let world = World::start().await;
    let after = with_reviews(pull(world.repository, &draft(1)), 3);
    let claim = claimed(unknown(&sha(1)), 1);
    let evidence = EvidenceWrite {
        after: with_checks(claim.after, 3),
        before: claim.before,
    };
    let key = evidence.after.checks.keys().next().unwrap().clone();
    let new = write(None, after, Some(Light::Green));
    let commit = world.commit_of(vec![new], vec![evidence]);
    world.store.commit(commit).await.unwrap();
    world
        .remove(&keys::check(world.repository, &sha(1), &key))
        .await;
    world
        .remove(&keys::review(
            world.id(1),
            &ampel_domain::facts::ReviewId::Numbered(2),
        ))
        .await;

    let read = world
        .store
        .evidence(world.repository, &sha(1))
        .await
        .unwrap();
    assert_eq!(read.evidence.completeness, Completeness::Computing);
    assert_eq!(read.evidence.checks.len(), 2);
    let reviews = world.stored(1).await.pull_request.reviews;
    assert_eq!(reviews.completeness, Completeness::Computing);
}

#[tokio::test]
async fn evidence_that_nobody_claims_expires_until_somebody_does() {
    let world = World::start().await;
    let mut heard = unknown(&sha(5));
    heard.evidence.hear(check("build", Conclusion::Success, 1));
    let alone = EvidenceWrite {
        before: unknown(&sha(5)),
        after: heard.evidence,
    };
    let commit = world.commit_of(Vec::new(), vec![alone]);
    world.store.commit(commit).await.unwrap();
    let read = world
        .store
        .evidence(world.repository, &sha(5))
        .await
        .unwrap();
    let check_key = read.evidence.checks.keys().next().unwrap().clone();
    let own = keys::evidence(world.repository, &sha(5));
    let check = keys::check(world.repository, &sha(5), &check_key);
    let week = later(7 * 24 * 3600).as_second();
    assert_eq!(world.ttl(&own).await, Some(week));
    assert!(world.ttl(&check).await > Some(week));

    let state = read.evidence.checks[&check_key].state;
    assert_eq!(state, CheckState::Completed(Conclusion::Success));
    let mut of = draft(1);
    of.head = sha(5);
    let new = write(None, pull(world.repository, &of), Some(Light::Yellow));
    let commit = world.commit_of(vec![new], vec![claimed(read, 1)]);
    world.store.commit(commit).await.unwrap();
    assert_eq!(
        (world.ttl(&own).await, world.ttl(&check).await),
        (None, None)
    );
}

#[tokio::test]
async fn many_pull_requests_on_one_commit_go_through_in_chunks() {
    let world = World::start().await;
    let mut evidence = claimed(unknown(&sha(500)), 1);
    evidence.after = with_checks(evidence.after, 40);
    let pulls: Vec<_> = (1..=120)
        .map(|number| {
            let mut of = draft(number);
            of.head = sha(500);
            write(None, pull(world.repository, &of), Some(Light::Green))
        })
        .collect();
    let commit = world.commit_of(pulls, vec![evidence]);
    world.store.commit(commit).await.unwrap();
    assert_eq!(world.meter.calls("TransactWriteItems"), 2);
    assert_eq!(world.repository().await.open.green, 120);
    let read = world
        .store
        .evidence(world.repository, &sha(500))
        .await
        .unwrap();
    assert_eq!(read.version, Some(1));
}

#[tokio::test]
async fn an_item_that_can_not_be_read_is_named() {
    let world = World::start().await;
    world.open(&draft(1), Light::Yellow).await;
    let key = keys::pull_request(world.id(1));
    world.set(&key, "v", AttributeValue::N("99".into())).await;
    let error = world
        .store
        .pull_request(world.organization, world.id(1))
        .await
        .unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { item, .. } if *item == key.to_string()));
    world.set(&key, "v", AttributeValue::N("1".into())).await;
    world.set(&key, "pull", AttributeValue::S("?".into())).await;
    let error = world
        .store
        .pull_request(world.organization, world.id(1))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }));
    assert!(!error.is_retryable());
}
