use proptest::prelude::*;

use super::*;

const HOURLY: Allowance = Allowance {
    calls: 100,
    window: SignedDuration::from_hours(1),
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_603_600 + seconds).unwrap()
}

/// Our own budget is at its end until then.
fn spent(seconds: i64) -> Wait {
    Wait {
        until: at(seconds),
        limit: Limit::Budget,
    }
}

fn seen(limit: u32, remaining: u32, resets_in: i64) -> RateSeen {
    RateSeen {
        limit: Some(limit),
        remaining: Some(remaining),
        resets_in: Some(SignedDuration::from_secs(resets_in)),
        retry_after: None,
    }
}

/// A process that asks with the account.
#[derive(Default)]
struct Process {
    lease: Lease,
}

impl Process {
    /// Makes a call if the budget has one; answers whether it did.
    fn call(
        &mut self,
        budget: &mut AccountBudget,
        allowance: Option<Allowance>,
        priority: Priority,
        now: Timestamp,
    ) -> Result<(), Wait> {
        loop {
            match self.lease.turn(priority, now) {
                Turn::Go => return Ok(()),
                Turn::Wait(wait) => return Err(wait),
                Turn::Borrow => {}
            }
            let report = self.lease.report();
            let loan = budget.lend(Resource::Core, priority, allowance, &report, now);
            self.lease.settle(loan.ok());
            loan?;
        }
    }
}

#[test]
fn what_comes_later_leaves_calls_to_what_comes_first() {
    let mut budget = AccountBudget::default();
    let mut made = Vec::new();
    for priority in [Priority::Reconcile, Priority::Merge, Priority::Interactive] {
        let mut process = Process::default();
        let mut calls = 0;
        while process
            .call(&mut budget, Some(HOURLY), priority, at(0))
            .is_ok()
        {
            process.lease.hear(None, at(0));
            calls += 1;
        }
        made.push(calls);
    }
    assert_eq!(made, [70, 20, 10]);
    let refused = Process::default().call(&mut budget, Some(HOURLY), Priority::Interactive, at(0));
    assert_eq!(refused, Err(spent(3600)));
    let again = Process::default().call(&mut budget, Some(HOURLY), Priority::Reconcile, at(3600));
    assert_eq!(again, Ok(()), "a new window begins");
}

#[test]
fn a_lease_ends_with_its_window_and_is_not_given_back_to_the_next() {
    let mut budget = AccountBudget::default();
    let mut process = Process::default();
    let priority = Priority::Interactive;
    process
        .call(&mut budget, Some(HOURLY), priority, at(0))
        .unwrap();
    process
        .call(&mut budget, Some(HOURLY), priority, at(3600))
        .unwrap();
    let window = budget.core.unwrap();
    assert_eq!((window.number, window.left, window.lent), (2, 80, 20));
}

#[test]
fn the_lowest_word_of_a_window_holds() {
    let mut budget = AccountBudget::default();
    let (mut one, mut other) = (Process::default(), Process::default());
    let priority = Priority::Interactive;
    for process in [&mut one, &mut other] {
        process
            .call(&mut budget, Some(HOURLY), priority, at(0))
            .unwrap();
    }
    // Somebody else uses the token, too, and the window ends earlier than was thought.
    one.lease.hear(Some(&seen(100, 50, 600)), at(1));
    other.lease.hear(Some(&seen(100, 90, 600)), at(1));
    for process in [&mut one, &mut other] {
        let report = process.lease.report();
        let loan = budget.lend(Resource::Core, priority, Some(HOURLY), &report, at(2));
        process.lease.settle(Some(loan.unwrap()));
    }
    let window = budget.core.clone().unwrap();
    assert_eq!(window.resets_at, at(601));
    assert!(window.left + window.lent <= 50, "{window:?}");
    // What is heard of a window before says nothing.
    let old = Report {
        heard: Heard {
            limit: Some(100),
            remaining: Some(0),
            resets_at: Some(at(500)),
        },
        returned: None,
    };
    budget.take_in(Resource::Core, Some(HOURLY), &old, at(3));
    assert_eq!(budget.core, Some(window));
}

#[test]
fn a_limit_nobody_knew_of_is_kept_from_the_first_answer_on() {
    let mut budget = AccountBudget::default();
    let mut process = Process::default();
    let priority = Priority::Reconcile;
    process.call(&mut budget, None, priority, at(0)).unwrap();
    assert_eq!(budget, AccountBudget::default(), "there is nothing to keep");
    process.lease.hear(Some(&seen(60, 59, 60)), at(0));
    process.call(&mut budget, None, priority, at(0)).unwrap();
    let window = budget.core.as_ref().unwrap();
    assert_eq!((window.limit, window.left, window.lent), (60, 39, 20));
    assert_eq!(window.resets_at, at(60));
}

#[test]
fn points_and_calls_are_kept_apart_and_a_refusal_stops_both() {
    let mut budget = AccountBudget::default();
    let report = Report::default();
    let mut lend =
        |resource, now| budget.lend(resource, Priority::Interactive, Some(HOURLY), &report, now);
    for _block in 0..5 {
        assert_eq!(lend(Resource::Core, at(0)).unwrap().calls, BLOCK);
    }
    assert!(lend(Resource::Core, at(0)).is_err());
    assert!(lend(Resource::Graphql, at(0)).is_ok());
    budget.block(SignedDuration::from_secs(30), at(0));
    budget.block(SignedDuration::from_secs(10), at(0));
    let refused = budget.lend(
        Resource::Graphql,
        Priority::Interactive,
        Some(HOURLY),
        &report,
        at(29),
    );
    let until = at(30);
    let limit = Limit::Told;
    assert_eq!(refused, Err(Wait { until, limit }));
    assert_eq!(unless_blocked(budget.blocked_until, at(30)), Ok(()));
    budget.block(SignedDuration::MAX, at(30));
    assert_eq!(budget.blocked_until, Some(at(30) + LONGEST_WAIT));
}

#[test]
fn writes_lie_a_second_apart_and_nobody_waits_long_for_a_place() {
    for (priority, taken) in [
        (Priority::Interactive, 3),
        (Priority::Merge, 2),
        (Priority::Reconcile, 1),
    ] {
        let mut budget = AccountBudget::default();
        let place = |budget: &mut AccountBudget| budget.place_write(priority, at(0));
        let places: Vec<Timestamp> = std::iter::from_fn(|| place(&mut budget).ok()).collect();
        assert_eq!(places.len(), taken, "{priority:?}");
        assert_eq!(places.first(), Some(&at(0)));
        for pair in places.windows(2) {
            let latest_start = pair[0] + LATENESS;
            assert!(pair[1].duration_since(latest_start) >= BETWEEN_WRITES);
        }
        let before = budget.clone();
        let refused = place(&mut budget).unwrap_err();
        assert_eq!(before, budget, "no place is taken by who does not stay");
        assert_eq!(refused.limit, Limit::Pace);
        let then = budget.place_write(priority, refused.until);
        assert_eq!(then, Ok(refused.until));
    }
}

#[test]
fn a_person_gets_a_place_that_reconciles_and_merges_do_not_take() {
    let mut budget = AccountBudget::default();
    for priority in [Priority::Reconcile, Priority::Merge] {
        while budget.place_write(priority, at(0)).is_ok() {}
    }
    let place = budget.place_write(Priority::Interactive, at(0)).unwrap();
    assert!(place.duration_since(at(0)) <= SHORT_WAIT);
}

#[test]
fn of_very_few_calls_one_is_there_for_everybody() {
    for limit in 1..5 {
        for priority in [Priority::Interactive, Priority::Merge, Priority::Reconcile] {
            assert!(priority.leaves(limit) < limit, "{priority:?} of {limit}");
        }
    }
    assert_eq!(Priority::Reconcile.leaves(0), 0);
}

#[test]
fn a_window_without_calls_is_none_and_its_end_is_waited_for() {
    let mut budget = AccountBudget::default();
    let mut process = Process::default();
    let priority = Priority::Interactive;
    process.call(&mut budget, None, priority, at(0)).unwrap();
    process.lease.hear(Some(&seen(0, 0, 60)), at(0));
    let wait = process.call(&mut budget, None, priority, at(1));
    assert_eq!(wait.unwrap_err().until, at(60));
    let other = Process::default().call(&mut budget, None, priority, at(1));
    assert_eq!(other.unwrap_err().until, at(60));
    assert_eq!(budget.core, None);
    process.call(&mut budget, None, priority, at(60)).unwrap();
    // What was stored so long ago that it knew such windows is healed.
    budget.core = Some(Window {
        number: 1,
        limit: 0,
        left: 0,
        lent: 0,
        resets_at: at(90),
        is_told: true,
    });
    let mut late = Process::default();
    late.call(&mut budget, None, priority, at(61)).unwrap();
}

/// What happens next: a process begins a call of some priority, or hears the oldest answer.
#[derive(Debug, Clone)]
enum Step {
    Begin(usize, Priority),
    Hear(usize),
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![
        Just(Priority::Interactive),
        Just(Priority::Merge),
        Just(Priority::Reconcile),
    ]
}

/// A number of a header: often a small one, or none.
fn word() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![
        Just(None),
        Just(Some(0)),
        (1..12_u32).prop_map(Some),
        any::<u32>().prop_map(Some),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_usize, priority()).prop_map(|(process, priority)| Step::Begin(process, priority)),
        (0..3_usize).prop_map(Step::Hear),
    ]
}

proptest! {
    /// However processes take turns and answers are late, the provider never counts more calls
    /// than it allows, whether its limit is the documented one or a smaller one.
    #[test]
    fn never_more_calls_than_the_budget(
        steps in proptest::collection::vec(step(), 0..900),
        limit in 100..200_u32,
    ) {
        let mut budget = AccountBudget::default();
        let mut processes = [Process::default(), Process::default(), Process::default()];
        let mut answers: [Vec<RateSeen>; 3] = Default::default();
        let mut made = 0;
        let allowance = Some(Allowance { calls: 200, ..HOURLY });
        for step in steps {
            match step {
                Step::Begin(process, priority) => {
                    let begun = processes[process].call(&mut budget, allowance, priority, at(0));
                    if begun.is_ok() {
                        made += 1;
                        prop_assert!(made <= limit, "{} of {}", made, limit);
                        answers[process].push(seen(limit, limit - made, 3600));
                    }
                }
                Step::Hear(process) => {
                    if !answers[process].is_empty() {
                        let answer = answers[process].remove(0);
                        processes[process].lease.hear(Some(&answer), at(0));
                    }
                }
            }
        }
    }

    /// Whatever servers say, nothing overflows, and who waits for the ends that are named gets
    /// through: an account is never refused for ever.
    #[test]
    fn no_answer_can_upset_it(
        words in proptest::collection::vec(
            (word(), word(), any::<Option<i64>>(), 0..10_000_i64),
            0..50,
        ),
        priority in priority(),
    ) {
        let mut budget = AccountBudget::default();
        let mut process = Process::default();
        let mut now = 0;
        for (limit, remaining, reset, passes) in words {
            now += passes;
            let called = process.call(&mut budget, None, Priority::Interactive, at(now));
            if let Err(wait) = called {
                prop_assert!(wait.until > at(now) && wait.until <= at(now) + LONGEST_WAIT);
            }
            let resets_in = reset.map(SignedDuration::from_secs);
            let word = RateSeen { limit, remaining, resets_in, retry_after: None };
            process.lease.hear(Some(&word), at(now));
        }
        let mut now = at(now);
        let mut waits = 0;
        while let Err(wait) = process.call(&mut budget, None, priority, now) {
            waits += 1;
            prop_assert!(waits <= 3, "{:?} {:?}", process.lease, budget);
            now = wait.until;
        }
        let mut late = Process::default();
        while let Err(wait) = late.call(&mut budget, None, priority, now) {
            waits += 1;
            prop_assert!(waits <= 6, "{:?}", budget);
            now = wait.until;
        }
    }
}
