//! Pull requests, their participants and comments.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MergeStrategy;

/// Names a pull request: our number of the repository, and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PullRef {
    /// The repository it aims at.
    pub repo: u64,
    /// Its number there.
    pub number: u64,
}

/// Where the commits of a pull request come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    /// The repository; another one for a fork. It may be deleted meanwhile.
    pub repo: u64,
    /// Branch name.
    pub branch: String,
    /// Its newest commit, all 40 characters.
    pub sha: String,
}

/// Where a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullState {
    /// Open.
    Open,
    /// Merged.
    Merged,
    /// Declined, which is for good: Bitbucket opens none again.
    Declined,
}

impl PullState {
    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Merged => "MERGED",
            Self::Declined => "DECLINED",
        }
    }
}

/// What somebody thinks of a pull request. Each is given and taken back by itself; who has both is
/// shown as requesting changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Opinion {
    /// Approved.
    Approved,
    /// Changes are requested.
    ChangesRequested,
}

impl Opinion {
    /// Bitbucket's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
        }
    }
}

/// Somebody who was asked for a review, or took part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub login: String,
    /// Asked for a review; `PARTICIPANT` otherwise.
    pub reviewer: bool,
    /// The present opinions.
    #[serde(default)]
    pub opinions: BTreeSet<Opinion>,
    /// When they last gave an opinion; one that is taken back does not move it.
    pub participated_on: Option<Timestamp>,
}

/// A comment on a pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comment {
    /// Numeric id.
    pub id: u64,
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub text: String,
    /// When.
    pub created_at: Timestamp,
}

/// What happened to a pull request, as its activity lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Activity {
    /// What.
    pub kind: ActivityKind,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The head at that time.
    pub head: String,
}

/// Kinds of activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityKind {
    /// Opened, edited, pushed, closed.
    Update,
    /// Approved.
    Approval,
    /// Changes requested.
    ChangesRequested,
    /// The comment of this id.
    Comment(u64),
}

/// A pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pull {
    /// Number in its repository.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Who opened it.
    pub author: String,
    /// Open, merged or declined.
    pub state: PullState,
    /// A draft.
    pub draft: bool,
    /// Waits in a merge queue.
    #[serde(default)]
    pub queued: bool,
    /// Where its commits come from.
    pub source: Source,
    /// The branch it aims at.
    pub destination: String,
    /// The destination's head when the pull request ended, or when that branch vanished.
    pub destination_sha: String,
    /// Removes the source branch with the merge.
    pub close_source_branch: bool,
    /// In the order they came.
    pub participants: Vec<Participant>,
    /// In the order they were written.
    pub comments: Vec<Comment>,
    /// Tasks that nobody has done yet.
    pub open_tasks: u64,
    /// The commit it became.
    pub merge_commit: Option<String>,
    /// Who merged or declined it.
    pub closed_by: Option<String>,
    /// Oldest first.
    pub activity: Vec<Activity>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Edits, pushes, opinions and comments move this; builds do not.
    pub updated_at: Timestamp,
}

impl Pull {
    /// Neither merged nor declined.
    pub fn is_open(&self) -> bool {
        self.state == PullState::Open
    }

    /// Who has this opinion now.
    pub fn with_opinion(&self, opinion: Opinion) -> BTreeSet<&str> {
        self.participants
            .iter()
            .filter(|own| own.opinions.contains(&opinion))
            .map(|own| own.login.as_str())
            .collect()
    }

    /// The participant of this login, made if need be.
    pub(in crate::bitbucket) fn participant(&mut self, login: &str) -> &mut Participant {
        let known = self.participants.iter().position(|own| own.login == login);
        let position = known.unwrap_or_else(|| {
            self.participants.push(Participant {
                login: login.to_owned(),
                reviewer: false,
                opinions: BTreeSet::new(),
                participated_on: None,
            });
            self.participants.len() - 1
        });
        #[expect(
            clippy::indexing_slicing,
            reason = "the position was just found or made"
        )]
        &mut self.participants[position]
    }
}

/// A merge that takes longer than a call, for its caller to poll.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergeTask {
    /// The pull request.
    pub at: PullRef,
    /// Who merges.
    pub by: String,
    /// How.
    pub strategy: MergeStrategy,
    /// The message of the merge commit.
    pub message: Option<String>,
    /// So many questions are still answered by `PENDING`; the merge happens with the last one.
    pub polls_left: u32,
    /// Why it failed in the end, if it did.
    pub failure: Option<String>,
}
