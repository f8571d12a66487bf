//! The shapes of GraphQL answers. Everything may be `null`: a field that could not be read is.

use jiff::Timestamp;
use serde::Deserialize;

/// `data` of every query: all of them ask for one project.
#[derive(Deserialize)]
pub(super) struct Data<R> {
    pub(super) project: Option<R>,
}

/// What every query asks of its project, beside what it is for.
#[derive(Deserialize)]
pub(super) struct Project<T> {
    pub(super) id: Option<String>,
    #[serde(flatten)]
    pub(super) of: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeRequests<T> {
    pub(super) merge_requests: Option<Connection<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OneMergeRequest<T> {
    pub(super) merge_request: Option<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<T> {
    pub(super) page_info: Option<PageInfo>,
    pub(super) nodes: Option<Vec<Option<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl<T> Connection<T> {
    /// Whether this page is not the last one.
    pub(super) fn has_more(&self) -> bool {
        self.page_info
            .as_ref()
            .is_some_and(|info| info.has_next_page)
    }

    /// The cursor of the next page and the nodes of this one.
    pub(super) fn into_page(self) -> (Option<String>, Vec<Option<T>>) {
        let next = self
            .page_info
            .and_then(|info| info.end_cursor.filter(|_| info.has_next_page));
        (next, self.nodes.unwrap_or_default())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeRequest {
    pub(super) id: String,
    pub(super) iid: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) state: String,
    pub(super) draft: Option<bool>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) merged_at: Option<Timestamp>,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) web_url: Option<String>,
    pub(super) author: Option<User>,
    pub(super) source_branch: String,
    pub(super) target_branch: String,
    pub(super) diff_head_sha: Option<String>,
    pub(super) source_project_id: Option<u64>,
    pub(super) source_project: Option<SourceProject>,
    pub(super) detailed_merge_status: Option<String>,
    pub(super) conflicts: Option<bool>,
    pub(super) commit_count: Option<u32>,
    pub(super) user_notes_count: Option<u32>,
    pub(super) diff_stats_summary: Option<DiffStats>,
    pub(super) labels: Option<Connection<Label>>,
    #[serde(flatten)]
    pub(super) reviews: Reviews,
    /// Whether it has pipelines, also where they are not shown.
    pub(super) has_ci: Option<bool>,
    pub(super) head_pipeline: Option<Pipeline>,
    pub(super) pipelines: Option<Connection<Pipeline>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SourceProject {
    pub(super) full_path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiffStats {
    pub(super) additions: u32,
    pub(super) deletions: u32,
    pub(super) file_count: u32,
}

#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reviews {
    pub(super) approved_by: Option<Connection<User>>,
    pub(super) reviewers: Option<Connection<User>>,
}

/// The reviews of a merge request, asked for alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reviewed {
    pub(super) updated_at: Timestamp,
    #[serde(flatten)]
    pub(super) reviews: Reviews,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: Option<String>,
    pub(super) avatar_url: Option<String>,
    /// Of a reviewer: what they said.
    pub(super) merge_request_interaction: Option<Interaction>,
}

impl User {
    pub(super) fn review_state(&self) -> Option<&str> {
        let interaction = self.merge_request_interaction.as_ref();
        interaction.and_then(|interaction| interaction.review_state.as_deref())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interaction {
    pub(super) review_state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pipeline {
    pub(super) id: String,
    pub(super) sha: Option<String>,
    pub(super) status: String,
    pub(super) source: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fingerprinted {
    pub(super) iid: String,
    pub(super) updated_at: Timestamp,
    pub(super) diff_head_sha: Option<String>,
    pub(super) target_branch: String,
    pub(super) detailed_merge_status: Option<String>,
    pub(super) conflicts: Option<bool>,
    pub(super) head_pipeline: Option<PipelineStatus>,
    pub(super) pipelines: Option<Connection<PipelineStatus>>,
}

#[derive(Deserialize)]
pub(super) struct PipelineStatus {
    pub(super) id: String,
    pub(super) status: String,
}

/// The number in `gid://gitlab/MergeRequest/7`.
pub(super) fn number_of(gid: &str) -> Option<u64> {
    gid.rsplit('/').next()?.parse().ok()
}
