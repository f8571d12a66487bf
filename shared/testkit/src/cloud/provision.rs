//! Creates in a fresh account what `template.yaml` would deploy.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use aws_sdk_sqs::types::QueueAttributeName;
use futures::future::join_all;
use serde_json::{Value, json};

use super::Template;

const TABLE: &str = "ampel";
const EVENT_BUS: &str = "ampel-changes";

/// Creates the template's table with its keys, indexes, stream and TTL; answers its name.
pub(super) async fn table(config: &SdkConfig, template: &Template) -> String {
    let client = aws_sdk_dynamodb::Client::new(config);
    let (_, properties) = template
        .resources("AWS::DynamoDB::Table")
        .next()
        .expect("template.yaml has a table");
    let indexes = items(properties, "GlobalSecondaryIndexes")
        .iter()
        .map(index)
        .collect();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::from(
            properties
                .pointer("/StreamSpecification/StreamViewType")
                .and_then(Value::as_str)
                .expect("the table has a stream"),
        ))
        .build()
        .expect("the stream is complete");
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes(properties)))
        .set_key_schema(Some(key_schema(properties)))
        .set_global_secondary_indexes(Some(indexes))
        .stream_specification(stream)
        .send()
        .await
        .expect("the emulator creates the table");
    expire(&client, properties).await;
    TABLE.to_owned()
}

async fn expire(client: &aws_sdk_dynamodb::Client, properties: &Value) {
    let attribute = properties
        .pointer("/TimeToLiveSpecification/AttributeName")
        .and_then(Value::as_str)
        .expect("the table has a TTL attribute");
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(true)
        .build()
        .expect("the TTL is complete");
    client
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(specification)
        .send()
        .await
        .expect("the emulator sets the TTL");
}

fn attributes(properties: &Value) -> Vec<AttributeDefinition> {
    items(properties, "AttributeDefinitions")
        .iter()
        .map(|definition| {
            AttributeDefinition::builder()
                .attribute_name(text(definition, "AttributeName"))
                .attribute_type(ScalarAttributeType::from(text(definition, "AttributeType")))
                .build()
                .expect("an attribute is complete")
        })
        .collect()
}

fn key_schema(properties: &Value) -> Vec<KeySchemaElement> {
    items(properties, "KeySchema")
        .iter()
        .map(|element| {
            KeySchemaElement::builder()
                .attribute_name(text(element, "AttributeName"))
                .key_type(KeyType::from(text(element, "KeyType")))
                .build()
                .expect("a key is complete")
        })
        .collect()
}

fn index(properties: &Value) -> GlobalSecondaryIndex {
    let projection = properties
        .get("Projection")
        .expect("an index has a projection");
    let projected: Vec<String> = items(projection, "NonKeyAttributes")
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let projection = Projection::builder()
        .projection_type(ProjectionType::from(text(projection, "ProjectionType")))
        .set_non_key_attributes((!projected.is_empty()).then_some(projected))
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(text(properties, "IndexName"))
        .set_key_schema(Some(key_schema(properties)))
        .projection(projection)
        .build()
        .expect("an index is complete")
}

/// Creates every queue of the template; answers their URLs by logical id.
pub(super) async fn queues(config: &SdkConfig, template: &Template) -> BTreeMap<String, String> {
    let client = aws_sdk_sqs::Client::new(config);
    let created = template
        .resources("AWS::SQS::Queue")
        .map(|(id, properties)| create_queue(&client, id, properties));
    let urls: BTreeMap<String, String> = join_all(created).await.into_iter().collect();
    let redriven = template
        .resources("AWS::SQS::Queue")
        .filter_map(|(id, properties)| {
            let policy = properties.get("RedrivePolicy")?;
            Some(redrive(&client, &urls, id, policy))
        });
    join_all(redriven).await;
    urls
}

async fn create_queue(
    client: &aws_sdk_sqs::Client,
    id: &str,
    properties: &Value,
) -> (String, String) {
    let fifo = properties.get("FifoQueue").and_then(Value::as_bool) == Some(true);
    let name = if fifo {
        format!("{id}.fifo")
    } else {
        id.to_owned()
    };
    let names = [
        ("FifoQueue", QueueAttributeName::FifoQueue),
        ("DeduplicationScope", QueueAttributeName::DeduplicationScope),
        (
            "FifoThroughputLimit",
            QueueAttributeName::FifoThroughputLimit,
        ),
        ("VisibilityTimeout", QueueAttributeName::VisibilityTimeout),
    ];
    let attributes = names
        .into_iter()
        .filter_map(|(property, name)| Some((name, plain(properties.get(property)?))))
        .collect();
    let answer = client
        .create_queue()
        .queue_name(name)
        .set_attributes(Some(attributes))
        .send()
        .await
        .expect("the emulator creates the queue");
    (
        id.to_owned(),
        answer.queue_url.expect("a created queue has a URL"),
    )
}

/// Points a queue at its dead-letter queue.
async fn redrive(
    client: &aws_sdk_sqs::Client,
    urls: &BTreeMap<String, String>,
    id: &str,
    policy: &Value,
) {
    let target = policy
        .pointer("/deadLetterTargetArn/Fn::GetAtt/0")
        .and_then(Value::as_str)
        .and_then(|target| urls.get(target))
        .expect("a dead-letter queue is a queue of the template");
    let policy = json!({
        "deadLetterTargetArn": queue_arn(client, target).await,
        "maxReceiveCount": policy.get("maxReceiveCount"),
    });
    client
        .set_queue_attributes()
        .set_queue_url(urls.get(id).cloned())
        .attributes(QueueAttributeName::RedrivePolicy, policy.to_string())
        .send()
        .await
        .expect("the emulator sets the redrive policy");
}

/// The ARN of a queue.
pub(super) async fn queue_arn(client: &aws_sdk_sqs::Client, url: &str) -> String {
    client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .expect("the emulator knows the queue")
        .attributes
        .and_then(|mut attributes| attributes.remove(&QueueAttributeName::QueueArn))
        .expect("a queue has an ARN")
}

/// Creates the bus that changes are published to; answers its name.
pub(super) async fn event_bus(config: &SdkConfig) -> String {
    aws_sdk_eventbridge::Client::new(config)
        .create_event_bus()
        .name(EVENT_BUS)
        .send()
        .await
        .expect("the emulator creates the bus");
    EVENT_BUS.to_owned()
}

/// Creates the key that seals secrets; answers its id.
pub(super) async fn kms_key(config: &SdkConfig) -> String {
    aws_sdk_kms::Client::new(config)
        .create_key()
        .send()
        .await
        .expect("the emulator creates the key")
        .key_metadata
        .expect("a created key has metadata")
        .key_id
}

/// Creates the secret that signs access tokens; answers its id.
pub(super) async fn jwt_secret(config: &SdkConfig) -> String {
    let key = getrandom::u64().expect("the system has randomness");
    aws_sdk_secretsmanager::Client::new(config)
        .create_secret()
        .name("ampel-token-signing")
        .secret_string(json!({ "kid": "test", "key": format!("{key:064x}") }).to_string())
        .send()
        .await
        .expect("the emulator creates the secret")
        .arn
        .expect("a created secret has an ARN")
}

fn items<'a>(properties: &'a Value, name: &str) -> &'a [Value] {
    properties
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    properties
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{name} is missing in template.yaml"))
}

/// A scalar as SQS wants its attributes: as text.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
