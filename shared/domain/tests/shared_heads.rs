//! One commit that several branches and pull requests have: each has checks of its own.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{
        CheckKey, CheckReport, CheckScope, CheckState, CommitSha, Conclusion, Fact, Lifecycle,
        Unavailable,
    },
    ids::{IdSeed, PullRequestNumber, RepositoryId},
    provider::Login,
    pulls::{
        EvidenceSnapshot, Head, HeadEvidence, PullRequest, PullRequestReport, PullRequestSnapshot,
    },
};
use jiff::Timestamp;

const PASSED: CheckState = CheckState::Completed(Conclusion::Success);
const FAILED: CheckState = CheckState::Completed(Conclusion::Failure);

fn second(n: i64) -> Timestamp {
    Timestamp::from_second(n).unwrap()
}

fn sha() -> CommitSha {
    "ab".repeat(20).parse().unwrap()
}

fn report(number: u32, branch: &str) -> PullRequestReport {
    PullRequestReport {
        number: PullRequestNumber::new(number).unwrap(),
        provider_id: number.to_string(),
        author: Login::new("ada"),
        author_avatar_url: None,
        created_at: second(0),
        updated_at: second(1),
        url: String::new(),
        title: "Add login".into(),
        description: None,
        lifecycle: Lifecycle::Open,
        draft: false,
        head: Head {
            sha: sha(),
            branch: branch.into(),
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

fn pull(report: PullRequestReport) -> PullRequest {
    let repository = RepositoryId::new(IdSeed {
        unix_millis: 1,
        random: 1,
    });
    PullRequest::from_event(repository.pull_request(report.number), report)
}

fn branch(name: &str) -> CheckScope {
    CheckScope::Branch { name: name.into() }
}

fn own(number: u32) -> CheckScope {
    CheckScope::PullRequest {
        number: PullRequestNumber::new(number).unwrap(),
    }
}

fn pipeline(scope: CheckScope, run: u64, state: CheckState) -> CheckReport {
    CheckReport {
        key: CheckKey::ScopedRun {
            app: "gitlab".into(),
            name: "pipeline".into(),
            scope,
        },
        state,
        run,
        attempt: 0,
        at: second(i64::try_from(run).unwrap()),
        moved_at: None,
        status_id: None,
        url: None,
        started_at: None,
        completed_at: None,
    }
}

/// What a snapshot of a pull request shows.
fn shown(number: u32, of: &str, checks: Vec<CheckReport>) -> EvidenceSnapshot {
    let head = report(number, of).head;
    EvidenceSnapshot {
        sha: sha(),
        checks,
        unavailable: None,
        scopes: head.check_scopes(PullRequestNumber::new(number).unwrap()),
    }
}

fn states(pull: &PullRequest, evidence: &HeadEvidence) -> Vec<CheckState> {
    let checks = pull.facts(evidence).checks;
    checks.iter().map(|check| check.state).collect()
}

#[test]
fn a_commit_that_passes_on_another_branch_still_fails_on_its_own() {
    let feature = pull(report(7, "feature"));
    let mut evidence = HeadEvidence::unknown(sha());
    assert!(evidence.hear(pipeline(branch("feature"), 10, FAILED)));
    assert!(evidence.hear(pipeline(branch("staging"), 12, PASSED)));
    assert_eq!(states(&feature, &evidence), [FAILED]);
    let shows = shown(7, "feature", vec![pipeline(branch("feature"), 10, FAILED)]);
    evidence.absorb(shows, second(20));
    assert_eq!(states(&feature, &evidence), [FAILED]);
    assert_eq!(evidence.checks.len(), 2, "it tells nothing of the other");
}

#[test]
fn pull_requests_of_one_head_have_pipelines_of_their_own() {
    let (failing, passing) = (pull(report(7, "fix")), pull(report(8, "fix")));
    let mut evidence = HeadEvidence::unknown(sha());
    evidence.hear(pipeline(own(7), 10, FAILED));
    evidence.absorb(
        shown(8, "fix", vec![pipeline(own(8), 11, PASSED)]),
        second(20),
    );
    assert_eq!(states(&failing, &evidence), [FAILED]);
    assert_eq!(states(&passing, &evidence), [PASSED]);
}

#[test]
fn what_was_read_for_another_is_not_all_there_is() {
    let (seventh, eighth) = (pull(report(7, "fix")), pull(report(8, "fix")));
    let mut evidence = HeadEvidence::unknown(sha());
    evidence.absorb(shown(7, "fix", Vec::new()), second(20));
    assert_eq!(seventh.facts(&evidence).checks_complete, Fact::Known(()));
    assert_eq!(eighth.facts(&evidence).checks_complete, Fact::Computing);
    assert!(eighth.needs_refresh(&evidence));
    // One that the token may not read says nothing of the other, in either order.
    let hidden = EvidenceSnapshot {
        unavailable: Some(Unavailable {
            why: "no role".into(),
        }),
        scopes: BTreeSet::from([own(8)]),
        ..shown(8, "fix", Vec::new())
    };
    evidence.absorb(hidden, second(18));
    let is_unavailable = |fact| matches!(fact, Fact::Unavailable(_));
    assert!(is_unavailable(eighth.facts(&evidence).checks_complete));
    assert_eq!(seventh.facts(&evidence).checks_complete, Fact::Known(()));
}

#[test]
fn an_older_snapshot_of_another_brings_its_checks_and_takes_none_away() {
    let eighth = pull(report(8, "fix"));
    let mut evidence = HeadEvidence::unknown(sha());
    evidence.absorb(
        shown(7, "fix", vec![pipeline(own(7), 10, PASSED)]),
        second(20),
    );
    evidence.absorb(
        shown(8, "fix", vec![pipeline(own(8), 11, FAILED)]),
        second(19),
    );
    assert_eq!(states(&eighth, &evidence), [FAILED]);
    assert_eq!(evidence.checks.len(), 2);
    // Nor does it make a late event of the other one look gone.
    assert!(evidence.hear(pipeline(own(9), 12, FAILED)));
    evidence.absorb(shown(8, "fix", Vec::new()), second(30));
    assert_eq!(states(&eighth, &evidence), []);
    assert!(
        !evidence.hear(pipeline(own(8), 11, FAILED)),
        "what is gone stays gone"
    );
}

#[test]
fn a_branch_of_a_fork_shares_only_its_name() {
    let mut from_fork = report(7, "main");
    from_fork.head.is_fork = true;
    let from_fork = pull(from_fork);
    let mut evidence = HeadEvidence::unknown(sha());
    evidence.hear(pipeline(branch("main"), 10, FAILED));
    evidence.hear(pipeline(own(7), 11, PASSED));
    assert_eq!(states(&from_fork, &evidence), [PASSED]);
}

#[test]
fn what_happens_to_another_does_not_lift_a_hold() {
    use ampel_domain::facts::{Fact, Hold, Verdict};
    let mut feature = pull(report(7, "feature"));
    let held = Verdict::Held(Hold::ChecksMustPass);
    let seen = PullRequestSnapshot {
        report: report(7, "feature"),
        verdict: Fact::Known(held),
        reviews: Ok(Vec::new()),
        evidence: shown(7, "feature", Vec::new()),
        fingerprint: "f".into(),
    };
    let mut evidence = HeadEvidence::unknown(sha());
    evidence.absorb(seen.evidence.clone(), second(9));
    feature.absorb(seen, second(9));
    evidence.hear(pipeline(branch("staging"), 12, PASSED));
    assert_eq!(feature.facts(&evidence).mergeability, Fact::Known(held));
    evidence.hear(pipeline(branch("feature"), 13, PASSED));
    assert_eq!(feature.facts(&evidence).mergeability, Fact::Computing);
}
