//! Pull requests, the evidence on their heads, and how events and snapshots change them.

mod doubts;
mod event;
mod evidence;
mod known;
mod pull_request;
mod report;
mod reviews;

pub use doubts::{Doubt, Doubts};
pub use event::{ProviderEvent, PullRequestAction};
pub use evidence::{EvidenceSnapshot, HeadEvidence};
pub use pull_request::PullRequest;
pub use report::{
    Fingerprints, Head, PullRequestReport, PullRequestSnapshot, ReviewReport, Size, Snapshot,
};
pub use reviews::Reviews;
