//! What is delivered: a signed pull-request webhook of 25 KB to a hook that exists.

use ampel_cloud::vault::Vault;
use ampel_domain::{
    ids::{HookId, IdSeed, OrganizationId, RepositoryId},
    instance::InstanceUrl,
    secret::{SealPurpose, Secret},
};
use ampel_store::{Store, repositories::TrackRepository};
use ampel_testkit::{cloud::TestCloud, fixtures::TrackedFixture};
use anyhow::{Context, Result, ensure};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The size of a usual pull-request delivery of GitHub, in bytes.
const BODY_BYTES: usize = 25_000;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Our own sample of an opened pull request.
const SAMPLE: &str = include_str!("../../../events/github/pull_request.opened.json");

/// A hook and the deliveries to it.
pub struct Subject {
    hook: HookId,
    body: String,
    signature: String,
}

impl Subject {
    /// Stores a hook for the sample's repository and pads the sample to its size.
    pub async fn prepare(cloud: &TestCloud) -> Result<Self> {
        let mut sample: Value = serde_json::from_str(SAMPLE)?;
        let repository = sample
            .pointer("/repository/id")
            .and_then(Value::as_u64)
            .context("the sample names its repository")?;
        let body = padded(&mut sample)?;
        let hook = store_hook(cloud, repository).await?;
        let mut hmac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
        hmac.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(hmac.finalize().into_bytes()));
        Ok(Self {
            hook,
            body,
            signature,
        })
    }

    /// The API Gateway event (payload 2.0) of the n-th delivery.
    pub fn delivery(&self, n: usize) -> String {
        let path = format!("/webhooks/github/{}", self.hook);
        json!({
            "version": "2.0",
            "routeKey": "POST /webhooks/{provider}/{hookId}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "content-type": "application/json",
                "user-agent": "GitHub-Hookshot/0000000",
                "x-github-delivery": format!("delivery-{n}"),
                "x-github-event": "pull_request",
                "x-hub-signature-256": self.signature,
            },
            "requestContext": {
                "accountId": "000000000000", "apiId": "api", "domainName": "localhost",
                "domainPrefix": "localhost", "requestId": "id", "routeKey": "$default",
                "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
                "http": {
                    "method": "POST", "path": path, "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "GitHub-Hookshot/0000000"
                }
            },
            "body": self.body,
            "isBase64Encoded": false
        })
        .to_string()
    }
}

/// GitHub's bodies are mostly repositories and users with many URLs: pads in that manner.
fn padded(sample: &mut Value) -> Result<String> {
    let organization = sample
        .as_object_mut()
        .context("the sample is an object")?
        .entry("organization")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .context("an organization is an object")?;
    let mut bytes = 0;
    for n in 0.. {
        if bytes >= BODY_BYTES - SAMPLE.len().min(BODY_BYTES) {
            break;
        }
        let url = format!("https://api.github.com/orgs/acme/padding/{n}{{/member}}");
        bytes += url.len() + 24;
        organization.insert(format!("padding_{n}_url"), url.into());
    }
    let body = serde_json::to_string(sample)?;
    ensure!(
        body.len() > BODY_BYTES / 2,
        "the body has {} bytes",
        body.len()
    );
    Ok(body)
}

async fn store_hook(cloud: &TestCloud, repository: u64) -> Result<HookId> {
    let seed = IdSeed {
        unix_millis: 1,
        random: 42,
    };
    let tracked = TrackedFixture {
        provider: ampel_domain::provider::Provider::Github,
        organization: OrganizationId::new(seed),
        repository: RepositoryId::new(seed),
        hook: HookId::new(seed),
        provider_id: repository.to_string(),
        instance: InstanceUrl::well_known("https://github.com"),
        account: None,
    };
    let vault = Vault::new(aws_sdk_kms::Client::new(cloud.config()), cloud.kms_key_id());
    let (record, purpose) = (tracked.hook.to_string(), SealPurpose::HookSecret);
    let secret = Secret::new(SECRET.to_owned());
    let sealed = vault
        .seal(tracked.organization, &record, purpose, &secret)
        .await?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(cloud.config()), cloud.table());
    let repository = tracked.repository();
    let due = repository.created_at;
    let new = TrackRepository {
        repository,
        hook: tracked.hook(sealed),
        due,
    };
    store.track(new).await?;
    Ok(tracked.hook)
}
