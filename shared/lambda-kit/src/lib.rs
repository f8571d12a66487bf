//! What every function needs: start-up, the SQS batch loop, the API kit.

pub mod api;
pub mod config;
pub mod sqs;
pub mod start;
pub mod telemetry;
