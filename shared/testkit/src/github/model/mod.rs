//! What the fake GitHub knows: plain data, saved and restored as it is.

mod check;
mod hook;
mod identity;
mod pull;
mod repository;

pub use crate::fake::{Commit, Delivery};
pub use check::{
    CheckRun, CheckSuite, Conclusion, RunStatus, StatusState, StatusUpdate, WorkflowRun,
};
pub use hook::{DeliveryRecord, Hook};
pub use identity::{Access, FineGrained, Token, TokenKind, User, UserKind};
pub use pull::{AutoMerge, Comment, Head, Merge, Mergeability, Pull, PullRef, Review, ReviewState};
pub use repository::{Label, MergeMethods, Protection, Repo, RequiredCheck, Source};
