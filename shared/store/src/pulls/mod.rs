//! Pull requests with their reviews.

mod item;
mod read;
pub(crate) mod thin;

use ampel_domain::{light::Judgement, pulls::PullRequest};
use jiff::Timestamp;

pub use item::{PullRequestImage, pull_request_image};
pub(crate) use item::{PullRequestItem, ReviewItem};
pub use thin::{OpenPullRequest, fingerprint_digest};

/// A pull request as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPullRequest {
    /// The pull request with its reviews.
    pub pull_request: PullRequest,
    /// Its light and why; `None` when it is not open.
    pub judgement: Option<Judgement>,
    /// Counts writes; a write names the version it saw.
    pub version: u64,
    /// When the refresh that was asked for last is due, so that it is asked for only once.
    pub refresh_due_at: Option<Timestamp>,
}
