//! The single DynamoDB table: keys, items, one method per access pattern.
//!
//! [`keys`] is the only place that formats a key, `item` the only one that turns a value into an
//! item and back, `transaction` the only one that writes several items at once.
//! `docs/access-patterns.md` lists every question that is asked; a test holds it against the
//! methods of [`Store`].

pub mod accounts;
pub mod budgets;
pub mod commit;
mod digest;
mod error;
pub mod evidence;
mod expression;
pub mod hooks;
mod item;
pub mod keys;
pub mod lists;
pub mod organizations;
pub mod pulls;
pub mod rates;
pub mod repositories;
pub mod sessions;
mod store;
mod transaction;
pub mod users;

pub use budgets::StoredBudget;
pub use commit::{Cause, Commit, EvidenceWrite, PullRequestWrite};
pub use error::StoreError;
pub use evidence::StoredEvidence;
pub use hooks::HookStamp;
pub use lists::{ListOrder, ListPage, ListQuery, ListSort};
pub use pulls::{
    OpenPullRequest, PullRequestImage, StoredPullRequest, fingerprint_digest, pull_request_image,
};
pub use repositories::{
    DueRepository, FirstSync, Remaining, RepositorySettings, SyncState, TrackRepository,
};
pub use store::Store;
