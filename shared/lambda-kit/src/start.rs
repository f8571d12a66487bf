//! What a function makes once, when its container starts.

use ampel_app::moment::Moments;
use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use jiff::Timestamp;
use std::time::Duration;

/// How the SDKs reach AWS. The endpoint comes from `AWS_ENDPOINT_URL` where it is not AWS itself.
pub async fn aws() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(9))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

/// A client of DynamoDB.
#[must_use]
pub fn dynamodb(aws: &SdkConfig) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(aws)
}

/// A client of EventBridge.
#[must_use]
pub fn eventbridge(aws: &SdkConfig) -> aws_sdk_eventbridge::Client {
    aws_sdk_eventbridge::Client::new(aws)
}

/// A client of KMS.
#[must_use]
pub fn kms(aws: &SdkConfig) -> aws_sdk_kms::Client {
    aws_sdk_kms::Client::new(aws)
}

/// A client of SQS.
#[must_use]
pub fn sqs(aws: &SdkConfig) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(aws)
}

/// The real clock and the operating system's randomness.
#[must_use]
pub fn moments() -> Moments {
    Moments::new(Timestamp::now, random)
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_ne_bytes(bytes),
        // A machine without randomness can not make a secret: end rather than go on without.
        Err(error) => {
            tracing::error!(%error, "the operating system has no randomness");
            std::process::abort()
        }
    }
}
