//! The evidence on commits.

mod item;
mod read;

use ampel_domain::pulls::HeadEvidence;

pub(crate) use item::{CheckItem, Expiry, ShaItem};

/// The evidence on a commit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvidence {
    /// What is known.
    pub evidence: HeadEvidence,
    /// Counts writes; `None` when nothing was stored yet.
    pub version: Option<u64>,
}
