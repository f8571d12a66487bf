//! GitHub.com and GitHub Enterprise Server.

mod client;
mod payload;
mod signature;
mod words;

pub(crate) use client::{EVENTS, GithubClient, allowance};
pub(crate) use payload::parse;
pub(crate) use signature::verify;
