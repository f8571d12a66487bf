//! Thin adapters to SQS, EventBridge, KMS and Secrets Manager.
