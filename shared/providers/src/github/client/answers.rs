//! The shapes of GraphQL answers. Everything may be `null`: a field that could not be read is.

use jiff::Timestamp;
use serde::Deserialize;

/// `data` of every query: all of them ask for one repository.
#[derive(Deserialize)]
pub(super) struct Data<R> {
    pub(super) repository: Option<R>,
}

/// What every query asks of its repository, beside what it is for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository<T> {
    pub(super) database_id: Option<u64>,
    #[serde(flatten)]
    pub(super) of: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequests<T> {
    pub(super) pull_requests: Option<Connection<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OnePullRequest<T> {
    pub(super) pull_request: Option<T>,
}

#[derive(Deserialize)]
pub(super) struct OneCommit {
    pub(super) object: Option<Commit<Rollup>>,
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

impl PageInfo {
    fn next(self) -> Option<String> {
        self.end_cursor.filter(|_| self.has_next_page)
    }
}

impl<T> Connection<T> {
    /// The cursor of the next page and the nodes of this one.
    pub(super) fn into_page(self) -> (Option<String>, Vec<Option<T>>) {
        (
            self.page_info.and_then(PageInfo::next),
            self.nodes.unwrap_or_default(),
        )
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequest {
    pub(super) full_database_id: Option<Number>,
    pub(super) number: u32,
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) url: Option<String>,
    pub(super) state: String,
    pub(super) is_draft: Option<bool>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) merged_at: Option<Timestamp>,
    pub(super) author: Option<Actor>,
    pub(super) head_ref_name: String,
    pub(super) head_ref_oid: String,
    pub(super) head_repository: Option<HeadRepository>,
    pub(super) is_cross_repository: Option<bool>,
    pub(super) base_ref_name: String,
    pub(super) mergeable: Option<String>,
    pub(super) additions: Option<u32>,
    pub(super) deletions: Option<u32>,
    pub(super) changed_files: Option<u32>,
    pub(super) comments: Option<Count>,
    pub(super) commit_count: Option<Count>,
    pub(super) labels: Option<Connection<Label>>,
    pub(super) review_requests: Option<Connection<ReviewRequest>>,
    pub(super) reviews: Option<Connection<Review>>,
    pub(super) commits: Option<Connection<CommitOf<Rollup>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fingerprinted {
    pub(super) number: u32,
    pub(super) updated_at: Timestamp,
    pub(super) head_ref_oid: String,
    pub(super) base_ref_name: String,
    pub(super) mergeable: Option<String>,
    pub(super) commits: Option<Connection<CommitOf<RollupState>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    pub(super) typename: Option<String>,
    pub(super) login: Option<String>,
    pub(super) avatar_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeadRepository {
    pub(super) name_with_owner: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Count {
    pub(super) total_count: u32,
}

#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewRequest {
    pub(super) requested_reviewer: Option<RequestedReviewer>,
}

#[derive(Deserialize)]
pub(super) struct RequestedReviewer {
    #[serde(rename = "__typename")]
    pub(super) typename: Option<String>,
    pub(super) login: Option<String>,
    pub(super) slug: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Reviews {
    pub(super) reviews: Option<Connection<Review>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) full_database_id: Option<Number>,
    pub(super) author: Option<Actor>,
    pub(super) state: String,
    pub(super) body: Option<String>,
    pub(super) url: Option<String>,
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) commit: Option<Oid>,
}

#[derive(Deserialize)]
pub(super) struct Oid {
    pub(super) oid: String,
}

#[derive(Deserialize)]
pub(super) struct CommitOf<R> {
    pub(super) commit: Option<Commit<R>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit<R> {
    pub(super) oid: String,
    pub(super) status_check_rollup: Option<R>,
}

#[derive(Deserialize)]
pub(super) struct RollupState {
    pub(super) state: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Rollup {
    pub(super) state: Option<String>,
    pub(super) contexts: Option<Connection<Context>>,
}

/// A check run or a status.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum Context {
    #[serde(rename_all = "camelCase")]
    CheckRun {
        database_id: Option<u64>,
        name: String,
        status: String,
        conclusion: Option<String>,
        started_at: Option<Timestamp>,
        completed_at: Option<Timestamp>,
        details_url: Option<String>,
        check_suite: Option<Suite>,
    },
    #[serde(rename = "StatusContext", rename_all = "camelCase")]
    Status {
        context: String,
        state: String,
        created_at: Timestamp,
        target_url: Option<String>,
    },
    /// A kind we do not know.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Suite {
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) app: Option<App>,
}

#[derive(Deserialize)]
pub(super) struct App {
    pub(super) slug: Option<String>,
}

/// A `BigInt`: a text, since it may be larger than a GraphQL number; some servers write a number.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Text(String),
    Number(u64),
}

impl Number {
    pub(super) fn get(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}
