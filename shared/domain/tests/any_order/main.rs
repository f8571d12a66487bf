//! Order and repetition do not matter: histories of events and snapshots of one pull request,
//! permuted and doubled, always end in the same facts.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod strategies;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckState, Fact, Hold, Lifecycle, Unavailable, Verdict},
    provider::Login,
    pulls::{EvidenceSnapshot, HeadEvidence, PullRequest, PullRequestReport, PullRequestSnapshot},
};
use proptest::prelude::*;
use strategies::*;

/// What a table would hold: the pull request and the evidence on both heads.
#[derive(Debug, Clone, PartialEq)]
struct World {
    pull: PullRequest,
    evidence: [HeadEvidence; 2],
}

impl World {
    fn new() -> Self {
        Self {
            pull: PullRequest::from_event(
                id(),
                PullRequestReport {
                    author: Login::new(Login::GHOST),
                    ..report(0, 1, false, Lifecycle::Open)
                },
            ),
            evidence: [HeadEvidence::unknown(sha(1)), HeadEvidence::unknown(sha(2))],
        }
    }

    fn hear(&mut self, said: Said) {
        match said {
            Said::Seen(report) => {
                self.pull.hear(report);
            }
            Said::Review(review) => {
                self.pull.hear_review(review);
            }
            Said::ReviewsHinted(at) => {
                self.pull.doubt_reviews(at);
            }
            Said::Check(check) => {
                self.evidence[0].hear(check);
            }
            Said::BaseMoved(at) => {
                self.pull.base_moved(at);
            }
            Said::Snapshot(snapshot, date) => {
                for evidence in &mut self.evidence {
                    if evidence.sha == snapshot.evidence.sha {
                        evidence.absorb(snapshot.evidence.clone(), date);
                    }
                }
                self.pull.absorb(snapshot, date);
            }
        }
    }

    /// Everything but the bookkeeping of heads to release, which is work, not a fact.
    fn after(history: impl IntoIterator<Item = Said>) -> Self {
        let mut world = Self::new();
        for said in history {
            world.hear(said);
        }
        world.pull.former_heads.clear();
        world
    }
}

fn history_and_shuffle() -> impl Strategy<Value = (Vec<Said>, Vec<Said>)> {
    proptest::collection::vec(any_event(), 1..8).prop_flat_map(|history| {
        let doubled = [history.clone(), history.clone()].concat();
        (Just(history), Just(doubled).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn events_permuted_and_doubled_end_in_the_same_facts(
        (history, shuffled) in history_and_shuffle()
    ) {
        prop_assert_eq!(World::after(history), World::after(shuffled));
    }

    #[test]
    fn a_later_snapshot_is_the_truth_wherever_among_older_events_it_is_heard(
        history in proptest::collection::vec(any_event(), 0..8),
        truth in any_truth(),
        position in 0usize..8,
    ) {
        let mut last = history.clone();
        last.push(truth.clone());
        let mut among = history.clone();
        among.insert(position.min(history.len()), truth.clone());
        among.extend(history.clone());
        let (last, among) = (World::after(last), World::after(among));
        prop_assert_eq!(&last, &among);
        let Said::Snapshot(snapshot, _) = truth else { unreachable!() };
        prop_assert_eq!(last.pull.head_sha(), &snapshot.report.head.sha);
        prop_assert_eq!(last.pull.reviews.by_id.len(), snapshot.reviews.unwrap().len());
        prop_assert!(!last.pull.needs_refresh(&last.evidence[usize::from(
            snapshot.report.head.sha == sha(2)
        )]));
    }

    #[test]
    fn replaying_a_history_changes_nothing(history in proptest::collection::vec(any_event(), 1..8)) {
        let world = World::after(history.clone());
        let mut replayed = world.clone();
        for said in history {
            replayed.hear(said);
        }
        replayed.pull.former_heads.clear();
        prop_assert_eq!(world, replayed);
    }
}

fn shown_at(date: i64) -> Said {
    let shown = report(5, 1, false, Lifecycle::Open);
    let evidence = EvidenceSnapshot {
        sha: sha(1),
        checks: Vec::new(),
        unavailable: None,
        scopes: BTreeSet::new(),
    };
    let snapshot = PullRequestSnapshot {
        report: shown,
        verdict: Fact::Known(Verdict::Clean),
        reviews: Ok(Vec::new()),
        evidence,
        fingerprint: "f".into(),
    };
    Said::Snapshot(snapshot, second(date))
}

#[test]
fn what_vanished_is_open_again_once_the_provider_shows_it_again() {
    let mut world = World::after([shown_at(10)]);
    assert!(world.pull.vanish(second(11)));
    assert!(!world.pull.is_open());
    world.hear(Said::Seen(report(5, 1, false, Lifecycle::Open)));
    assert!(!world.pull.is_open(), "an old delivery brings nothing back");
    world.hear(shown_at(12));
    assert!(world.pull.is_open());
}

#[test]
fn a_verdict_from_before_it_was_closed_is_worth_nothing_after_it_was_reopened() {
    let mut world = World::after([shown_at(10)]);
    assert!(!world.pull.needs_refresh(&world.evidence[0]));
    world.hear(Said::Seen(report(
        11,
        1,
        false,
        Lifecycle::Closed { at: None },
    )));
    world.hear(Said::Seen(report(14, 1, false, Lifecycle::Open)));
    assert!(world.pull.needs_refresh(&world.evidence[0]));
}

#[test]
fn a_draft_is_held_until_it_is_none_and_other_holds_until_evidence_moves() {
    let held = |hold| {
        let Said::Snapshot(mut snapshot, date) = shown_at(10) else {
            unreachable!()
        };
        snapshot.report.draft = hold == Hold::Draft;
        snapshot.verdict = Fact::Known(Verdict::Held(hold));
        World::after([Said::Snapshot(snapshot, date)])
    };
    for hold in [Hold::Draft, Hold::Unclear] {
        let mut world = held(hold);
        assert!(!world.pull.needs_refresh(&world.evidence[0]));
        world.hear(Said::Check(check(1, 12, CheckState::InProgress)));
        let moved = world.pull.needs_refresh(&world.evidence[0]);
        assert_eq!(moved, hold != Hold::Draft, "{hold:?}");
    }
    let mut world = held(Hold::Draft);
    world.hear(Said::Seen(report(14, 1, false, Lifecycle::Open)));
    assert!(world.pull.needs_refresh(&world.evidence[0]));
}

#[test]
fn a_check_that_an_app_dates_back_is_not_taken_for_one_that_is_gone() {
    let mut world = World::after([shown_at(10)]);
    let mut late = check(9, 4, CheckState::InProgress);
    late.moved_at = Some(second(12));
    world.hear(Said::Check(late));
    assert_eq!(world.evidence[0].checks.len(), 1);
    world.hear(Said::Check(check(1, 4, CheckState::InProgress)));
    assert_eq!(world.evidence[0].checks.len(), 1);
    let Said::Snapshot(snapshot, _) = shown_at(11) else {
        unreachable!()
    };
    world.evidence[0].absorb(snapshot.evidence, second(11));
    assert_eq!(
        world.evidence[0].checks.len(),
        1,
        "that snapshot began before it"
    );
}

#[test]
fn what_a_complete_snapshot_said_is_gone_stays_gone_after_one_that_failed() {
    let mut world = World::after([shown_at(10)]);
    let failed = EvidenceSnapshot {
        sha: sha(1),
        checks: Vec::new(),
        unavailable: Some(Unavailable {
            why: "no permission".into(),
        }),
        scopes: BTreeSet::new(),
    };
    world.evidence[0].absorb(failed, second(12));
    world.hear(Said::Check(check(1, 5, CheckState::InProgress)));
    assert!(world.evidence[0].checks.is_empty());
}
