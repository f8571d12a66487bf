//! Pull requests and reviews: REST shows them as webhooks carry them.

use std::collections::BTreeMap;

use ampel_domain::{
    facts::{Lifecycle, Opinion},
    provider::Provider,
    pulls::{ProviderEvent, PullRequestReport, ReviewReport},
};
use ampel_providers::webhook::Parsed;
use serde_json::{Value, json};

use crate::{HEAD, PULLS, REVIEWS, both, deliver::deliver, folder, items};

/// A pull request of REST: the same object that webhooks carry.
fn report(shown: &Value) -> PullRequestReport {
    let body = json!({"action": "edited", "pull_request": shown, "repository": {"id": 1}});
    match deliver(
        Provider::Github,
        "pull_request",
        body.to_string().as_bytes(),
    ) {
        Ok(Parsed::Event {
            event: ProviderEvent::PullRequestSeen { report, .. },
            ..
        }) => *report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pull_requests_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    let mut compared = 0;
    for name in PULLS {
        let (recorded, golden) = both(name);
        for shown in items(&recorded) {
            let report = report(shown);
            let number = report.number.to_string();
            let by_number = golden.get(number.as_str()).map(of_devlake);
            let listed = items(&golden);
            let by_place = || {
                listed
                    .iter()
                    .copied()
                    .find(|one| one["Number"] == report.number.get())
            };
            let expected = by_number.or_else(|| by_place().map(of_goscm)).unwrap();
            for (field, value) in &expected {
                let own = &ours(&report)[field];
                // A title may be longer than what is kept of it.
                let is_cut = own.len() >= 1000 && value.starts_with(own);
                assert!(value == own || is_cut, "{name} {number} {field}: {own}");
                compared += 1;
            }
        }
    }
    eprintln!("{compared} fields of pull requests compared");
    assert!(compared > 250, "{compared}");
}

type Fields = BTreeMap<&'static str, String>;

fn ours(report: &PullRequestReport) -> Fields {
    let state = match report.lifecycle {
        Lifecycle::Open => "OPEN",
        Lifecycle::Closed { .. } => "CLOSED",
        Lifecycle::Merged { .. } => "MERGED",
    };
    Fields::from([
        ("title", report.title.clone()),
        ("link", report.url.clone()),
        ("author", report.author.to_string()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("draft", report.draft.to_string()),
        ("state", state.to_owned()),
    ])
}

fn fields(golden: &Value, keys: &[(&'static str, &str)]) -> Fields {
    let said = |key: &str| match golden.pointer(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        _absent => None,
    };
    keys.iter()
        .filter_map(|(field, key)| Some((*field, said(key)?)))
        .collect()
}

fn of_goscm(golden: &Value) -> Fields {
    let mut fields = fields(
        golden,
        &[
            ("title", "/Title"),
            ("link", "/Link"),
            ("author", "/Author/Login"),
            ("sha", "/Sha"),
            ("source", "/Source"),
            ("target", "/Target"),
            ("draft", "/Draft"),
        ],
    );
    if golden["Merged"] == true {
        fields.insert("state", "MERGED".to_owned());
    }
    fields
}

fn of_devlake(golden: &Value) -> Fields {
    fields(
        golden,
        &[
            ("title", "/title"),
            ("link", "/url"),
            ("author", "/author_name"),
            ("sha", "/head_commit_sha"),
            ("source", "/head_ref"),
            ("target", "/base_ref"),
            ("state", "/status"),
        ],
    )
}

/// A review of REST, in the event that carries it.
fn review(shown: &Value) -> ReviewReport {
    let pull_request = json!({
        "number": 1, "state": "open", "updated_at": "2026-01-01T00:00:00Z",
        "head": {"ref": "x", "sha": HEAD}, "base": {"ref": "main"},
    });
    let body = json!({"action": "edited", "review": shown, "pull_request": pull_request,
        "repository": {"id": 1}});
    match deliver(
        Provider::Github,
        "pull_request_review",
        body.to_string().as_bytes(),
    ) {
        Ok(Parsed::Event {
            event: ProviderEvent::ReviewSeen { review, .. },
            ..
        }) => *review,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reviews_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    for name in REVIEWS {
        let (recorded, golden) = both(name);
        for shown in items(&recorded) {
            let review = review(shown);
            let id = review.id.to_string();
            let by_id = golden.get(id.as_str());
            let expected = by_id.unwrap_or(&golden[0]);
            let said = |own: &str, other: &str| {
                let found = expected.pointer(own).or_else(|| expected.pointer(other));
                found.and_then(Value::as_str).unwrap().to_owned()
            };
            assert_eq!(
                review.reviewer.as_str(),
                said("/author_username", "/Author/Login")
            );
            assert_eq!(review.commit.unwrap().as_str(), said("/commit_sha", "/Sha"));
            let opinion = match said("/state", "/State").as_str() {
                "APPROVED" => Opinion::Approved,
                "CHANGES_REQUESTED" => Opinion::ChangesRequested,
                _comment => Opinion::Commented,
            };
            assert_eq!(review.opinion, opinion, "{name} {id}");
        }
    }
}
