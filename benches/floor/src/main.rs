//! The least a webhook function can do: HMAC-SHA256 of the body, one message to SQS.
//!
//! Nothing is looked up, verified, parsed or logged. `webhook-ingest` is measured against it.

use aws_config::BehaviorVersion;
use hmac::{Hmac, Mac};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

#[derive(Deserialize)]
struct Request {
    body: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let client = &aws_sdk_sqs::Client::new(&config);
    let queue = &std::env::var("EVENTS_QUEUE_URL")?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Request>| async move {
        let mut hmac = Hmac::<Sha256>::new_from_slice(b"floor")?;
        hmac.update(event.payload.body.as_bytes());
        let digest = hmac.finalize().into_bytes();
        let body = digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        client
            .send_message()
            .queue_url(queue)
            .message_body(&body)
            .message_group_id("floor")
            .message_deduplication_id(&body)
            .send()
            .await?;
        Ok::<Value, Error>(json!({ "statusCode": 202 }))
    }))
    .await
}
