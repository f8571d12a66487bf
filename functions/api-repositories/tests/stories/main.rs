//! Stories of repositories, told through the routes against the fake GitHub and the local cloud.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a story that can not go on stops"
)]

mod cost;
mod reading;
mod secrets;
mod tracking;
mod untracking;
mod verbs;
mod webhooks;
mod world;
