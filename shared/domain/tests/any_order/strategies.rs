//! What providers may say, generated.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{
        CheckKey, CheckReport, CheckState, CommitSha, Conclusion, Fact, Lifecycle, Opinion,
        ReviewId, Verdict,
    },
    ids::{IdSeed, PullRequestId, PullRequestNumber, RepositoryId},
    provider::{Login, ProviderUserId},
    pulls::{EvidenceSnapshot, Head, PullRequestReport, PullRequestSnapshot, ReviewReport},
};
use jiff::Timestamp;
use proptest::prelude::*;

pub fn second(n: i64) -> Timestamp {
    Timestamp::from_second(n).unwrap()
}

pub fn sha(n: u8) -> CommitSha {
    format!("{n:02x}").repeat(20).parse().unwrap()
}

pub fn id() -> PullRequestId {
    let repository = RepositoryId::new(IdSeed {
        unix_millis: 1,
        random: 1,
    });
    repository.pull_request(PullRequestNumber::new(7).unwrap())
}

/// One statement about the pull request.
#[derive(Debug, Clone)]
pub enum Said {
    Seen(PullRequestReport),
    Review(ReviewReport),
    Check(CheckReport),
    ReviewsHinted(Timestamp),
    BaseMoved(Timestamp),
    Snapshot(PullRequestSnapshot, Timestamp),
}

pub fn report(at: i64, head: u8, draft: bool, lifecycle: Lifecycle) -> PullRequestReport {
    PullRequestReport {
        number: PullRequestNumber::new(7).unwrap(),
        provider_id: "PR_7".into(),
        author: Login::new("ada"),
        author_avatar_url: None,
        created_at: second(0),
        updated_at: second(at),
        url: "https://github.com/acme/web/pull/7".into(),
        title: format!("title at {}", at / 2),
        description: None,
        lifecycle,
        draft,
        head: Head {
            sha: sha(head),
            branch: "topic".into(),
            repository: None,
            is_fork: false,
        },
        base: "main".into(),
        labels: BTreeSet::new(),
        requested_reviewers: BTreeSet::new(),
        size: None,
        comments: None,
        verdict: None,
    }
}

pub fn review(id: u64, at: i64, opinion: Opinion) -> ReviewReport {
    ReviewReport {
        id: ReviewId::Numbered(id),
        reviewer: Login::new(if id.is_multiple_of(2) {
            "grace"
        } else {
            "alan"
        }),
        reviewer_avatar_url: None,
        opinion,
        submitted_at: second(i64::try_from(id).unwrap()),
        updated_at: second(at),
        commit: None,
        body: None,
        url: None,
    }
}

pub fn check(run: u64, at: i64, state: CheckState) -> CheckReport {
    CheckReport {
        key: CheckKey::Run {
            app: "ci".into(),
            name: "build".into(),
        },
        state,
        run,
        attempt: 1,
        at: second(at),
        moved_at: None,
        status_id: None,
        url: None,
        started_at: None,
        completed_at: None,
    }
}

pub fn any_lifecycle() -> impl Strategy<Value = Lifecycle> {
    prop_oneof![
        3 => Just(Lifecycle::Open),
        1 => Just(Lifecycle::Closed { at: Some(second(3)) }),
        1 => Just(Lifecycle::Merged { at: Some(second(4)) }),
    ]
}

pub fn any_report() -> impl Strategy<Value = PullRequestReport> {
    let verdict = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Verdict::Clean)),
        1 => Just(Some(Verdict::Conflicting)),
    ];
    let base = prop_oneof![2 => Just("main"), 1 => Just("next")];
    // Some events do not know who opened it.
    let author = prop_oneof![2 => Just("ada"), 1 => Just(Login::GHOST)];
    (
        1i64..6,
        1u8..3,
        any::<bool>(),
        any_lifecycle(),
        verdict,
        (base, author),
    )
        .prop_map(
            |(at, head, draft, lifecycle, verdict, (base, author))| PullRequestReport {
                verdict,
                base: base.into(),
                author: Login::new(author),
                ..report(at, head, draft, lifecycle)
            },
        )
}

/// Reviews with ids, which end dismissed, and the opinion that kurt holds, which comes and goes.
pub fn any_review() -> impl Strategy<Value = ReviewReport> {
    let opinion = |last| {
        prop_oneof![
            Just(Opinion::Approved),
            Just(Opinion::ChangesRequested),
            Just(last)
        ]
    };
    let numbered = (1u64..4, 1i64..6, opinion(Opinion::Dismissed));
    let held = (1i64..6, opinion(Opinion::Withdrawn));
    prop_oneof![
        2 => numbered.prop_map(|(id, at, opinion)| review(id, at, opinion)),
        1 => held.prop_map(|(at, opinion)| held_by_kurt(at, opinion)),
    ]
}

pub fn held_by_kurt(at: i64, opinion: Opinion) -> ReviewReport {
    ReviewReport {
        id: ReviewId::Held(ProviderUserId("kurt".into())),
        reviewer: Login::new("kurt"),
        submitted_at: second(at),
        ..review(1, at, opinion)
    }
}

pub fn any_check() -> impl Strategy<Value = CheckReport> {
    let state = prop_oneof![
        Just(CheckState::Queued),
        Just(CheckState::InProgress),
        Just(CheckState::Completed(Conclusion::Success)),
        Just(CheckState::Completed(Conclusion::Failure)),
    ];
    (1u64..3, 1i64..6, state, proptest::option::of(1i64..6)).prop_map(|(run, at, state, moved)| {
        CheckReport {
            moved_at: moved.map(second),
            ..check(run, at, state)
        }
    })
}

pub fn any_event() -> impl Strategy<Value = Said> {
    prop_oneof![
        any_report().prop_map(Said::Seen),
        any_review().prop_map(Said::Review),
        any_check().prop_map(Said::Check),
        (1i64..6).prop_map(|at| Said::ReviewsHinted(second(at))),
        (1i64..6).prop_map(|at| Said::BaseMoved(second(at))),
    ]
}

/// The last word: a snapshot after all events.
pub fn any_truth() -> impl Strategy<Value = Said> {
    (
        any_report(),
        proptest::collection::btree_map(1u64..4, any_review(), 0..3),
        any_check(),
    )
        .prop_map(|(mut shown, reviews, mut check)| {
            // No event speaks of a run that the provider does not have.
            check.run = 3;
            shown.updated_at = second(6);
            let reviews = reviews.into_iter().map(|(id, r)| match r.id {
                ReviewId::Numbered(_) => ReviewReport {
                    id: ReviewId::Numbered(id),
                    ..r
                },
                ReviewId::Held(_) => r,
            });
            let reviews: BTreeMap<_, _> = reviews.map(|r| (r.id.clone(), r)).collect();
            let evidence = EvidenceSnapshot {
                sha: shown.head.sha.clone(),
                checks: vec![check],
                unavailable: None,
                scopes: BTreeSet::new(),
            };
            let snapshot = PullRequestSnapshot {
                report: shown,
                verdict: Fact::Known(Verdict::Clean),
                reviews: Ok(reviews.into_values().collect()),
                evidence,
                fingerprint: "f".into(),
            };
            Said::Snapshot(snapshot, second(10))
        })
}
