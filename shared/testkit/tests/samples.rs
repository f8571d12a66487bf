//! `events/<provider>`: one delivery of each kind that is used, as the fake providers send them.
//! `UPDATE_EVENTS=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ampel_testkit::bitbucket::FakeBitbucket;
use ampel_testkit::fake::Delivery;
use ampel_testkit::gitea::FakeGitea;
use ampel_testkit::github::{FakeGithub, model::StatusState};
use ampel_testkit::gitlab::FakeGitlab;
use serde_json::Value;

fn folder(provider: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../events")
        .join(provider)
}

/// The first delivery of each kind, by the name of its file.
fn by_kind(
    sent: Vec<Delivery>,
    kind: impl Fn(&Delivery, &Value) -> String,
) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for delivery in sent {
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        let text = serde_json::to_string_pretty(&body).unwrap() + "\n";
        named.entry(kind(&delivery, &body)).or_insert(text);
    }
    named
}

/// `event.action`, or `event` alone.
fn event_and_action(delivery: &Delivery, _body: &Value) -> String {
    match &delivery.action {
        Some(action) => format!("{}.{action}", delivery.event),
        None => delivery.event.clone(),
    }
}

/// Compares what was sent with what is stored, once it was written anew if that is wanted.
fn are_stored(provider: &str, sent: &BTreeMap<String, String>, must_have: &[&str]) {
    let file = |kind: &str| folder(provider).join(format!("{kind}.json"));
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        fs::create_dir_all(folder(provider)).unwrap();
        for (kind, text) in sent {
            fs::write(file(kind), text).unwrap();
        }
    }
    for (kind, text) in sent {
        let stored = fs::read_to_string(file(kind)).unwrap_or_default();
        assert_eq!(
            &stored, text,
            "{provider}/{kind} is out of date: run with UPDATE_EVENTS=1"
        );
    }
    for kind in must_have {
        assert!(sent.contains_key(*kind), "{provider} sent no {kind}");
    }
    let stored = fs::read_dir(folder(provider)).unwrap().count();
    assert_eq!(stored, sent.len(), "{provider} has samples nobody sends");
}

#[test]
fn the_samples_are_what_the_fake_github_sends() {
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
    let must_have = [
        "ping",
        "push",
        "status",
        "pull_request.opened",
        "pull_request_review.submitted",
        "check_run.completed",
    ];
    let sent = by_kind(hub.take_deliveries(), event_and_action);
    are_stored("github", &sent, &must_have);
}

/// `Merge Request Hook` is `merge_request`; hooks of the instance say the event in the body.
fn gitlab_kind(delivery: &Delivery, body: &Value) -> String {
    let event = delivery.event.trim_end_matches(" Hook");
    let event = event.to_lowercase().replace(' ', "_");
    let action = delivery.action.as_deref();
    let told = body.get("event_name").and_then(Value::as_str);
    match action.or_else(|| told.filter(|_| event == "system")) {
        Some(action) => format!("{event}.{action}"),
        None => event,
    }
}

#[test]
fn the_samples_are_what_the_fake_gitlab_sends() {
    let gitlab = FakeGitlab::in_process();
    let repo = gitlab.repository("acme/web");
    repo.member("ada").member("grace");
    let pull = repo.open_pull_request("Before the hook").create();
    pull.close();
    repo.hook("https://ampel.example/webhooks/gitlab/hook", "secret");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    let check = pull.check("build");
    check.queued();
    check.runs();
    check.fails();
    check.succeeds();
    pull.approve("grace").withdraw("grace");
    repo.require_approvals(2);
    pull.approve("grace").withdraw("grace");
    repo.require_approvals(0);
    pull.comment("grace");
    pull.label("bug").retitle("Add login page");
    pull.push();
    repo.push("main");
    pull.close().reopen();
    pull.merge("ada");
    gitlab.system_hook("https://ampel.example/webhooks/gitlab/system", "secret");
    repo.rename("site").transfer("grace").delete();
    let must_have = [
        "merge_request.open",
        "merge_request.update",
        "merge_request.approved",
        "merge_request.unapproved",
        "merge_request.merge",
        "note.create",
        "pipeline.success",
        "push",
        "system.project_rename",
    ];
    let sent = by_kind(gitlab.take_deliveries(), gitlab_kind);
    are_stored("gitlab", &sent, &must_have);
}

#[test]
fn the_samples_are_what_the_fake_bitbucket_sends() {
    let cloud = FakeBitbucket::in_process();
    let repo = cloud.repository("acme/web");
    repo.member("ada").member("grace");
    repo.hook("https://ampel.example/webhooks/bitbucket/hook", "secret");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").runs().succeeds();
    pull.approve("grace").withdraw("grace");
    pull.request_changes("grace").withdraw("grace");
    pull.comment("grace");
    pull.retitle("Add login page");
    pull.push();
    repo.push("main");
    pull.merge("ada");
    let unwanted = repo.open_pull_request("Remove login").by("ada").create();
    unwanted.close();
    repo.rename("site").transfer("grace");
    let must_have = [
        "pullrequest.created",
        "pullrequest.updated",
        "pullrequest.approved",
        "pullrequest.unapproved",
        "pullrequest.fulfilled",
        "pullrequest.rejected",
        "repo.commit_status_created",
        "repo.push",
        "repo.transfer",
    ];
    let kind = |delivery: &Delivery, _body: &Value| delivery.event.replace(':', ".");
    let sent = by_kind(cloud.take_deliveries(), kind);
    are_stored("bitbucket", &sent, &must_have);
}

#[test]
fn the_samples_are_what_the_fake_gitea_sends() {
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    repo.member("ada").member("grace");
    repo.hook("https://ampel.example/webhooks/gitea/hook", "secret");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    pull.check("build").succeeds();
    pull.request_review("grace");
    pull.review_without_opinion("grace");
    pull.request_changes("grace");
    pull.approve("grace");
    pull.comment("grace");
    pull.label("bug").clear_labels().retitle("Add login page");
    pull.push();
    repo.push("main");
    repo.branch("old").delete_branch("old");
    pull.close().reopen();
    pull.merge("ada");
    repo.delete();
    let must_have = [
        "push",
        "status",
        "pull_request.opened",
        "pull_request.synchronized",
        "pull_request.closed",
    ];
    let sent = by_kind(gitea.take_deliveries(), event_and_action);
    are_stored("gitea", &sent, &must_have);
}
