//! Gitea and Forgejo.

mod client;
mod payload;
mod shape;
mod signature;
mod words;

pub(crate) use client::{EVENTS, GiteaClient};
pub(crate) use payload::parse;
pub(crate) use signature::verify;
