//! The items of a commit with evidence on it.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{Check, CheckScope, CommitSha, Completeness},
    ids::PullRequestNumber,
    pulls::HeadEvidence,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{StoreError, digest, item::Document};

/// A commit: which pull requests claim it, and what its checks add up to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShaItem {
    pub(crate) sha: CommitSha,
    pub(crate) version: u64,
    pub(crate) claims: BTreeSet<PullRequestNumber>,
    pub(crate) completeness: Completeness,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<SeenScope>,
    /// The digest of the checks beside it.
    pub(crate) checks_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<i64>,
}

/// Whether all is known that speaks for one branch or pull request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SeenScope {
    pub(crate) scope: CheckScope,
    pub(crate) completeness: Completeness,
}

impl ShaItem {
    /// The item of this evidence.
    pub(crate) fn of(
        evidence: &HeadEvidence,
        version: u64,
        expiry: Expiry,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            sha: evidence.sha.clone(),
            version,
            claims: evidence.claims.clone(),
            completeness: evidence.completeness.clone(),
            scopes: evidence
                .scopes
                .iter()
                .map(|(scope, completeness)| SeenScope {
                    scope: scope.clone(),
                    completeness: completeness.clone(),
                })
                .collect(),
            checks_digest: digest::of(evidence.checks.values())?,
            ttl: expiry.of_commit(),
        })
    }
}

impl Document for ShaItem {
    const TYPE: &'static str = "sha";
    const VERSION: u32 = 1;
}

/// A check or status of a commit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckItem {
    pub(crate) check: Check,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<i64>,
}

impl Document for CheckItem {
    const TYPE: &'static str = "check";
    const VERSION: u32 = 1;
}

/// When evidence expires: a commit that no pull request claims, after seven days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// Some pull request claims it.
    Never,
    /// Nobody does, at this time.
    From(Timestamp),
}

const DAY: i64 = 24 * 60 * 60;

impl Expiry {
    /// The expiry of evidence that is written now.
    pub(crate) fn of(evidence: &HeadEvidence, now: Timestamp) -> Self {
        if evidence.claims.is_empty() {
            Self::From(now)
        } else {
            Self::Never
        }
    }

    /// When the commit's own item expires, in seconds since the epoch.
    pub(crate) fn of_commit(self) -> Option<i64> {
        self.after_days(7)
    }

    /// When its checks expire: after the commit itself, so that they are rarely missed.
    pub(crate) fn of_checks(self) -> Option<i64> {
        self.after_days(8)
    }

    fn after_days(self, days: i64) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::From(now) => Some(now.as_second() + days * DAY),
        }
    }
}
