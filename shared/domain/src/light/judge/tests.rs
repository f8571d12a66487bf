//! The rules, one named test each.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    facts::{CheckKey, CheckReport, Lifecycle},
    light::Light,
};

fn check(name: &str, state: CheckState) -> Check {
    Check::from_event(CheckReport {
        key: CheckKey::Run {
            app: "ci".into(),
            name: name.into(),
        },
        state,
        run: 1,
        attempt: 1,
        at: Timestamp::UNIX_EPOCH,
        moved_at: None,
        status_id: None,
        url: None,
        started_at: None,
        completed_at: None,
    })
}

fn ended(conclusion: Conclusion) -> Check {
    check("build", CheckState::Completed(conclusion))
}

/// A pull request that is ready to merge.
fn ready() -> PullRequestFacts {
    PullRequestFacts {
        lifecycle: Fact::Known(Lifecycle::Open),
        draft: Fact::Known(false),
        head: Fact::Known("a".repeat(40).parse().unwrap()),
        mergeability: Fact::Known(Verdict::Clean),
        checks: vec![ended(Conclusion::Success)],
        checks_complete: Fact::Known(()),
        opinions: vec![(Login::new("ada"), Opinion::Approved)],
        reviews_complete: Fact::Known(()),
    }
}

fn light(facts: &PullRequestFacts) -> Light {
    judge(facts).unwrap().light
}

fn codes(facts: &PullRequestFacts) -> Vec<ReasonCode> {
    judge(facts)
        .unwrap()
        .reasons
        .into_iter()
        .map(|reason| reason.code)
        .collect()
}

#[test]
fn approved_passing_and_mergeable_is_green_and_says_why() {
    use ReasonCode::{Approved, ChecksPassed, Mergeable};
    assert_eq!(light(&ready()), Light::Green);
    assert_eq!(codes(&ready()), [Mergeable, ChecksPassed, Approved]);
}

#[test]
fn a_conflict_is_red() {
    let facts = PullRequestFacts {
        mergeability: Fact::Known(Verdict::Conflicting),
        ..ready()
    };
    assert_eq!(
        (light(&facts), codes(&facts)),
        (Light::Red, vec![ReasonCode::Conflicts])
    );
}

#[test]
fn each_conclusion_has_its_light() {
    for (conclusion, expected) in [
        (Conclusion::Success, Light::Green),
        (Conclusion::Neutral, Light::Green),
        (Conclusion::Skipped, Light::Green),
        (Conclusion::Cancelled, Light::Yellow),
        (Conclusion::Unrecognised, Light::Yellow),
        (Conclusion::Failure, Light::Red),
        (Conclusion::TimedOut, Light::Red),
        (Conclusion::ActionRequired, Light::Red),
        (Conclusion::StartupFailure, Light::Red),
        (Conclusion::Stale, Light::Red),
    ] {
        let facts = PullRequestFacts {
            checks: vec![ended(conclusion)],
            ..ready()
        };
        assert_eq!(light(&facts), expected, "{conclusion:?}");
    }
}

#[test]
fn running_ci_is_yellow_even_with_an_approval() {
    for state in [CheckState::Queued, CheckState::InProgress] {
        let facts = PullRequestFacts {
            checks: vec![check("build", state)],
            ..ready()
        };
        assert_eq!(
            (light(&facts), codes(&facts)),
            (Light::Yellow, vec![ReasonCode::CheckPending])
        );
    }
}

#[test]
fn no_checks_at_all_count_as_passing_once_it_is_known_that_there_are_none() {
    let none = PullRequestFacts {
        checks: Vec::new(),
        ..ready()
    };
    assert_eq!(light(&none), Light::Green);
    let unknown = PullRequestFacts {
        checks_complete: Fact::Computing,
        ..none
    };
    assert_eq!(light(&unknown), Light::Yellow);
}

#[test]
fn without_an_approval_it_waits() {
    let facts = PullRequestFacts {
        opinions: Vec::new(),
        ..ready()
    };
    assert_eq!(
        (light(&facts), codes(&facts)),
        (Light::Yellow, vec![ReasonCode::ReviewRequired])
    );
}

#[test]
fn one_request_for_changes_outweighs_approvals() {
    let mut facts = ready();
    facts
        .opinions
        .push((Login::new("grace"), Opinion::ChangesRequested));
    assert_eq!(
        (light(&facts), codes(&facts)),
        (Light::Red, vec![ReasonCode::ChangesRequested])
    );
}

#[test]
fn a_draft_is_never_green_and_red_rules_run_first() {
    let draft = PullRequestFacts {
        draft: Fact::Known(true),
        ..ready()
    };
    assert_eq!(
        (light(&draft), codes(&draft)),
        (Light::Yellow, vec![ReasonCode::Draft])
    );
    let failed = PullRequestFacts {
        checks: vec![ended(Conclusion::Failure)],
        ..draft
    };
    assert_eq!(light(&failed), Light::Red);
    assert_eq!(codes(&failed), [ReasonCode::CheckFailed, ReasonCode::Draft]);
}

#[test]
fn every_blocker_is_listed() {
    use ReasonCode::{ChangesRequested, CheckFailed, CheckPending, Conflicts};
    let mut facts = ready();
    facts.mergeability = Fact::Known(Verdict::Conflicting);
    facts.checks = vec![
        ended(Conclusion::Failure),
        check("lint", CheckState::Completed(Conclusion::TimedOut)),
        check("docs", CheckState::Queued),
    ];
    facts
        .opinions
        .push((Login::new("grace"), Opinion::ChangesRequested));
    assert_eq!(
        codes(&facts),
        [
            Conflicts,
            CheckFailed,
            CheckFailed,
            ChangesRequested,
            CheckPending
        ]
    );
}

#[test]
fn what_is_not_open_has_no_light() {
    for lifecycle in [
        Lifecycle::Closed { at: None },
        Lifecycle::Merged { at: None },
    ] {
        let facts = PullRequestFacts {
            lifecycle: Fact::Known(lifecycle),
            ..ready()
        };
        assert_eq!(judge(&facts), None);
    }
}

#[test]
fn an_unavailable_fact_names_what_would_help() {
    let why = "connect a token that may read checks.".to_owned();
    let facts = PullRequestFacts {
        checks_complete: Fact::Unavailable(why),
        ..ready()
    };
    let judgement = judge(&facts).unwrap();
    assert_eq!(judgement.light, Light::Yellow);
    assert!(
        judgement.reasons[0]
            .text
            .contains("a token that may read checks")
    );
}

#[test]
fn a_flood_of_statuses_does_not_make_a_flood_of_reasons() {
    let named = |n: usize| Check {
        url: Some(format!("https://example.org/{}", "x".repeat(2_000))),
        ..check(&format!("{n}-{}", "n".repeat(1_000)), CheckState::Queued)
    };
    let mut checks: Vec<Check> = (0..5_000).map(named).collect();
    checks.push(ended(Conclusion::Failure));
    let facts = PullRequestFacts { checks, ..ready() };
    let judgement = judge(&facts).unwrap();
    assert_eq!(judgement.light, Light::Red, "the worst reason is not lost");
    assert_eq!(judgement.reasons[0].code, ReasonCode::CheckFailed);
    assert!(judgement.reasons.len() <= 50);
    let last = &judgement.reasons.last().unwrap().text;
    assert_eq!(last, "4952 more reasons like this.");
    assert!(serde_json::to_string(&judgement).unwrap().len() < 20_000);
}

fn fact<T: Clone + std::fmt::Debug + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Fact<T>> {
    prop_oneof![
        4 => values.prop_map(Fact::Known),
        1 => Just(Fact::Computing),
        1 => Just(Fact::Unavailable("why".into())),
    ]
}

fn any_facts() -> impl Strategy<Value = PullRequestFacts> {
    let states = prop_oneof![
        Just(CheckState::Queued),
        Just(CheckState::Completed(Conclusion::Success)),
        Just(CheckState::Completed(Conclusion::Cancelled)),
        Just(CheckState::Completed(Conclusion::Failure)),
    ];
    let opinions = prop_oneof![Just(Opinion::Approved), Just(Opinion::ChangesRequested)];
    (
        fact(any::<bool>()),
        fact(Just("b".repeat(40).parse().unwrap())),
        fact(prop_oneof![
            Just(Verdict::Clean),
            Just(Verdict::Conflicting),
            proptest::sample::select(&Hold::ALL[..]).prop_map(Verdict::Held)
        ]),
        proptest::collection::vec(states, 0..3),
        fact(Just(())),
        proptest::collection::vec(opinions, 0..3),
        fact(Just(())),
    )
        .prop_map(
            |(draft, head, mergeability, states, complete, opinions, reviews)| {
                let named = |(i, state)| check(&format!("check-{i}"), state);
                let by = |(i, opinion)| (Login::new(&format!("reviewer-{i}")), opinion);
                PullRequestFacts {
                    lifecycle: Fact::Known(Lifecycle::Open),
                    draft,
                    head,
                    mergeability,
                    checks: states.into_iter().enumerate().map(named).collect(),
                    checks_complete: complete,
                    opinions: opinions.into_iter().enumerate().map(by).collect(),
                    reviews_complete: reviews,
                }
            },
        )
}

proptest! {
    #[test]
    fn unknown_is_never_green_and_no_light_is_without_reasons(facts in any_facts()) {
        let judgement = judge(&facts).unwrap();
        prop_assert!(!judgement.reasons.is_empty());
        if judgement.light == Light::Green {
            prop_assert_eq!(&facts.draft, &Fact::Known(false));
            prop_assert!(matches!(facts.head, Fact::Known(_)));
            prop_assert_eq!(&facts.mergeability, &Fact::Known(Verdict::Clean));
            prop_assert_eq!(&facts.checks_complete, &Fact::Known(()));
            prop_assert_eq!(&facts.reviews_complete, &Fact::Known(()));
            prop_assert!(facts.opinions.iter().all(|(_, o)| *o == Opinion::Approved));
            prop_assert!(!facts.opinions.is_empty());
        }
    }
}

#[test]
fn a_hold_is_never_green_and_is_said_once() {
    for hold in Hold::ALL {
        let mut facts = ready();
        facts.mergeability = Fact::Known(Verdict::Held(hold));
        facts.draft = Fact::Known(hold == Hold::Draft);
        let judged = judge(&facts).unwrap();
        assert_ne!(judged.light, Light::Green, "{hold:?}");
        assert_eq!(judged.reasons.len(), 1, "{hold:?}: {:?}", judged.reasons);
    }
}
