//! What is sent, to whom, and with which headers.

use ampel_testkit::gitea::FakeGitea;

use crate::world::{HOOK, SECRET, body, digest, names, pull_body, world};

/// The events a verb must send, and the verb.
type Verb<'a> = (&'a [(&'a str, &'a str)], Box<dyn Fn() + 'a>);

fn verb<'a, T>(sent: &'a [(&'a str, &'a str)], act: impl Fn() -> T + 'a) -> Verb<'a> {
    let act = move || {
        act();
    };
    (sent, Box::new(act))
}

#[test]
fn every_verb_sends_what_gitea_sends_and_rest_agrees() {
    let (gitea, repo, token) = world();
    repo.branch("release");
    let pull = repo.open_pull_request("Add login").by("ada").create();
    const EDIT: &[(&str, &str)] = &[("pull_request", "pull_request")];
    const LABEL: &[(&str, &str)] = &[("pull_request", "pull_request_label")];
    const PUSH: &[(&str, &str)] = &[("push", "push"), ("pull_request", "pull_request_sync")];
    const REQUEST: &[(&str, &str)] = &[("pull_request", "pull_request_review_request")];
    let verbs = vec![
        verb(EDIT, || pull.retitle("Add a login page")),
        verb(EDIT, || pull.describe("At last")),
        verb(EDIT, || pull.to_draft()),
        verb(EDIT, || pull.ready()),
        verb(LABEL, || pull.label("security")),
        verb(LABEL, || pull.clear_labels()),
        verb(PUSH, || pull.push()),
        verb(PUSH, || pull.force_push()),
        verb(REQUEST, || pull.request_review("grace")),
        verb(
            &[("pull_request_approved", "pull_request_review_approved")],
            || pull.approve("grace"),
        ),
        verb(
            &[("pull_request_rejected", "pull_request_review_rejected")],
            || pull.request_changes("grace"),
        ),
        verb(
            &[("pull_request_comment", "pull_request_review_comment")],
            || pull.review_without_opinion("alan"),
        ),
        verb(&[("issue_comment", "pull_request_comment")], || {
            pull.comment("alan")
        }),
        verb(&[("status", "status")], || pull.check("build").fails()),
        verb(&[], || pull.dismiss("grace")),
        verb(EDIT, || pull.retarget("release")),
        verb(EDIT, || pull.close()),
        verb(EDIT, || pull.reopen()),
        verb(
            &[("pull_request", "pull_request"), ("push", "push")],
            || pull.merge("grace"),
        ),
    ];
    for (expected, act) in verbs {
        gitea.take_deliveries();
        act();
        let sent = gitea.take_deliveries();
        let expected: Vec<_> = expected
            .iter()
            .map(|(event, fine)| ((*event).to_owned(), (*fine).to_owned()))
            .collect();
        assert_eq!(names(&sent), expected);
        let rest = pull_body(&gitea, &token, &pull);
        for delivery in sent
            .iter()
            .filter(|own| own.json()["pull_request"].is_object())
        {
            let told = &delivery.json()["pull_request"];
            for key in [
                "title", "body", "state", "draft", "merged", "head", "labels",
            ] {
                let (told, rest) = (&told[key], &rest[key]);
                let same = if key == "head" {
                    told["sha"] == rest["sha"]
                } else {
                    told == rest
                };
                assert!(same, "{key}: {told} and {rest}");
            }
        }
    }
}

#[test]
fn deliveries_speak_as_gitea_as_gogs_and_as_github() {
    let (gitea, repo, _) = world();
    repo.open_pull_request("Add login").create();
    for delivery in gitea.take_deliveries() {
        let signature = digest(SECRET, &delivery.body);
        assert_eq!(
            delivery.header("x-gitea-signature"),
            Some(signature.as_str())
        );
        assert_eq!(
            delivery.header("x-gogs-signature"),
            Some(signature.as_str())
        );
        let prefixed = format!("sha256={signature}");
        assert_eq!(
            delivery.header("x-hub-signature-256"),
            Some(prefixed.as_str())
        );
        for brand in ["gitea", "gogs", "github"] {
            let event = delivery.header(&format!("x-{brand}-event"));
            assert_eq!(event, Some(delivery.event.as_str()));
            let id = delivery.header(&format!("x-{brand}-delivery"));
            assert_eq!(id, Some(delivery.guid.as_str()));
        }
        assert_eq!(delivery.header("x-forgejo-event"), None);
        assert!(delivery.body.contains("\n  \""), "bodies are indented");
    }
}

#[test]
fn without_a_secret_the_digests_are_there_and_empty() {
    let gitea = FakeGitea::in_process();
    let repo = gitea.repository("acme/web");
    repo.hook(HOOK, "");
    repo.push_touching("main", "notes.md");
    let sent = gitea.take_deliveries();
    assert_eq!(sent[0].header("x-gitea-signature"), Some(""));
    assert_eq!(sent[0].header("x-hub-signature-256"), Some("sha256="));
    assert_eq!(sent[0].header("x-hub-signature"), Some("sha1="));
}

#[test]
fn forgejo_adds_its_own_headers_and_tells_nothing_of_statuses() {
    let forgejo = FakeGitea::forgejo();
    let repo = forgejo.repository("acme/web");
    repo.hook(HOOK, SECRET);
    let pull = repo.open_pull_request("Add login").create();
    for delivery in forgejo.take_deliveries() {
        let own = delivery.header("x-forgejo-signature");
        assert!(own.is_some());
        assert_eq!(own, delivery.header("x-gitea-signature"));
        assert_eq!(
            delivery.header("x-forgejo-event"),
            Some(delivery.event.as_str())
        );
    }
    pull.check("build").succeeds();
    assert!(forgejo.take_deliveries().is_empty());
    let version = body(&forgejo, &forgejo.token("ada"), "/version");
    assert_eq!(version["version"], "13.0.3+gitea-1.22.0");
}
