//! Recorded webhooks say what others read in them.

mod bitbucket;
mod gitea;
mod github;
mod gitlab;

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    provider::Provider,
    pulls::{ProviderEvent, PullRequestReport},
};
use ampel_testkit::recordings::{Recording, webhooks};
use serde_json::Value;

use crate::deliver::{deliver, events, kind};

/// What is compared, by our word for it.
type Fields = BTreeMap<&'static str, String>;

/// The time that go-scm writes where there is none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// How one provider's payloads are compared.
struct Comparison {
    provider: Provider,
    /// What our event says.
    ours: fn(&ProviderEvent) -> Fields,
    /// What a golden says, or why there is nothing to compare.
    expected: fn(&Value) -> Result<Fields, &'static str>,
    /// Fewer compared goldens than this would mean that something is not compared any more.
    at_least: usize,
}

impl Comparison {
    fn run(&self) {
        let recordings = webhooks(self.provider);
        let (mut compared, mut fields) = (0, 0);
        let mut skipped: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for recording in &recordings {
            for (name, golden) in recording.goldens() {
                match self.compare(recording, &golden, &name) {
                    Ok(count) => {
                        compared += 1;
                        fields += count;
                    }
                    Err(why) => {
                        skipped.entry(why).or_default().insert(name);
                    }
                }
            }
        }
        let provider = self.provider;
        eprintln!("{provider}: {compared} goldens of webhooks compared, {fields} fields");
        for (why, names) in &skipped {
            eprintln!(
                "{provider}: not compared ({}), {why}: {names:?}",
                names.len()
            );
        }
        assert!(
            recordings.is_empty() || compared >= self.at_least,
            "{compared}"
        );
    }

    /// How many fields agree, or why there is nothing to compare.
    fn compare(
        &self,
        recording: &Recording,
        golden: &Value,
        name: &str,
    ) -> Result<usize, &'static str> {
        let expected = (self.expected)(golden)?;
        let outcome = deliver(self.provider, &recording.event, &recording.body);
        let Some((repository, events)) = events(&outcome) else {
            let why = kind(&outcome);
            assert!(["ignored", "unusable"].contains(&why), "{name}: {why}");
            return Err(match why {
                "ignored" => "we do not use the event",
                _unusable => "the payload was cut too short",
            });
        };
        if expected.is_empty() {
            return Err("it speaks of nothing that our event has");
        }
        let mut ours = (self.ours)(&events[0]);
        ours.insert("repository", repository);
        ours.insert("kind", events[0].kind().to_owned());
        for (field, value) in &expected {
            assert_eq!(ours.get(field), Some(value), "{name}: {field}");
        }
        Ok(expected.len())
    }
}

fn of_report(report: &PullRequestReport) -> Fields {
    let labels: Vec<String> = report.labels.iter().cloned().collect();
    Fields::from([
        ("number", report.number.to_string()),
        ("title", report.title.clone()),
        ("sha", report.head.sha.to_string()),
        ("source", report.head.branch.clone()),
        ("target", report.base.clone()),
        ("fork", report.head.repository.clone().unwrap_or_default()),
        ("author", report.author.to_string()),
        ("draft", report.draft.to_string()),
        ("closed", (!report.lifecycle.is_open()).to_string()),
        ("merged", report.lifecycle.is_merged().to_string()),
        ("link", report.url.clone()),
        ("created", report.created_at.to_string()),
        ("updated", report.updated_at.to_string()),
        ("body", report.description.clone().unwrap_or_default()),
        ("labels", labels.join(",")),
    ])
}

/// A branch that moved.
fn of_branch(branch: &str, head: Option<&ampel_domain::facts::CommitSha>) -> Fields {
    Fields::from([
        ("ref", format!("refs/heads/{branch}")),
        ("sha", head.map(ToString::to_string).unwrap_or_default()),
    ])
}

/// The pull request of go-scm and its fork; a zero time says nothing.
fn of_goscm_pull_request(fields: &mut Fields, pull_request: &Value, keys: &[(&'static str, &str)]) {
    for (field, key) in keys {
        take(fields, field, &pull_request[key]);
    }
    take(fields, "author", &pull_request["Author"]["Login"]);
    fields.retain(|_, value| value != NO_TIME);
}

/// The source and target of Woodpecker's `source:target`.
fn take_refspec(fields: &mut Fields, refspec: &Value) {
    let branches = refspec.as_str().and_then(|spec| spec.split_once(':'));
    if let Some((source, target)) = branches {
        fields.insert("source", source.to_owned());
        fields.insert("target", target.to_owned());
    }
}

fn take(fields: &mut Fields, field: &'static str, value: &Value) {
    match value {
        Value::String(text) => fields.insert(field, text.clone()),
        Value::Bool(_) | Value::Number(_) => fields.insert(field, value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
}
