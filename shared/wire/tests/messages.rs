//! Messages that an older release wrote are still read, and what nobody can read says why.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the way tests do"
)]

use ampel_domain::pulls::ProviderEvent;
use ampel_wire::queue::{
    CleanupMessage, EventMessage, HookStampMessage, InvalidMessage, SyncJob, SyncMessage, decode,
    encode,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Every body of a sample batch, read and written again, says the same.
fn holds<T: Serialize + DeserializeOwned>(sample: &str) {
    let batch: Value = serde_json::from_str(sample).unwrap();
    for record in batch["Records"].as_array().unwrap() {
        let body = record["body"].as_str().unwrap();
        let message: T = decode(body).unwrap();
        let written: Value = serde_json::from_str(&encode(&message).unwrap()).unwrap();
        for (key, value) in serde_json::from_str::<Value>(body)
            .unwrap()
            .as_object()
            .unwrap()
        {
            assert_eq!(&written[key], value, "{key}");
        }
    }
}

#[test]
fn the_samples_of_every_queue_are_read() {
    holds::<EventMessage>(include_str!("../../../events/triggers/sqs-events.json"));
    holds::<SyncMessage>(include_str!("../../../events/triggers/sqs-sync.json"));
    holds::<SyncMessage>(include_str!("../../../events/triggers/sqs-delays.json"));
    holds::<CleanupMessage>(include_str!("../../../events/triggers/sqs-cleanup.json"));
    holds::<HookStampMessage>(include_str!(
        "../../../events/triggers/sqs-hook-stamps.json"
    ));
}

#[test]
fn a_message_from_the_future_or_of_no_known_kind_is_poison() {
    let future = decode::<SyncMessage>(r#"{"v":2,"anything":true}"#);
    assert!(matches!(future, Err(InvalidMessage::FromTheFuture(2))));
    for body in [
        "",
        "[]",
        "{}",
        r#"{"v":1}"#,
        r#"{"v":1,"kind":"unheard of"}"#,
    ] {
        let unknown = decode::<CleanupMessage>(body);
        assert!(
            matches!(unknown, Err(InvalidMessage::Malformed(_))),
            "{body}"
        );
    }
}

#[test]
fn fields_that_a_newer_release_adds_do_not_hurt() {
    let body = r#"{"v":1,"hookId":"0199c0de-0000-7000-8000-000000000003","added":{"later":1}}"#;
    assert!(decode::<HookStampMessage>(body).is_ok());
}

#[test]
fn jobs_of_an_older_release_are_read() {
    let job = |job: &str| {
        let body = format!(
            r#"{{"v":1,"organizationId":"0199c0de-0000-7000-8000-000000000001",
                "repositoryId":"0199c0de-0000-7000-8000-000100000000","job":{job}}}"#
        );
        decode::<SyncMessage>(&body).unwrap().job
    };
    assert_eq!(job(r#"{"kind":"full"}"#), SyncJob::EVERYTHING);
    let number = 7_u32.try_into().unwrap();
    assert_eq!(
        job(r#"{"kind":"pull_request","number":7,"attempt":0}"#),
        SyncJob::pull_request(number)
    );
    assert_eq!(job(r#"{"kind":"webhook"}"#), SyncJob::Webhook);
}

#[test]
fn a_branch_moved_with_or_without_a_time() {
    for (written, expected) in [
        (
            r#"{"event":"branch_moved","branch":"main","at":"2026-11-02T10:00:00Z"}"#,
            true,
        ),
        (r#"{"event":"branch_moved","branch":"main"}"#, false),
    ] {
        let read: ProviderEvent = serde_json::from_str(written).unwrap();
        let ProviderEvent::BranchMoved { at, .. } = &read else {
            panic!("{read:?}");
        };
        assert_eq!(at.is_some(), expected);
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }
}

#[test]
fn groups_have_only_characters_that_sqs_allows() {
    let batch: Value =
        serde_json::from_str(include_str!("../../../events/triggers/sqs-events.json")).unwrap();
    let mut message: EventMessage = decode(batch["Records"][0]["body"].as_str().unwrap()).unwrap();
    message.event = ProviderEvent::BranchMoved {
        branch: "feature/über-long ".repeat(30),
        head: None,
        at: None,
    };
    let group = message.group_id();
    assert!(group.len() <= 128);
    assert!(
        group
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    );
}
