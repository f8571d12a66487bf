//! Every recorded webhook of GitHub, signed and posted: each is taken, gives the event the table
//! names, and leaves no dead letter.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ampel_testkit::{cloud::Queue, lambda::RuntimeApi};
use ampel_wire::queue::{EventMessage, decode};
use serde_json::{Value, json};

use crate::world::{Tracked, World, batch, delivery};

struct Recording {
    event: String,
    name: String,
    body: String,
}

fn recordings() -> Vec<Recording> {
    let corpus = root().join("../shared/corpus");
    let Ok(manifest) = fs::read_to_string(corpus.join("MANIFEST.tsv")) else {
        eprintln!("skipped: ../shared/corpus is not there");
        return Vec::new();
    };
    let rows = manifest
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[0] == "github" && row[1] == "webhook")
        .map(|row| Recording {
            event: row[4]
                .trim_start_matches("X-GitHub-Event:")
                .trim()
                .to_owned(),
            name: row[5].to_owned(),
            body: fs::read_to_string(corpus.join(row[5])).unwrap(),
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The own event of every (event, action).
fn table() -> BTreeMap<(String, String), String> {
    let text = fs::read_to_string(root().join("shared/providers/tests/github_events.tsv")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            (
                (cells[0].to_owned(), cells[1].to_owned()),
                cells[2].to_owned(),
            )
        })
        .collect()
}

/// The action as the table has it.
fn action(event: &str, body: &Value) -> String {
    if event == "push" {
        let is_tag = body["ref"]
            .as_str()
            .is_some_and(|name| name.starts_with("refs/tags/"));
        return if is_tag { "(tag)" } else { "(branch)" }.to_owned();
    }
    if event == "pull_request" && body.get("pull_request").is_none() {
        return "(without a pull request)".to_owned();
    }
    if event == "issue_comment" && body["issue"].get("pull_request").is_none() {
        return "(on an issue)".to_owned();
    }
    body["action"]
        .as_str()
        .filter(|action| !action.is_empty())
        .unwrap_or("-")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_webhook_is_taken_and_gives_the_event_of_the_table() {
    let recordings = recordings();
    let (world, table) = (World::start().await, table());
    let mut ingest = RuntimeApi::start().await;
    let _ingest = world.function("webhook-ingest", &ingest);
    let mut recompute = RuntimeApi::start().await;
    let _recompute = world.function("status-recompute", &recompute);
    let mut tracked: BTreeMap<String, Tracked> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (n, recording) in recordings.iter().enumerate() {
        let body: Value = serde_json::from_str(&recording.body).unwrap();
        let repository = body["repository"]["id"].to_string();
        if !tracked.contains_key(&repository) {
            tracked.insert(repository.clone(), world.track(&repository).await);
        }
        let hook = tracked[&repository].hook;
        let id = format!("recording-{n}");
        let answer = ingest
            .invoke(delivery(hook, &recording.event, &id, &recording.body))
            .await;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer["statusCode"], 202, "{}: {answer}", recording.name);

        let expected = &table[&(recording.event.clone(), action(&recording.event, &body))];
        let events = world.cloud.drain(Queue::Events).await;
        let given = match events.as_slice() {
            [] if world.cloud.drain(Queue::Sync).await.is_empty() => "ignored".to_owned(),
            [] => "unusable".to_owned(),
            [event, ..] => decode::<EventMessage>(&event.body)
                .unwrap()
                .event
                .kind()
                .to_owned(),
        };
        assert_eq!(&given, expected, "{}", recording.name);
        if !events.is_empty() {
            let handled = recompute.invoke(batch(&events)).await;
            let handled: Value = serde_json::from_slice(&handled.body).unwrap();
            assert_eq!(
                handled["batchItemFailures"],
                json!([]),
                "{}",
                recording.name
            );
        }
        *kinds.entry(given).or_default() += 1;
    }
    assert_eq!(world.cloud.pending(Queue::EventsDeadLetters).await, 0);
    println!("{} recordings: {kinds:?}", recordings.len());
}
