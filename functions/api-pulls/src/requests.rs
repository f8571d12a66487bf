//! One function per route.

use ampel_app::reading::{Reading, Refresh};
use ampel_domain::ids::{PullRequestId, RepositoryId};
use ampel_lambda_kit::api::{ApiResult, Authenticated, PathId, PathIds, Query};
use ampel_wire::api::{
    Page,
    pulls::{PullRequestDetail, PullRequestItem, PullRequestsQuery},
};
use axum::{Json, extract::State};

/// Open pull requests of all repositories. The list lags a moment behind the rest.
#[utoipa::path(
    get, path = "/pull-requests", tag = "pull-requests", operation_id = "listPullRequests", params(PullRequestsQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<PullRequestItem>, description = "The pull requests"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn list(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
    Query(wanted): Query<PullRequestsQuery>,
) -> ApiResult<Json<Page<PullRequestItem>>> {
    Ok(Json(reading.pull_requests(caller, wanted).await?))
}

/// A pull request with its checks and reviews.
#[utoipa::path(
    get, path = "/pull-requests/{prId}", tag = "pull-requests", operation_id = "getPullRequest",
    params(("prId" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = PullRequestDetail, description = "The pull request"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn get(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<PullRequestId>,
) -> ApiResult<Json<PullRequestDetail>> {
    Ok(Json(reading.pull_request(caller, None, id).await?))
}

/// Reads a pull request from its provider now and answers it: members and above.
#[utoipa::path(
    post, path = "/pull-requests/{prId}/refresh", tag = "pull-requests", operation_id = "refreshPullRequest",
    params(("prId" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = PullRequestDetail, description = "The pull request"),
    )
)]
pub(crate) async fn refresh(
    State(refresh): State<Refresh>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<PullRequestId>,
) -> ApiResult<Json<PullRequestDetail>> {
    Ok(Json(refresh.refresh(caller, None, id).await?))
}

/// Open pull requests of one repository.
#[utoipa::path(
    get, path = "/repositories/{id}/pull-requests", tag = "pull-requests", operation_id = "listRepositoryPullRequests",
    params(("id" = String, Path), PullRequestsQuery), security(("bearer" = [])),
    responses(
        (status = 200, body = Page<PullRequestItem>, description = "The pull requests"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn list_of_repository(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
    Query(wanted): Query<PullRequestsQuery>,
) -> ApiResult<Json<Page<PullRequestItem>>> {
    Ok(Json(reading.pull_requests_of(caller, id, wanted).await?))
}

/// A pull request of a repository, with its checks and reviews.
#[utoipa::path(
    get, path = "/repositories/{id}/pull-requests/{prId}", tag = "pull-requests", operation_id = "getRepositoryPullRequest",
    params(("id" = String, Path), ("prId" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = PullRequestDetail, description = "The pull request"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn get_of_repository(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
    PathIds(repository, id): PathIds<RepositoryId, PullRequestId>,
) -> ApiResult<Json<PullRequestDetail>> {
    let found = reading.pull_request(caller, Some(repository), id).await?;
    Ok(Json(found))
}

/// Reads a pull request of a repository from its provider now and answers it: members and above.
#[utoipa::path(
    post, path = "/repositories/{id}/pull-requests/{prId}/refresh", tag = "pull-requests", operation_id = "refreshRepositoryPullRequest",
    params(("id" = String, Path), ("prId" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = PullRequestDetail, description = "The pull request"),
    )
)]
pub(crate) async fn refresh_of_repository(
    State(refresh): State<Refresh>,
    Authenticated(caller): Authenticated,
    PathIds(repository, id): PathIds<RepositoryId, PullRequestId>,
) -> ApiResult<Json<PullRequestDetail>> {
    let found = refresh.refresh(caller, Some(repository), id).await?;
    Ok(Json(found))
}
