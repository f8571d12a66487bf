//! One function per route.

use ampel_app::repositories::Repositories;
use ampel_domain::ids::RepositoryId;
use ampel_lambda_kit::api::{ApiResult, Authenticated, JsonBody, PathId, Query};
use ampel_wire::api::{
    Page,
    repositories::{
        AddRepositoryRequest, DiscoverQuery, DiscoverResponse, RepositoriesQuery, RepositoryDetail,
        RepositoryResponse, SyncStateResponse, UpdateRepositoryRequest, WebhookResponse,
    },
};
use axum::{Json, extract::State, http::StatusCode};

use crate::answers;

/// Tracked repositories, by full name.
#[utoipa::path(
    get, path = "/repositories", tag = "repositories", operation_id = "listRepositories", params(RepositoriesQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<RepositoryResponse>, description = "The repositories"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn list(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    Query(page): Query<RepositoriesQuery>,
) -> ApiResult<Json<Page<RepositoryResponse>>> {
    let page = repositories.page(caller, &page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// Tracks a repository: members and above.
#[utoipa::path(
    post, path = "/repositories", tag = "repositories", operation_id = "trackRepository", request_body = AddRepositoryRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, body = RepositoryDetail, description = "The repository"),
    )
)]
pub(crate) async fn track(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    JsonBody(new): JsonBody<AddRepositoryRequest>,
) -> ApiResult<(StatusCode, Json<RepositoryDetail>)> {
    let tracked = repositories.track(caller, new).await?;
    Ok((StatusCode::CREATED, Json(answers::detail(tracked))))
}

/// Repositories that an account can see, and which of them are tracked: members and above.
#[utoipa::path(
    get, path = "/repositories/discover", tag = "repositories", operation_id = "discoverRepositories", params(DiscoverQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = DiscoverResponse, description = "The repositories"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn discover(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    Query(wanted): Query<DiscoverQuery>,
) -> ApiResult<Json<DiscoverResponse>> {
    let found = repositories.discover(caller, wanted).await?;
    Ok(Json(answers::discovered(found)))
}

/// A tracked repository with the state of its webhook and its syncs.
#[utoipa::path(
    get, path = "/repositories/{id}", tag = "repositories", operation_id = "getRepository", params(("id" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RepositoryDetail, description = "The repository"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn get(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<Json<RepositoryDetail>> {
    let whole = repositories.get(caller, id).await?;
    Ok(Json(answers::detail(whole)))
}

/// Changes a repository's settings, like `PATCH`: who tracked it, and admins.
#[utoipa::path(
    put, path = "/repositories/{id}", tag = "repositories", operation_id = "replaceRepositorySettings", params(("id" = String, Path)),
    request_body = UpdateRepositoryRequest, security(("bearer" = [])),
    responses(
        (status = 200, body = RepositoryDetail, description = "The repository"),
    )
)]
pub(crate) async fn replace(
    repositories: State<Repositories>,
    caller: Authenticated,
    id: PathId<RepositoryId>,
    change: JsonBody<UpdateRepositoryRequest>,
) -> ApiResult<Json<RepositoryDetail>> {
    self::change(repositories, caller, id, change).await
}

/// Changes a repository's settings: who tracked it, and admins.
#[utoipa::path(
    patch, path = "/repositories/{id}", tag = "repositories", operation_id = "changeRepositorySettings", params(("id" = String, Path)),
    request_body = UpdateRepositoryRequest, security(("bearer" = [])),
    responses(
        (status = 200, body = RepositoryDetail, description = "The repository"),
    )
)]
pub(crate) async fn change(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
    JsonBody(change): JsonBody<UpdateRepositoryRequest>,
) -> ApiResult<Json<RepositoryDetail>> {
    let changed = repositories.change(caller, id, change).await?;
    Ok(Json(answers::detail(changed)))
}

/// Stops tracking a repository: who tracked it, and admins.
#[utoipa::path(
    delete, path = "/repositories/{id}", tag = "repositories", operation_id = "untrackRepository", params(("id" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Nobody sees it any more"),
    )
)]
pub(crate) async fn untrack(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<StatusCode> {
    repositories.untrack(caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the webhook a new secret, answers it this once and tells the provider where that is
/// possible: who tracked the repository, and admins. The secret before goes on verifying until a
/// day after the first delivery under the new one.
#[utoipa::path(
    post, path = "/repositories/{id}/webhook", tag = "repositories", operation_id = "rotateRepositoryWebhook",
    params(("id" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = WebhookResponse, description = "The webhook with its new secret"),
    )
)]
pub(crate) async fn rotate_webhook(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<Json<WebhookResponse>> {
    let rotated = repositories.rotate_webhook(caller, id).await?;
    Ok(Json(answers::webhook(&rotated)))
}

/// Has everything of a repository read again: members and above.
#[utoipa::path(
    post, path = "/repositories/{id}/sync", tag = "repositories", operation_id = "syncRepository", params(("id" = String, Path)),
    security(("bearer" = [])),
    responses(
        (status = 202, description = "It is queued", body = SyncStateResponse),
    )
)]
pub(crate) async fn sync(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<(StatusCode, Json<SyncStateResponse>)> {
    let state = repositories.sync(caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(answers::sync(state))))
}
