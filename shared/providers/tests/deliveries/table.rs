//! Every recorded webhook gives the event that its provider's table names.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{provider::Provider, pulls::ProviderEvent};
use ampel_providers::{Providers, webhook::Parsed};
use ampel_testkit::recordings::{Recording, expected_events, webhooks};
use serde_json::{Value, json};

use crate::deliver::{PROVIDERS, SENT_AT, deliver, events, kind};

/// The most bytes that an event may have on its way.
const MOST_BYTES: usize = 64 * 1024;

#[test]
fn every_recording_gives_the_event_the_table_names() {
    for provider in PROVIDERS {
        let table = expected_events(provider);
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for recording in webhooks(provider) {
            let key = (recording.event.clone(), recording.subject());
            let expected = table
                .get(&key)
                .unwrap_or_else(|| panic!("{key:?} of {} is not in the table", recording.file));
            let outcome = deliver(provider, &recording.event, &recording.body);
            assert_eq!(kind(&outcome), expected, "{}: {outcome:?}", recording.file);
            if let Some((repository, events)) = events(&outcome) {
                assert_eq!(repository, id(&recording), "{}", recording.file);
                survives_writing(&events);
            }
            *counts.entry(expected).or_default() += 1;
        }
        eprintln!("{provider}: recordings by own event: {counts:?}");
    }
}

/// The repository's id as the payload has it.
fn id(recording: &Recording) -> String {
    let body = recording.json();
    let id = match recording.provider {
        Provider::Github | Provider::Gitea => &body["repository"]["id"],
        Provider::Gitlab => body.pointer("/project/id").unwrap_or(&body["project_id"]),
        Provider::Bitbucket => &body["repository"]["uuid"],
    };
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn survives_writing(events: &Vec<ProviderEvent>) {
    let written = serde_json::to_string(events).unwrap();
    assert!(written.len() < MOST_BYTES, "{}", written.len());
    let read: Vec<ProviderEvent> = serde_json::from_str(&written).unwrap();
    assert_eq!(&read, events);
}

#[test]
fn the_tables_list_ignored_events_and_none_that_is_used() {
    for provider in PROVIDERS {
        for ((event, subject), own) in expected_events(provider) {
            let Some(body) = too_little(provider, &event, &subject) else {
                continue;
            };
            let outcome = deliver(provider, &event, body.to_string().as_bytes());
            let used = kind(&outcome) == "unusable";
            assert_eq!(used, own != "ignored", "{provider} {event} {subject}");
        }
    }
}

/// A body that says what it is about and too little to be used, where the subject alone tells.
fn too_little(provider: Provider, event: &str, subject: &str) -> Option<Value> {
    match provider {
        Provider::Github => (!subject.starts_with('(')).then(|| json!({ "action": subject })),
        Provider::Gitlab => (!subject.starts_with('(')).then(|| {
            json!({
                "event_name": subject,
                "object_attributes": {
                    "action": subject, "noteable_type": subject, "source": subject,
                    "id": 1, "status": "running", "iid": 0,
                    "source_branch": "a", "target_branch": "b",
                },
            })
        }),
        Provider::Bitbucket => (subject == "-").then(|| json!({})),
        Provider::Gitea => {
            let is_told = !subject.contains('(') && (event, subject) != ("repository", "created");
            is_told.then(|| json!({ "action": subject }))
        }
    }
}

#[test]
fn a_webhook_of_bitbucket_is_subscribed_to_everything_the_table_uses() {
    // They come with the comments; a webhook of a repository can not ask for them.
    let not_offered = [
        "pullrequest:push",
        "pullrequest:comment_resolved",
        "pullrequest:comment_reopened",
    ];
    let used: BTreeSet<String> = expected_events(Provider::Bitbucket)
        .into_iter()
        .filter(|(_, own)| own != "ignored")
        .map(|((event, _), _)| event)
        .filter(|event| !not_offered.contains(&event.as_str()))
        .collect();
    let subscribed = Providers::webhook_events(Provider::Bitbucket);
    let subscribed: BTreeSet<String> = subscribed.iter().map(|&event| event.to_owned()).collect();
    assert_eq!(used, subscribed);
}

#[test]
fn a_push_to_gitlab_moved_its_branch_by_the_time_it_was_sent() {
    let body = r#"{"ref":"refs/heads/main","project":{"id":15},
        "after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
        "commits":[{"timestamp":"2011-12-12T14:27:31+02:00"}]}"#;
    let outcome = deliver(Provider::Gitlab, "Push Hook", body.as_bytes());
    let Ok(Parsed::Event { event, .. }) = outcome else {
        panic!("no event");
    };
    let ProviderEvent::BranchMoved { branch, at, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!(
        (branch.as_str(), at.unwrap().as_second()),
        ("main", SENT_AT)
    );
}
