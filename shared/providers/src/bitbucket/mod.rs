//! Bitbucket Cloud.

#[expect(dead_code, reason = "the client uses the rest")]
mod participants;
mod payload;
#[expect(dead_code, reason = "the client uses the rest")]
mod pull_request;
mod shape;
mod signature;
mod status;
mod words;

pub(crate) use payload::{EVENTS, parse};
pub(crate) use signature::verify;
