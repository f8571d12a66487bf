//! Pull requests and reviews.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Names a pull request: repository id and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PullRef {
    /// Numeric id of the repository it aims at.
    pub repo: u64,
    /// Its number there.
    pub number: u64,
}

/// Where the commits of a pull request come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// The repository; another one than the base for a fork. It may be deleted meanwhile.
    pub repo: u64,
    /// Login of that repository's owner, kept for the label.
    pub owner: String,
    /// Branch name.
    pub branch: String,
    /// Its newest commit.
    pub sha: String,
}

/// GitHub computes mergeability later, when somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mergeability {
    /// So many questions are still answered by "not known yet".
    Unknown {
        /// Questions left.
        asks_left: u32,
    },
    /// Computed; the value itself is derived from the commits.
    Known,
}

/// A merge that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Merge {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The commit it made on the base branch.
    pub sha: String,
}

/// Auto-merge, as GitHub's own button enables it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AutoMerge {
    /// Who enabled it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// `merge`, `squash` or `rebase`.
    pub method: String,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Approved.
    Approved,
    /// Changes are requested.
    ChangesRequested,
    /// A comment, no opinion.
    Commented,
    /// An opinion somebody took back.
    Dismissed,
}

impl ReviewState {
    /// GitHub's lower case word, as webhooks write it.
    pub fn lower(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Commented => "commented",
            Self::Dismissed => "dismissed",
        }
    }

    /// GitHub's upper case word, as REST and GraphQL write it.
    pub fn upper(self) -> String {
        self.lower().to_uppercase()
    }
}

/// One submitted review.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Review {
    /// Numeric id.
    pub id: u64,
    /// The reviewer.
    pub author: String,
    /// What it says now.
    pub state: ReviewState,
    /// Its text.
    pub body: String,
    /// The head it was written for.
    pub commit_id: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Last change: a dismissal moves it.
    pub updated_at: Timestamp,
}

/// What somebody said in the conversation of a pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comment {
    /// Numeric id.
    pub id: u64,
    /// Who said it.
    pub author: String,
    /// Its text.
    pub body: String,
    /// When it was said.
    pub at: Timestamp,
}

/// A pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pull {
    /// Numeric id.
    pub id: u64,
    /// Number in its repository.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Description.
    pub body: Option<String>,
    /// Who opened it.
    pub author: String,
    /// Still open (neither closed nor merged).
    pub open: bool,
    /// The merge, once there was one.
    pub merged: Option<Merge>,
    /// A draft.
    pub draft: bool,
    /// Where its commits come from.
    pub head: Head,
    /// The branch it aims at.
    pub base_branch: String,
    /// Head of that branch when the pull request was last moved.
    pub base_sha: String,
    /// Names of its labels.
    pub labels: BTreeSet<String>,
    /// Users asked for a review.
    pub requested_reviewers: BTreeSet<String>,
    /// Slugs of teams asked for a review.
    pub requested_teams: BTreeSet<String>,
    /// In the order they were submitted.
    pub reviews: Vec<Review>,
    /// The conversation, in the order it was held; comments on lines of the diff are no part of it.
    #[serde(default)]
    pub conversation: Vec<Comment>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// GitHub moves this with edits, pushes, reviews and labels, not with checks.
    pub updated_at: Timestamp,
    /// When it was closed or merged.
    pub closed_at: Option<Timestamp>,
    /// Whether GitHub has computed mergeability.
    pub mergeability: Mergeability,
    /// GitHub's own auto-merge.
    pub auto_merge: Option<AutoMerge>,
}

impl Pull {
    /// Neither closed nor merged.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The latest opinion of each reviewer; a comment is none, a dismissed one counts as withdrawn.
    pub fn opinions(&self) -> Vec<&Review> {
        let mut latest: Vec<&Review> = Vec::new();
        for review in &self.reviews {
            if review.state != ReviewState::Commented {
                latest.retain(|other| other.author != review.author);
                latest.push(review);
            }
        }
        latest
    }
}
