//! What is answered about pull requests.

use ampel_domain::{
    facts::CommitSha,
    ids::{PullRequestId, PullRequestNumber, RepositoryId},
    light::{Light, Reason, ReasonCode},
    provider::Provider,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::schemas;

/// Why a light is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonResponse {
    /// Its stable name.
    #[schema(schema_with = schemas::reason_code)]
    pub code: ReasonCode,
    /// A sentence for people. Lists say it in general, the pull request itself in particular.
    pub text: String,
    /// Where to look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<Reason> for ReasonResponse {
    fn from(reason: Reason) -> Self {
        Self {
            code: reason.code,
            text: reason.text,
            url: reason.url,
        }
    }
}

impl From<ReasonCode> for ReasonResponse {
    fn from(code: ReasonCode) -> Self {
        Self {
            code,
            text: in_general(code).to_owned(),
            url: None,
        }
    }
}

/// What a reason says where only its name is at hand.
fn in_general(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Conflicts => "It conflicts with its base branch.",
        ReasonCode::CheckFailed => "A check failed.",
        ReasonCode::ChangesRequested => "A reviewer requested changes.",
        ReasonCode::Draft => "It is a draft.",
        ReasonCode::CheckPending => "A check has not finished.",
        ReasonCode::CheckCancelled => "A check was cancelled.",
        ReasonCode::CheckUnrecognised => "A check ended in a way Ampel does not know.",
        ReasonCode::ChecksComputing => "Not all checks of its current head are known yet.",
        ReasonCode::ChecksUnavailable => "Its checks can not all be read.",
        ReasonCode::ReviewRequired => "Nobody has approved it yet.",
        ReasonCode::ReviewsComputing => "Not all of its reviews are known yet.",
        ReasonCode::ReviewsUnavailable => "Its reviews can not be read.",
        ReasonCode::MergeabilityComputing => "The provider is working out whether it merges.",
        ReasonCode::MergeabilityUnavailable => "Whether it merges can not be read.",
        ReasonCode::Contradiction => "The provider said two things at once.",
        ReasonCode::PolicyViolated => "A policy, lock or rule of the provider forbids merging it.",
        ReasonCode::NothingToMerge => "It has nothing to merge.",
        ReasonCode::Behind => "Its branch must be updated with its base.",
        ReasonCode::ApprovalsMissing => "The provider wants more approvals.",
        ReasonCode::ConversationsOpen => "Conversations on it are not resolved.",
        ReasonCode::ChecksRequired => "The provider waits for checks to pass.",
        ReasonCode::MergeHeld => "The provider does not let it merge for now.",
        ReasonCode::Approved => "It is approved.",
        ReasonCode::ChecksPassed => "Its checks passed.",
        ReasonCode::NoChecks => "No checks are configured for it.",
        ReasonCode::Mergeable => "It merges without conflicts.",
    }
}

/// An open pull request as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestItem {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    pub id: PullRequestId,
    /// The repository it is in.
    #[schema(schema_with = schemas::id)]
    pub repository_id: RepositoryId,
    /// Its number there.
    #[schema(value_type = u32)]
    pub number: PullRequestNumber,
    /// Its title, cut where it is very long.
    pub title: String,
    /// Always `open`: lists hold no others.
    #[schema(schema_with = schemas::pull_request_state)]
    pub state: &'static str,
    /// Who opened it.
    pub author: String,
    /// Whether its author says it is not ready.
    pub is_draft: bool,
    /// Its head's commit.
    #[schema(value_type = String)]
    pub head_sha: CommitSha,
    /// Its head's branch, cut where it is very long.
    pub source_branch: String,
    /// The branch it would be merged into, cut where it is very long.
    pub target_branch: String,
    /// Its light.
    #[schema(schema_with = schemas::light)]
    pub light: Light,
    /// Why, the most important first.
    pub reasons: Vec<ReasonResponse>,
    /// When it was opened.
    #[schema(schema_with = schemas::time)]
    pub created_at: Timestamp,
    /// When it last changed at the provider.
    #[schema(schema_with = schemas::time)]
    pub updated_at: Timestamp,
}

/// A pull request with its checks and reviews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestDetail {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    pub id: PullRequestId,
    /// The repository it is in.
    #[schema(schema_with = schemas::id)]
    pub repository_id: RepositoryId,
    /// The owner of that.
    pub repository_owner: String,
    /// The name of that.
    pub repository_name: String,
    /// The provider.
    #[schema(schema_with = schemas::provider)]
    pub provider: Provider,
    /// The provider's own id.
    pub provider_id: String,
    /// Its number in the repository.
    #[schema(value_type = u32)]
    pub number: PullRequestNumber,
    /// Its title.
    pub title: String,
    /// Its description, cut at 16 KB.
    pub description: Option<String>,
    /// Where people look at it.
    pub url: String,
    /// `open`, `closed` or `merged`.
    #[schema(schema_with = schemas::pull_request_state)]
    pub state: &'static str,
    /// Its head's branch.
    pub source_branch: String,
    /// The branch it would be merged into.
    pub target_branch: String,
    /// Its head's commit.
    #[schema(value_type = String)]
    pub head_sha: CommitSha,
    /// Whether its head is in another repository.
    pub is_fork: bool,
    /// Who opened it.
    pub author: String,
    /// Their picture.
    pub author_avatar_url: Option<String>,
    /// Whether its author says it is not ready.
    pub is_draft: bool,
    /// Whether head and base merge; `null` while that is not known.
    pub is_mergeable: Option<bool>,
    /// Whether they conflict; `null` while that is not known.
    pub has_conflicts: Option<bool>,
    /// Lines added; `null` where nobody said.
    pub additions: Option<u32>,
    /// Lines removed.
    pub deletions: Option<u32>,
    /// Files touched.
    pub changed_files: Option<u32>,
    /// Commits.
    pub commits_count: Option<u32>,
    /// Comments of all kinds.
    pub comments_count: Option<u32>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who was asked for a review and has not answered: people, and teams as `team:slug`.
    pub requested_reviewers: Vec<String>,
    /// When it was opened.
    #[schema(schema_with = schemas::time)]
    pub created_at: Timestamp,
    /// When it last changed at the provider.
    #[schema(schema_with = schemas::time)]
    pub updated_at: Timestamp,
    /// When it was merged.
    #[schema(schema_with = schemas::optional_time)]
    pub merged_at: Option<Timestamp>,
    /// When it was closed, merged or not.
    #[schema(schema_with = schemas::optional_time)]
    pub closed_at: Option<Timestamp>,
    /// The provider's time when all of it was last read; `null` while only events told of it.
    #[schema(schema_with = schemas::optional_time)]
    pub last_synced_at: Option<Timestamp>,
    /// Its light; `null` when it is not open.
    #[schema(schema_with = schemas::optional_light)]
    pub light: Option<Light>,
    /// Why, what blocks first; empty when it is not open.
    pub reasons: Vec<ReasonResponse>,
    /// The newest run of every check and status of its head.
    pub ci_checks: Vec<CiCheckResponse>,
    /// All reviews, the newest first.
    pub reviews: Vec<ReviewResponse>,
}

/// A check or status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CiCheckResponse {
    /// The same for all runs of this check of this pull request.
    pub id: String,
    /// The pull request.
    #[schema(schema_with = schemas::id)]
    pub pull_request_id: PullRequestId,
    /// Its name.
    pub name: String,
    /// The app that reports it; `null` for a commit status.
    pub app: Option<String>,
    /// `queued`, `in_progress` or `completed`.
    #[schema(schema_with = schemas::check_status)]
    pub status: &'static str,
    /// How it ended; `null` until then.
    #[schema(schema_with = schemas::check_conclusion)]
    pub conclusion: Option<&'static str>,
    /// Where people look at it.
    pub url: Option<String>,
    /// When it began.
    #[schema(schema_with = schemas::optional_time)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(schema_with = schemas::optional_time)]
    pub completed_at: Option<Timestamp>,
    /// How long it took, in whole seconds.
    pub duration_seconds: Option<i64>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewResponse {
    /// The provider's id.
    pub id: String,
    /// The pull request.
    #[schema(schema_with = schemas::id)]
    pub pull_request_id: PullRequestId,
    /// Who wrote it.
    pub reviewer: String,
    /// Their picture.
    pub reviewer_avatar_url: Option<String>,
    /// What it says.
    #[schema(schema_with = schemas::review_state)]
    pub state: &'static str,
    /// Its text, cut at 4 KB.
    pub body: Option<String>,
    /// Where people read it.
    pub url: Option<String>,
    /// When it was submitted.
    #[schema(schema_with = schemas::time)]
    pub submitted_at: Timestamp,
    /// Whether it is the one of its reviewer that counts: the newest that is more than a comment,
    /// else the newest comment.
    pub is_latest: bool,
}
