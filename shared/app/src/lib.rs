//! Use cases: they read, let the domain decide, then write and send.

pub mod error;
pub mod ingest;
pub mod moment;
pub mod race;
pub mod recompute;
pub mod refreshes;
pub mod sync;
pub mod tokens;
pub mod working;
