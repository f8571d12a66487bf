//! The test cloud itself: isolation, and that table and queues follow the template.

use std::time::Duration;

use ampel_testkit::cloud::{Queue, TestCloud};
use aws_sdk_dynamodb::types::AttributeValue;

#[tokio::test]
async fn table_has_the_keys_indexes_and_ttl_of_the_template() {
    let cloud = TestCloud::start().await;
    let client = aws_sdk_dynamodb::Client::new(cloud.config());
    let table = client
        .describe_table()
        .table_name(cloud.table())
        .send()
        .await
        .unwrap();
    let table = table.table.unwrap();
    let mut indexes: Vec<_> = table
        .global_secondary_indexes()
        .iter()
        .filter_map(|index| index.index_name.clone())
        .collect();
    indexes.sort();
    assert_eq!(
        indexes,
        ["due", "open-by-base", "open-by-light", "open-by-update"]
    );
    assert!(table.latest_stream_arn.is_some());
    let ttl = client
        .describe_time_to_live()
        .table_name(cloud.table())
        .send()
        .await
        .unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.attribute_name.as_deref(), Some("ttl"));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let (one, other) = futures::join!(TestCloud::start(), TestCloud::start());
    assert_ne!(one.account(), other.account());
    let client = aws_sdk_dynamodb::Client::new(one.config());
    client
        .put_item()
        .table_name(one.table())
        .item("pk", AttributeValue::S("USER#u".into()))
        .item("sk", AttributeValue::S("PROFILE".into()))
        .send()
        .await
        .unwrap();
    let elsewhere = aws_sdk_dynamodb::Client::new(other.config());
    let found = elsewhere
        .scan()
        .table_name(other.table())
        .send()
        .await
        .unwrap();
    assert_eq!(found.count, 0);
    let sqs = aws_sdk_sqs::Client::new(one.config());
    sqs.send_message()
        .queue_url(one.queue_url(Queue::Sync))
        .message_body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(one.pending(Queue::Sync).await, 1);
    assert_eq!(other.pending(Queue::Sync).await, 0);
}

#[tokio::test]
async fn fifo_messages_keep_group_order_and_deduplicate() {
    let cloud = TestCloud::start().await;
    let sqs = aws_sdk_sqs::Client::new(cloud.config());
    for (body, id) in [("first", "a"), ("second", "b"), ("second again", "b")] {
        sqs.send_message()
            .queue_url(cloud.queue_url(Queue::Events))
            .message_group_id("g")
            .message_deduplication_id(id)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }
    let taken = cloud
        .drain_at_least(Queue::Events, 2, Duration::from_secs(5))
        .await;
    let bodies: Vec<_> = taken.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["first", "second"]);
    assert_eq!(taken[0].group.as_deref(), Some("g"));
    cloud.assert_queues_empty().await;
}

#[tokio::test]
async fn published_changes_are_captured() {
    let cloud = TestCloud::start().await;
    let capture = cloud.capture_changes().await;
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name(cloud.event_bus())
        .source("ampel")
        .detail_type("pull_request.opened")
        .detail(r#"{"version":1}"#)
        .build();
    aws_sdk_eventbridge::Client::new(cloud.config())
        .put_events()
        .entries(entry)
        .send()
        .await
        .unwrap();
    let changes = capture.take_at_least(1, Duration::from_secs(5)).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].detail_type, "pull_request.opened");
    assert_eq!(changes[0].detail["version"], 1);
}

#[tokio::test]
async fn sealing_needs_the_same_context_and_the_signing_secret_is_there() {
    let cloud = TestCloud::start().await;
    let kms = aws_sdk_kms::Client::new(cloud.config());
    let sealed = kms
        .encrypt()
        .key_id(cloud.kms_key_id())
        .plaintext(aws_sdk_kms::primitives::Blob::new("token"))
        .encryption_context("organization", "o1")
        .send()
        .await
        .unwrap()
        .ciphertext_blob
        .unwrap();
    let open = |organization: &'static str| {
        kms.decrypt()
            .ciphertext_blob(sealed.clone())
            .encryption_context("organization", organization)
            .send()
    };
    assert!(open("o1").await.is_ok());
    assert!(open("o2").await.is_err());
    let secret = aws_sdk_secretsmanager::Client::new(cloud.config())
        .get_secret_value()
        .secret_id(cloud.jwt_secret_id())
        .send()
        .await
        .unwrap();
    assert!(secret.secret_string.unwrap().contains("\"kid\""));
}
