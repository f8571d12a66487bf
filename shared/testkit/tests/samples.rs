//! `events/github`: one delivery of each kind that is used, as the fake GitHub sends them.
//! `UPDATE_EVENTS=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ampel_testkit::github::{FakeGithub, model::StatusState};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/github")
}

/// One delivery of each kind, by the name of its file.
fn deliveries() -> BTreeMap<String, String> {
    let hub = FakeGithub::in_process();
    let repo = hub.repository("acme/web");
    repo.member("ada").member("grace");
    repo.hook("https://ampel.example/webhooks/github/hook", "secret");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").passes();
    pull.status("coverage", StatusState::Success);
    pull.approve("grace");
    pull.dismiss("grace");
    pull.label("bug")
        .retitle("Add login page")
        .to_draft()
        .ready();
    pull.push();
    repo.push("main", "grace", "readme.md");
    pull.close().reopen();
    pull.merge("ada");
    let comment = pull.say("grace", "At last.");
    pull.unsay("grace", comment);
    repo.rename("site").archive().unarchive();
    repo.private().public().transfer("grace").delete();
    let mut named = BTreeMap::new();
    for delivery in hub.take_deliveries() {
        let name = match &delivery.action {
            Some(action) => format!("{}.{action}.json", delivery.event),
            None => format!("{}.json", delivery.event),
        };
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        let text = serde_json::to_string_pretty(&body).unwrap() + "\n";
        named.entry(name).or_insert(text);
    }
    named
}

#[test]
fn the_samples_are_what_the_fake_github_sends() {
    let sent = deliveries();
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        for (name, text) in &sent {
            fs::write(folder().join(name), text).unwrap();
        }
    }
    for (name, text) in &sent {
        let stored = fs::read_to_string(folder().join(name)).unwrap_or_default();
        assert_eq!(
            &stored, text,
            "{name} is out of date: run with UPDATE_EVENTS=1"
        );
    }
    for event in ["ping", "push", "status"] {
        assert!(sent.contains_key(&format!("{event}.json")), "{event}");
    }
    for kind in [
        "pull_request.opened",
        "pull_request_review.submitted",
        "check_run.completed",
    ] {
        assert!(sent.contains_key(&format!("{kind}.json")), "{kind}");
    }
}
