//! Stories of accounts, told through the router against the local cloud and the fake GitHub.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a story that can not be told has to stop, with the reason"
)]

mod changing;
mod connecting;
mod defaults;
mod removing;
mod secrets;
mod sharing;
mod validating;
mod world;
