//! Nothing that a genuine sender can put into a body makes a parser panic, or an event too large
//! for its queue.
//!
//! The suite tries some thousand bodies of each provider. `scripts/fuzz` tries for as long as it is
//! told; what it finds becomes a test in `found.rs`.

mod documents;
mod found;
mod mutation;

use std::time::{Duration, Instant};

use ampel_domain::{provider::Provider, pulls::ProviderEvent};
use ampel_testkit::recordings::{Recording, expected_events, webhooks};
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use self::mutation::{Mutation, mutations};
use crate::deliver::{PROVIDERS, deliver, deliver_as, events};

/// Bodies of each provider that the suite tries.
const CASES: u32 = 768;
/// The most bytes that an event may have on its way.
const MOST_BYTES: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";
/// The seconds that `scripts/fuzz` tries each provider for.
const SECONDS: &str = "AMPEL_FUZZ_SECONDS";

/// What bodies are made of.
struct Seeds {
    provider: Provider,
    /// Those that the product uses, of the recordings and of our own making.
    bodies: Vec<Recording>,
    /// All names of events that the table knows.
    names: Vec<String>,
}

impl Seeds {
    fn of(provider: Provider) -> Self {
        let table = expected_events(provider);
        let is_used = |recording: &Recording| {
            let key = (recording.event.clone(), recording.subject());
            table.get(&key).is_some_and(|own| own != "ignored")
        };
        let mut bodies: Vec<Recording> = webhooks(provider).into_iter().filter(is_used).collect();
        bodies.extend(own_samples(provider));
        let mut names: Vec<String> = table.into_keys().map(|(event, _)| event).collect();
        names.dedup();
        Self {
            provider,
            bodies,
            names,
        }
    }

    /// Delivers the body that a mutation makes, and looks at what became of it.
    fn try_one(&self, mutation: &Mutation) {
        let (event, body) = mutation.apply(&self.bodies, &self.names);
        let outcome = deliver(self.provider, &event, &body);
        if self.provider == Provider::Github {
            // GitHub signs a form as it is; the others' forms are not signed this way.
            let _as_form = deliver_as(self.provider, FORM, &event, &body);
        }
        let Some((_, events)) = events(&outcome) else {
            return;
        };
        for event in events {
            let written = serde_json::to_string(&event).unwrap();
            assert!(written.len() < MOST_BYTES, "{} bytes", written.len());
            let read: ProviderEvent = serde_json::from_str(&written).unwrap();
            assert_eq!(read, event);
        }
    }

    fn try_many(&self, cases: u32) {
        let config = Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        };
        let outcome = TestRunner::new(config).run(&mutations(), |mutation| {
            self.try_one(&mutation);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{}: {error}", self.provider);
        }
    }
}

/// The samples of our own making, so that something is tried without the recordings, too.
fn own_samples(provider: Provider) -> Vec<Recording> {
    let folder = format!("{}/../../events/{provider}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(&folder).unwrap();
    let sample = |file: std::fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        Recording {
            provider,
            event: event_of_sample(provider, &name),
            body: std::fs::read(file.path()).unwrap(),
            file: name,
        }
    };
    files.map(|file| sample(file.unwrap())).collect()
}

/// The event of `merge_request.open.json`, as the provider's header names it.
fn event_of_sample(provider: Provider, file: &str) -> String {
    let mut words = file.split('.');
    let first = words.next().unwrap_or_default();
    match provider {
        Provider::Github | Provider::Gitea => first.to_owned(),
        Provider::Bitbucket => format!("{first}:{}", words.next().unwrap_or_default()),
        Provider::Gitlab => match first {
            "merge_request" => "Merge Request Hook".to_owned(),
            "note" => "Note Hook".to_owned(),
            "pipeline" => "Pipeline Hook".to_owned(),
            "push" => "Push Hook".to_owned(),
            "system" => "System Hook".to_owned(),
            other => panic!("which event is {other}?"),
        },
    }
}

#[test]
fn no_mutation_of_a_body_breaks_a_parser() {
    for provider in PROVIDERS {
        Seeds::of(provider).try_many(CASES);
    }
}

/// Ends after the seconds it is told, or with the shortest mutation that breaks a parser.
#[test]
#[ignore = "runs for minutes: scripts/fuzz"]
fn for_as_long_as_it_is_told() {
    let seconds = std::env::var(SECONDS).unwrap().parse().unwrap();
    for provider in PROVIDERS {
        let (began, seeds, mut tried) = (Instant::now(), Seeds::of(provider), 0_u64);
        while began.elapsed() < Duration::from_secs(seconds) {
            seeds.try_many(CASES);
            tried += u64::from(CASES);
        }
        let bodies = seeds.bodies.len();
        eprintln!("{provider}: {tried} mutations of {bodies} bodies in {seconds} s, nothing found");
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    for provider in PROVIDERS {
        for sample in own_samples(provider) {
            for (key, _) in sample.json().as_object().unwrap() {
                let body = format!(r#"{{"action":"opened","{key}":{deep}}}"#);
                let _ = deliver(provider, &sample.event, body.as_bytes());
            }
            let _ = deliver(provider, &sample.event, deep.as_bytes());
        }
    }
}

#[test]
fn texts_are_bounded_whatever_is_sent() {
    let long = "ä".repeat(50_000);
    let labels: Vec<_> = (0..5_000)
        .map(|n| json!({ "title": format!("l{n}"), "name": format!("l{n}") }))
        .collect();
    for provider in PROVIDERS {
        for sample in own_samples(provider) {
            let mut body = sample.json();
            documents::each_text(&mut body, &mut |key, text| {
                if ["title", "description", "body", "message", "context"].contains(&key) {
                    text.clone_from(&long);
                }
            });
            for at in [
                "/pull_request/labels",
                "/labels",
                "/object_attributes/labels",
            ] {
                if let Some(found) = body.pointer_mut(at) {
                    *found = json!(labels);
                }
            }
            let outcome = deliver(provider, &sample.event, body.to_string().as_bytes());
            let (_, events) = events(&outcome).unwrap_or_default();
            let bytes = serde_json::to_string(&events).unwrap().len();
            assert!(bytes < MOST_BYTES, "{provider} {}: {bytes}", sample.file);
        }
    }
}
