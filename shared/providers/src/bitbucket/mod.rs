//! Bitbucket Cloud.

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
