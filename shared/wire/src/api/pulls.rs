//! Pull requests: lists and the whole of one.

use ampel_domain::{
    facts::CommitSha,
    ids::{PullRequestId, PullRequestNumber, RepositoryId},
    light::{Light, Reason, ReasonCode},
    provider::Provider,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, Fields, Invalid, PageLimit, schemas};

const TEXT_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;

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

/// What pull requests are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PullRequestSort {
    /// When they last changed.
    #[default]
    Updated,
    /// When they were opened.
    Created,
    /// Their titles, without regard to case.
    Title,
}

impl PullRequestSort {
    const ALL: [Self; 3] = [Self::Updated, Self::Created, Self::Title];

    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Title => "title",
        }
    }

    /// The order people expect unless they say otherwise.
    #[must_use]
    pub fn usual_order(self) -> SortOrder {
        match self {
            Self::Updated | Self::Created => SortOrder::Descending,
            Self::Title => SortOrder::Ascending,
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// The smallest or oldest.
    Ascending,
    /// The largest or newest.
    Descending,
}

impl SortOrder {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// Which open pull requests somebody wants to see.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PullRequestsQuery {
    /// Only those under this light: `green`, `yellow` or `red`.
    pub light: Option<String>,
    /// Only those at this provider.
    pub provider: Option<String>,
    /// Only those of this repository.
    pub repository_id: Option<String>,
    /// Only those of this author, without regard to case.
    #[param(max_length = 100)]
    pub author: Option<String>,
    /// Only drafts, or none.
    pub draft: Option<bool>,
    /// Only those with this text in title, author or branch, or with this number.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// `updated` (unless said otherwise), `created` or `title`.
    pub sort: Option<String>,
    /// `asc` or `desc`; unless said otherwise newest first, titles from A to Z.
    pub order: Option<String>,
    /// How many a page holds: 1 to 100, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// What a pull request must be like to be listed. Empty parts match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullRequestFilter {
    /// Its light.
    pub light: Option<Light>,
    /// Where it is.
    pub provider: Option<Provider>,
    /// The repository it is in.
    pub repository: Option<RepositoryId>,
    /// Who opened it, in lower case.
    pub author: Option<String>,
    /// Whether it is a draft.
    pub draft: Option<bool>,
    /// A text in lower case.
    pub search: Option<String>,
}

/// A checked [`PullRequestsQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestsPage {
    /// Which.
    pub filter: PullRequestFilter,
    /// Sorted by what.
    pub sort: PullRequestSort,
    /// Which end first.
    pub order: SortOrder,
    /// How many.
    pub limit: PageLimit,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl Check for PullRequestsQuery {
    type Checked = PullRequestsPage;

    fn check(self) -> Result<PullRequestsPage, Invalid> {
        let mut fields = Fields::default();
        let filter = PullRequestFilter {
            light: self
                .light
                .and_then(|word| fields.take("light", light(&word))),
            provider: self
                .provider
                .and_then(|word| fields.take("provider", word.parse())),
            repository: self
                .repository_id
                .and_then(|id| fields.take("repositoryId", id.parse())),
            author: lower(&mut fields, "author", self.author),
            draft: self.draft,
            search: lower(&mut fields, "search", self.search),
        };
        let sort = match self.sort {
            None => Some(PullRequestSort::default()),
            Some(word) => fields.take("sort", sort(&word)),
        };
        let order = match self.order {
            None => Some(None),
            Some(word) => fields.take("order", order(&word)).map(Some),
        };
        let limit = fields.take("limit", PageLimit::of(self.limit));
        let checked = sort
            .zip(order)
            .zip(limit)
            .map(|((sort, order), limit)| PullRequestsPage {
                filter,
                sort,
                order: order.unwrap_or(sort.usual_order()),
                limit,
                cursor: self.cursor,
            });
        fields.finish(checked)
    }
}

/// An empty text filters nothing.
fn lower(fields: &mut Fields, field: &str, text: Option<String>) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    fields
        .text(field, &text, TEXT_LENGTH)
        .map(|text| text.to_lowercase())
}

fn light(word: &str) -> Result<Light, &'static str> {
    let found = Light::ALL.into_iter().find(|light| light.as_str() == word);
    found.ok_or("must be green, yellow or red")
}

fn sort(word: &str) -> Result<PullRequestSort, &'static str> {
    let found = PullRequestSort::ALL
        .into_iter()
        .find(|sort| sort.as_str() == word);
    found.ok_or("must be updated, created or title")
}

fn order(word: &str) -> Result<SortOrder, &'static str> {
    let orders = [SortOrder::Ascending, SortOrder::Descending];
    let found = orders.into_iter().find(|order| order.as_str() == word);
    found.ok_or("must be asc or desc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_parameter_is_named() {
        let query = PullRequestsQuery {
            light: Some("blue".into()),
            provider: Some("sourcehut".into()),
            repository_id: Some("7".into()),
            sort: Some("size".into()),
            order: Some("up".into()),
            limit: Some(101),
            ..PullRequestsQuery::default()
        };
        let invalid = query.check().unwrap_err();
        let fields: Vec<_> = invalid.errors().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "light",
                "provider",
                "repositoryId",
                "sort",
                "order",
                "limit"
            ]
        );
    }

    #[test]
    fn newest_come_first_and_titles_from_a_to_z() {
        let of = |sort: Option<&str>| {
            let query = PullRequestsQuery {
                sort: sort.map(str::to_owned),
                ..PullRequestsQuery::default()
            };
            query.check().unwrap().order
        };
        assert_eq!(of(None), SortOrder::Descending);
        assert_eq!(of(Some("created")), SortOrder::Descending);
        assert_eq!(of(Some("title")), SortOrder::Ascending);
    }
}
