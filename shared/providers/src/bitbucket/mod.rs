//! Bitbucket Cloud.

use ampel_domain::budget::Allowance;
use jiff::SignedDuration;

mod client;
mod participants;
mod payload;
mod pull_request;
mod shape;
mod signature;
mod status;
mod words;

pub(crate) use client::BitbucketClient;
pub(crate) use payload::{EVENTS, parse};
pub(crate) use signature::verify;

/// Bitbucket Cloud allows 1,000 requests per hour. Its hour is a rolling one, which is not
/// followed: who comes too early is told so and waits.
pub(crate) const ALLOWANCE: Allowance = Allowance {
    calls: 1_000,
    window: SignedDuration::from_hours(1),
};
