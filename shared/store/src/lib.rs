//! The single DynamoDB table: keys, items, one method per access pattern.
//!
//! [`keys`] is the only place that formats a key, [`item`] the only one that turns a value into an
//! item and back, [`transaction`] the only one that writes several items at once.
//! `docs/access-patterns.md` lists every question that is asked; a test holds it against the
//! methods of [`Store`].

pub mod commit;
mod error;
pub mod evidence;
pub mod item;
pub mod keys;
pub mod pulls;
pub mod repositories;
mod store;
pub mod transaction;

pub use commit::{Cause, Commit, EvidenceWrite, PullRequestWrite};
pub use error::StoreError;
pub use evidence::StoredEvidence;
pub use pulls::{OpenPullRequest, StoredPullRequest};
pub use repositories::{FirstSync, SyncState};
pub use store::Store;
