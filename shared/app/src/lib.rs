//! Use cases: they read, let the domain decide, then write and send.

pub mod accounts;
pub mod auth;
pub mod budget;
pub mod changes;
pub mod cleanup;
pub mod error;
pub mod ingest;
pub mod moment;
pub mod race;
pub mod reading;
pub mod recompute;
pub mod refreshes;
pub mod refusal;
pub mod repositories;
pub mod schedule;
pub mod stamps;
pub mod sync;
pub mod tokens;
pub mod webhooks;
pub mod working;
