//! One rate budget per account: shared by containers, and by real processes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail the way tests do"
)]

mod containers;
mod counting;
mod processes;
