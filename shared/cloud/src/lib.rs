//! Thin adapters to SQS, EventBridge, KMS and Secrets Manager.

mod error;
pub mod queues;

pub use error::CloudError;
