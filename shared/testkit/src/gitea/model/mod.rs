//! What the fake Gitea knows: plain data, saved and restored as it is.

mod hook;
mod identity;
mod pull;
mod repository;
mod status;

pub use crate::fake::{Commit, Delivery};
pub use hook::Hook;
pub use identity::{Power, Token, User, UserKind};
pub use pull::{Head, Merge, Mergeability, Pull, PullRef, Review, ReviewKind};
pub use repository::{Label, MergeStyles, Protection, Repo};
pub use status::{StatusState, StatusUpdate};
