//! Stories of identity, told through the router against the local cloud.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a story that can not be told has to stop, with the reason"
)]

mod access;
mod login;
mod manners;
mod profile;
mod registration;
mod secrets;
mod sessions;
mod world;
