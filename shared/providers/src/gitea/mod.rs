//! Gitea and Forgejo.

mod payload;
mod shape;
mod signature;
mod words;

pub(crate) use payload::parse;
pub(crate) use signature::verify;
