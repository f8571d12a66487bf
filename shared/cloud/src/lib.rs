//! Thin adapters to SQS, EventBridge, KMS and Secrets Manager.

mod error;
pub mod events;
pub mod queues;
pub mod signing_keys;
pub mod vault;

pub use error::CloudError;
