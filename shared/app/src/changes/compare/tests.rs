use std::collections::BTreeSet;

use ampel_domain::{
    ids::{IdSeed, OrganizationId, PullRequestNumber, RepositoryId},
    light::{Reason, ReasonCode},
    provider::Login,
    pulls::{Head, PullRequestReport},
};
use jiff::Timestamp;

use super::*;

fn seed(random: u128) -> IdSeed {
    IdSeed {
        unix_millis: 1,
        random,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn report() -> PullRequestReport {
    PullRequestReport {
        number: PullRequestNumber::new(7).unwrap(),
        provider_id: "1".into(),
        author: Login::new("ada"),
        author_avatar_url: None,
        created_at: at(0),
        updated_at: at(1),
        url: "https://example.org/7".into(),
        title: "Title".into(),
        description: None,
        lifecycle: Lifecycle::Open,
        draft: false,
        head: Head {
            sha: "a".repeat(40).parse().unwrap(),
            branch: "change".into(),
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

fn judged(light: Light, text: &str) -> Option<Judgement> {
    let reason = Reason {
        code: ReasonCode::ReviewRequired,
        text: text.into(),
        url: None,
    };
    Some(Judgement {
        light,
        reasons: vec![reason],
    })
}

fn image(
    version: u64,
    report: PullRequestReport,
    judgement: Option<Judgement>,
) -> PullRequestImage {
    let id = RepositoryId::new(seed(5)).pull_request(report.number);
    PullRequestImage {
        organization: OrganizationId::new(seed(6)),
        pull_request: PullRequest::from_event(id, report),
        judgement,
        version,
        cause: Cause::Delivery("d".into()),
    }
}

fn kinds(old: Option<&PullRequestImage>, new: Option<&PullRequestImage>) -> Vec<&'static str> {
    let changes = changes(old, new);
    changes
        .iter()
        .map(|change| change.what.detail_type())
        .collect()
}

#[test]
fn the_first_sight_of_a_pull_request() {
    let new = image(1, report(), judged(Light::Yellow, "one"));
    assert_eq!(
        kinds(None, Some(&new)),
        ["pull_request.opened", "pull_request.light_changed"]
    );
    let merged = PullRequestReport {
        lifecycle: Lifecycle::Merged { at: None },
        ..report()
    };
    assert_eq!(
        kinds(None, Some(&image(1, merged, None))),
        ["pull_request.merged"]
    );
    let change = &changes(None, Some(&new))[0];
    assert_eq!(change.version, 1);
    assert_eq!(change.cause, Some(ChangeCause::Delivery("d".into())));
}

#[test]
fn every_difference_has_its_change() {
    let old = image(1, report(), judged(Light::Yellow, "one"));
    let yellow = || judged(Light::Yellow, "one");
    let after = |change: fn(&mut PullRequestReport), judgement| {
        let mut report = report();
        change(&mut report);
        image(2, report, judgement)
    };
    let cases: [(PullRequestImage, &[&str]); 6] = [
        (
            after(|_| {}, judged(Light::Green, "one")),
            &["pull_request.light_changed"],
        ),
        (
            after(|_| {}, judged(Light::Yellow, "two")),
            &["pull_request.updated"],
        ),
        (
            after(|r| r.title = "New".into(), yellow()),
            &["pull_request.updated"],
        ),
        (
            after(|r| r.head.sha = "b".repeat(40).parse().unwrap(), yellow()),
            &["pull_request.head_changed"],
        ),
        (
            after(|r| r.lifecycle = Lifecycle::Closed { at: None }, None),
            &["pull_request.closed", "pull_request.light_changed"],
        ),
        (after(|r| r.updated_at = at(9), yellow()), &[]),
    ];
    for (new, expected) in cases {
        assert_eq!(kinds(Some(&old), Some(&new)), expected);
    }
    let closed = after(|r| r.lifecycle = Lifecycle::Closed { at: None }, None);
    let reopened = image(3, report(), yellow());
    assert_eq!(
        kinds(Some(&closed), Some(&reopened)),
        ["pull_request.reopened", "pull_request.light_changed"]
    );
}

#[test]
fn what_is_removed_or_written_twice_is_not_told() {
    let old = image(1, report(), judged(Light::Yellow, "one"));
    assert_eq!(kinds(Some(&old), None), [""; 0]);
    assert_eq!(kinds(Some(&old), Some(&old)), [""; 0]);
}
