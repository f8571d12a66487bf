//! Which of two statements about a check stands.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn run(run: u64, second: i64, state: CheckState) -> CheckReport {
    CheckReport {
        key: CheckKey::Run {
            app: "ci".into(),
            name: "build".into(),
        },
        state,
        run,
        attempt: 1,
        at: at(second),
        moved_at: None,
        status_id: None,
        url: None,
        started_at: None,
        completed_at: None,
    }
}

fn status(id: Option<u64>, second: i64, state: CheckState) -> CheckReport {
    let key = CheckKey::Status {
        context: "ci".into(),
    };
    CheckReport {
        key,
        status_id: id,
        attempt: 0,
        ..run(0, second, state)
    }
}

const PASSED: CheckState = CheckState::Completed(Conclusion::Success);
const FAILED: CheckState = CheckState::Completed(Conclusion::Failure);

fn joined(a: Check, b: Check) -> Check {
    let ab = a.clone().join(b.clone());
    assert_eq!(ab, b.join(a));
    ab
}

#[test]
fn a_rerun_replaces_the_run_before_it_whatever_the_times_say() {
    let old = Check::from_event(run(1, 100, FAILED));
    let new = Check::from_event(run(2, 90, CheckState::Queued));
    assert_eq!(joined(old, new).state, CheckState::Queued);
}

#[test]
fn progress_within_one_second_goes_forward() {
    let began = Check::from_event(run(1, 100, CheckState::InProgress));
    let ended = Check::from_event(run(1, 100, PASSED));
    let joined = joined(began, ended);
    assert_eq!((joined.state, joined.contested), (PASSED, false));
}

#[test]
fn equal_and_different_is_contested_until_a_snapshot_settles_it() {
    let contested = joined(
        Check::from_event(run(1, 100, PASSED)),
        Check::from_event(run(1, 100, FAILED)),
    );
    assert!(contested.contested);
    let settled = joined(
        contested,
        Check::from_snapshot(run(1, 100, FAILED), at(101)),
    );
    assert_eq!((settled.state, settled.contested), (FAILED, false));
}

#[test]
fn a_later_snapshot_corrects_a_run_that_was_begun_again_in_place() {
    let ended = Check::from_event(run(7, 100, PASSED));
    let again = Check::from_snapshot(run(7, 40, CheckState::InProgress), at(110));
    assert_eq!(joined(ended, again.clone()).state, CheckState::InProgress);
    let failed = Check::from_event(run(7, 120, FAILED));
    assert_eq!(joined(again, failed).state, FAILED);
}

#[test]
fn statuses_of_one_second_follow_their_ids_and_a_snapshot_outranks_them() {
    let pending = Check::from_event(status(Some(4), 100, CheckState::InProgress));
    let passed = Check::from_event(status(Some(5), 100, PASSED));
    assert_eq!(joined(pending.clone(), passed.clone()).state, PASSED);
    let snapshot = Check::from_snapshot(status(None, 100, FAILED), at(101));
    assert_eq!(joined(passed, snapshot).state, FAILED);
}

fn any_check() -> impl Strategy<Value = Check> {
    let state = prop_oneof![
        Just(CheckState::Queued),
        Just(CheckState::InProgress),
        Just(PASSED),
        Just(FAILED)
    ];
    (0u64..2, 0i64..3, state, proptest::option::of(0i64..4)).prop_map(|(id, s, state, date)| {
        let report = run(id, s, state);
        match date {
            None => Check::from_event(report),
            Some(date) => Check::from_snapshot(report, at(date)),
        }
    })
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(a in any_check(), b in any_check(), c in any_check()) {
        let left = a.clone().join(b.clone()).join(c.clone());
        prop_assert_eq!(&left, &c.join(a.clone()).join(b));
        prop_assert_eq!(&left, &left.clone().join(a));
    }
}
