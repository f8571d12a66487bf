//! The fake Gitea tells one story everywhere, with Gitea's quirks.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

mod deliveries;
mod hooks;
mod merging;
mod reading;
mod reviews;
mod world;
