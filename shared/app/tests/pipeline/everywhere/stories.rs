//! The stories.

use std::sync::atomic::Ordering;

use ampel_app::ingest::Receipt;
use ampel_domain::light::{Light, ReasonCode};
use ampel_testkit::fake::Delivery;

use super::Anywhere;

pub async fn a_pull_request_goes_its_way_from_opened_to_merged(world: &Anywhere) {
    let pull = world.at.open("Add login");
    world.hear().await;
    let light = world.light(pull).await;
    assert_eq!(light, Some(Light::Yellow), "nothing is known of it yet");
    world.checked(|at| at.runs(pull, "build")).await;
    let reasons = world.reasons(pull).await;
    assert!(reasons.contains(&ReasonCode::CheckPending), "{reasons:?}");
    world.is_true(pull).await;

    world.checked(|at| at.fails(pull, "build")).await;
    world.blocked_by_a_check(pull).await;

    world.at.approve(pull, "grace");
    world.checked(|at| at.passes(pull, "build")).await;
    world.is_green(pull).await;
    assert_eq!(world.pipeline.counts().await.green, 1);

    world.at.merge(pull, "ada");
    world.settle().await;
    assert_eq!(world.light(pull).await, None);
    world.is_true(pull).await;
    assert_eq!(world.pipeline.counts().await.green, 0);
}

pub async fn a_push_takes_the_green_away_until_the_new_head_is_known(world: &Anywhere) {
    let pull = world.ready().await;
    let first = world.at.truth(pull).head;
    let second = world.at.push(pull);
    assert_ne!(first, second);
    world.hear().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.settle().await;
    world.is_true(pull).await;
    let reasons = world.reasons(pull).await;
    assert!(
        reasons.contains(&ReasonCode::NoChecks),
        "the first head's checks are not the second's: {reasons:?}"
    );
    world.checked(|at| at.fails(pull, "build")).await;
    assert_eq!(world.light(pull).await, Some(Light::Red));
    world.is_true(pull).await;

    world.at.force_push_back(pull, &first);
    world.settle().await;
    world.is_true(pull).await;
    world.is_green(pull).await;
}

pub async fn an_opinion_counts_until_it_is_taken_back(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.comment(pull, "alan");
    world.settle().await;
    assert_eq!(
        world.light(pull).await,
        Some(Light::Green),
        "a comment is no opinion"
    );

    world.at.request_changes(pull, "alan");
    world.settle().await;
    assert_eq!(world.light(pull).await, Some(Light::Red));
    let reasons = world.reasons(pull).await;
    assert!(
        reasons.contains(&ReasonCode::ChangesRequested),
        "{reasons:?}"
    );

    world.withdrawn(pull, "alan").await;
    world.is_green(pull).await;

    world.withdrawn(pull, "grace").await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    let reasons = world.reasons(pull).await;
    assert!(reasons.contains(&ReasonCode::ReviewRequired), "{reasons:?}");
}

pub async fn a_closed_pull_request_has_no_light_and_may_come_back(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.close(pull);
    world.settle().await;
    assert_eq!(world.light(pull).await, None);
    world.is_true(pull).await;
    let reopened = world.at.reopen(pull);
    world.settle().await;
    world.is_true(pull).await;
    assert_eq!(world.light(pull).await.is_some(), reopened);
}

pub async fn a_retargeted_pull_request_is_tried_again(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.retarget(pull, "release");
    world.settle().await;
    world.is_true(pull).await;
    world.is_green(pull).await;
}

pub async fn a_conflict_takes_the_green_away(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.conflict(pull);
    world.hear().await;
    assert_ne!(
        world.light(pull).await,
        Some(Light::Green),
        "its base moved"
    );
    // A provider that does not say why it does not merge is asked again for half a minute, in case
    // it is still trying; nobody has to wait for that.
    world.left_behind.store(1, Ordering::Relaxed);
    let said = [ReasonCode::Conflicts, ReasonCode::MergeHeld];
    let is_told = async || {
        let reasons = world.reasons(pull).await;
        reasons.iter().any(|code| said.contains(code))
    };
    while !is_told().await {
        world.at.advance(2);
        world.pipeline.handle_syncs().await;
        if world.pipeline.is_settled().await {
            break;
        }
    }
    let reasons = world.reasons(pull).await;
    assert!(is_told().await, "{reasons:?}");
}

pub async fn a_push_to_the_base_has_it_tried_again(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.push_to_base();
    world.hear().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.settle().await;
    world.is_green(pull).await;
}

pub async fn a_push_of_commits_of_any_date_has_it_tried_again(world: &Anywhere) {
    let pull = world.ready().await;
    for date in ["2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] {
        world.at.date_commits(date.parse().unwrap());
        world.at.push_to_base();
        world.hear().await;
        assert_eq!(world.light(pull).await, Some(Light::Yellow), "{date}");
        world.settle().await;
        world.is_green(pull).await;
    }
}

pub async fn a_trial_that_takes_its_time_is_asked_for_again(world: &Anywhere) {
    world.at.trials_take(1);
    let pull = world.ready().await;
    world.is_green(pull).await;
    world.at.push_to_base();
    world.hear().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.settle().await;
    world.is_green(pull).await;
}

pub async fn a_draft_is_never_green(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.to_draft(pull);
    world.settle().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    assert!(world.reasons(pull).await.contains(&ReasonCode::Draft));
    world.is_true(pull).await;
    world.at.ready(pull);
    world.settle().await;
    world.is_green(pull).await;
    world.at.retitle(pull, "Add single sign-on");
    world.settle().await;
    world.is_true(pull).await;
}

pub async fn a_renamed_repository_is_followed(world: &Anywhere) {
    let pull = world.ready().await;
    world.renamed("site").await;
    assert_eq!(world.pipeline.repository().await.facts.name, "site");
    world.checked(|at| at.fails(pull, "build")).await;
    assert_eq!(
        world.light(pull).await,
        Some(Light::Red),
        "its deliveries still count"
    );
}

pub async fn what_was_lost_is_found_by_reconciling(world: &Anywhere) {
    let (stays, merged, closed) = (
        world.ready().await,
        world.ready().await,
        world.ready().await,
    );
    world.at.retitle(stays, "Add logout");
    world.at.request_changes(stays, "alan");
    world.at.merge(merged, "ada");
    world.at.close(closed);
    let opened = world.at.open("Opened unheard");
    world.at.take_deliveries();
    world.at.advance(2);
    world.pipeline.reconcile_lightly().await;
    world.settle().await;
    for pull in [stays, merged, closed, opened] {
        world.is_true(pull).await;
    }
    assert_eq!(world.light(stays).await, Some(Light::Red));
    assert_eq!(world.light(merged).await, None);

    world.at.withdraw(stays, "alan");
    world.at.fails(stays, "build");
    world.at.take_deliveries();
    world.at.advance(2);
    world.pipeline.sync_fully().await;
    world.settle().await;
    world.blocked_by_a_check(stays).await;
}

pub async fn a_check_that_begins_late_or_again_is_found(world: &Anywhere) {
    let pull = world.ready().await;
    world.pipeline.sync_fully().await;
    world.at.push(pull);
    world.settle().await;
    let reasons = world.reasons(pull).await;
    assert!(!reasons.contains(&ReasonCode::CheckFailed), "{reasons:?}");

    world.at.fails(pull, "build");
    world.unheard().await;
    world.blocked_by_a_check(pull).await;

    world.at.passes(pull, "build");
    world.unheard().await;
    let reasons = world.reasons(pull).await;
    assert!(!reasons.contains(&ReasonCode::CheckFailed), "{reasons:?}");
}

pub async fn every_delivery_again_changes_nothing(world: &Anywhere) {
    let pull = world.at.open("Add login");
    world.at.runs(pull, "build");
    world.at.passes(pull, "build");
    world.at.approve(pull, "grace");
    world.at.request_changes(pull, "alan");
    world.at.withdraw(pull, "alan");
    world.at.push_to_base();
    let history = world.at.take_deliveries();
    world.pipeline.take(&history).await;
    world.pipeline.handle_events().await;
    world.settle().await;
    let before = world.pipeline.stored_number(pull).await.unwrap();
    assert!(!history.is_empty());
    for (n, delivery) in history.iter().rev().enumerate() {
        let again = world.pipeline.receive(&under_a_fresh_id(delivery, n)).await;
        assert!(
            matches!(again, Receipt::Queued | Receipt::Ignored),
            "{again:?}"
        );
    }
    world.pipeline.handle_events().await;
    world.reads();
    world.settle().await;
    let after = world.pipeline.stored_number(pull).await.unwrap();
    assert_eq!(after.judgement, before.judgement);
    if world.at.dates_pushes() {
        assert_eq!(after.version, before.version);
        assert_eq!(world.reads(), Vec::<String>::new());
    }
}

pub async fn an_unreachable_provider_makes_nothing_green(world: &Anywhere) {
    let pull = world.ready().await;
    world.at.push(pull);
    world.at.fail_next(500, 1000);
    world.hear().await;
    world.pipeline.sync_fully().await;
    assert_eq!(world.light(pull).await, Some(Light::Yellow));
    world.at.heal();
    world.settle().await;
    world.is_true(pull).await;
}

/// The same body, as a provider would send it for another change.
fn under_a_fresh_id(delivery: &Delivery, n: usize) -> Delivery {
    const IDS: [&str; 5] = [
        "x-github-delivery",
        "idempotency-key",
        "x-request-uuid",
        "x-gitea-delivery",
        "x-forgejo-delivery",
    ];
    let mut again = delivery.clone();
    for (name, value) in &mut again.headers {
        if IDS.contains(&name.to_ascii_lowercase().as_str()) {
            *value = format!("replay-{n}");
        }
    }
    again
}
