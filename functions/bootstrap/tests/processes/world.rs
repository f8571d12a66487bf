//! A local cloud with tracked repositories, and the events functions are handed.

use std::{collections::BTreeMap, path::Path};

use ampel_cloud::vault::Vault;
use ampel_domain::{
    ids::{HookId, IdSeed, OrganizationId, RepositoryId},
    instance::InstanceUrl,
    provider::Provider,
    secret::{SealPurpose, Sealed, Secret},
};
use ampel_store::{Store, repositories::TrackRepository};
use ampel_testkit::{
    aws_calls::AwsCalls,
    cloud::{ReceivedMessage, TestCloud},
    fixtures::TrackedFixture,
    lambda::{Function, RuntimeApi},
    signing::Unsigned,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What deliveries are signed with.
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A tracked repository.
#[derive(Debug, Clone, Copy)]
pub struct Tracked {
    pub organization: OrganizationId,
    pub repository: RepositoryId,
    pub hook: HookId,
}

/// A local cloud, a proxy before it, and the binary.
pub struct World {
    pub cloud: TestCloud,
    pub aws: AwsCalls,
    pub store: Store,
    vault: Vault,
    seeds: std::cell::Cell<u128>,
}

impl World {
    pub async fn start() -> Self {
        let cloud = TestCloud::start().await;
        let aws = AwsCalls::counting(cloud.endpoint()).await;
        let store = Store::new(aws_sdk_dynamodb::Client::new(cloud.config()), cloud.table());
        let vault = Vault::new(aws_sdk_kms::Client::new(cloud.config()), cloud.kms_key_id());
        Self {
            cloud,
            aws,
            store,
            vault,
            seeds: std::cell::Cell::new(1),
        }
    }

    /// A function that reaches AWS through the proxy.
    pub fn function(&self, handler: &str, api: &RuntimeApi) -> Function {
        let mut environment: BTreeMap<String, String> = self.cloud.environment();
        environment.insert("AWS_ENDPOINT_URL".into(), self.aws.endpoint().into());
        Function::start(
            Path::new(env!("CARGO_BIN_EXE_bootstrap")),
            handler,
            api,
            &environment,
        )
    }

    /// Tracks the repository that has this id at the provider.
    pub async fn track(&self, provider: Provider, provider_id: &str) -> Tracked {
        let tracked = Tracked {
            organization: OrganizationId::new(self.seed()),
            repository: RepositoryId::new(self.seed()),
            hook: HookId::new(self.seed()),
        };
        let sealed = self.seal(tracked).await;
        let fixture = TrackedFixture {
            provider,
            organization: tracked.organization,
            repository: tracked.repository,
            hook: tracked.hook,
            provider_id: provider_id.to_owned(),
            instance: InstanceUrl::well_known("https://git.example"),
            account: None,
        };
        let new = TrackRepository {
            repository: fixture.repository(),
            hook: fixture.hook(sealed),
            due: Timestamp::UNIX_EPOCH,
        };
        self.store.track(new).await.unwrap();
        tracked
    }

    async fn seal(&self, tracked: Tracked) -> Sealed {
        let record = tracked.hook.to_string();
        let secret = Secret::new(SECRET.to_owned());
        let purpose = SealPurpose::HookSecret;
        self.vault
            .seal(tracked.organization, &record, purpose, &secret)
            .await
            .unwrap()
    }

    /// Each seed gives ids that no other gives.
    fn seed(&self) -> IdSeed {
        let n = self.seeds.get();
        self.seeds.set(n + 1);
        // The middle of the random bits: a repository's id has no others.
        IdSeed {
            unix_millis: 1_700_000_000_000,
            random: n << 40,
        }
    }
}

/// The API Gateway event (payload 2.0) of a delivery that is signed now.
pub fn delivery(hook: HookId, unsigned: &Unsigned<'_>) -> String {
    let path = format!("/webhooks/{}/{hook}", unsigned.provider);
    let headers: BTreeMap<&str, String> = unsigned
        .sign(SECRET, Timestamp::now())
        .into_iter()
        .collect();
    json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/{provider}/{hookId}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "localhost",
            "domainPrefix": "localhost", "requestId": "id", "routeKey": "$default",
            "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "http": {
                "method": "POST", "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "GitHub-Hookshot/0000000"
            }
        },
        "body": STANDARD.encode(unsigned.body),
        "isBase64Encoded": true
    })
    .to_string()
}

/// The event of an SQS batch.
pub fn batch(messages: &[ReceivedMessage]) -> String {
    let records: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(n, message)| {
            json!({
                "messageId": format!("message-{n}"),
                "receiptHandle": "handle",
                "body": message.body,
                "attributes": { "MessageGroupId": message.group },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:0:events.fifo",
                "awsRegion": "us-east-1"
            })
        })
        .collect();
    json!({ "Records": records }).to_string()
}

/// The delivery of an opened pull request, as our own sample has it, of the repository that GitHub
/// calls 1.
pub fn opened(hook: HookId) -> String {
    let sample = include_str!("../../../../events/github/pull_request.opened.json");
    let mut body: Value = serde_json::from_str(sample).unwrap();
    body["repository"]["id"] = json!(1);
    let body = body.to_string();
    let unsigned = Unsigned {
        provider: Provider::Github,
        event: "pull_request",
        id: "delivery-1",
        body: body.as_bytes(),
    };
    delivery(hook, &unsigned)
}
