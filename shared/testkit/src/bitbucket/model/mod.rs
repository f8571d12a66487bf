//! What the fake Bitbucket knows: plain data, saved and restored as it is.

mod account;
mod hook;
mod pull;
mod repository;
mod status;
mod token;

pub(super) use account::email_of;
pub use account::{Account, AccountKind};
pub use hook::Hook;
pub use pull::{
    Activity, ActivityKind, Comment, MergeTask, Opinion, Participant, Pull, PullRef, PullState,
    Source,
};
pub use repository::{MergeStrategy, Permission, Repo, Restriction, RestrictionKind};
pub use status::{BuildState, Status};
pub use token::{Scope, Token, TokenKind};
