//! Pull requests and their reviews.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Starts of a title that make a pull request a draft (`WORK_IN_PROGRESS_PREFIXES`, the default).
const WORK_IN_PROGRESS: [&str; 2] = ["WIP:", "[WIP]"];

/// Names a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PullRef {
    /// The repository it aims at.
    pub repo: u64,
    /// Its number there.
    pub number: u64,
}

/// Where the commits of a pull request come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// The repository; it may be gone by now.
    pub repo: u64,
    /// The branch; it may be gone by now.
    pub branch: String,
    /// The commit.
    pub sha: String,
}

/// A merge that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Merge {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// The commit on the base branch.
    pub sha: String,
}

/// Whether Gitea has looked for conflicts since the last move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mergeability {
    /// It has.
    Known,
    /// It still looks; `mergeable` is false as long as that takes.
    Checking {
        /// Questions until it is done.
        asks_left: u32,
    },
}

/// What a review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewKind {
    /// Approves.
    Approve,
    /// Requests changes.
    Reject,
    /// No opinion.
    Comment,
    /// Somebody was asked and has not answered.
    Request,
}

impl ReviewKind {
    /// The word of the REST API.
    pub fn state(self) -> &'static str {
        match self {
            Self::Approve => "APPROVED",
            Self::Reject => "REQUEST_CHANGES",
            Self::Comment => "COMMENT",
            Self::Request => "REQUEST_REVIEW",
        }
    }

    /// Whether it is for or against the change.
    pub fn is_opinion(self) -> bool {
        match self {
            Self::Approve | Self::Reject => true,
            Self::Comment | Self::Request => false,
        }
    }
}

/// One review, or a request for one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Review {
    /// Numeric id.
    pub id: u64,
    /// The reviewer.
    pub author: String,
    /// What it is.
    pub kind: ReviewKind,
    /// Its text.
    pub body: String,
    /// The head it was written for; empty for a request.
    pub commit_id: String,
    /// Counts for rules: its author may write here, and has no newer opinion.
    pub official: bool,
    /// The head has moved since.
    pub stale: bool,
    /// Somebody took its weight.
    pub dismissed: bool,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// A pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pull {
    /// Numeric id.
    pub id: u64,
    /// Number in its repository.
    pub number: u64,
    /// Title; its start makes it a draft.
    pub title: String,
    /// Description.
    pub body: String,
    /// Who opened it.
    pub author: String,
    /// Still open (neither closed nor merged).
    pub open: bool,
    /// The merge, once there was one.
    pub merged: Option<Merge>,
    /// Where its commits come from.
    pub head: Head,
    /// The branch it aims at.
    pub base_branch: String,
    /// Head of that branch when it was last seen.
    pub base_sha: String,
    /// Names of its labels.
    pub labels: BTreeSet<String>,
    /// In the order they were made.
    pub reviews: Vec<Review>,
    /// Comments on the conversation.
    pub comments: u64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Last change of anything in it.
    pub updated_at: Timestamp,
    /// When it was closed or merged.
    pub closed_at: Option<Timestamp>,
    /// Whether `mergeable` tells the truth.
    pub mergeability: Mergeability,
}

impl Pull {
    /// Neither closed nor merged.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// A draft: Gitea knows one by its title alone.
    pub fn is_draft(&self) -> bool {
        let title = self.title.to_uppercase();
        WORK_IN_PROGRESS.iter().any(|mark| title.starts_with(mark))
    }

    /// The title without the mark of a draft.
    pub fn bare_title(&self) -> &str {
        let marks = WORK_IN_PROGRESS.iter();
        let mark = marks
            .filter(|mark| self.title.to_uppercase().starts_with(**mark))
            .map(|mark| mark.len())
            .next();
        let rest = mark.and_then(|length| self.title.get(length..));
        rest.unwrap_or(&self.title).trim_start()
    }

    /// Logins that were asked for a review and have not answered.
    pub fn requested_reviewers(&self) -> Vec<&str> {
        let requests = self
            .reviews
            .iter()
            .filter(|review| review.kind == ReviewKind::Request);
        requests.map(|review| review.author.as_str()).collect()
    }
}
