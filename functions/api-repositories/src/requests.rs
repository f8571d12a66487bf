//! One function per route.

use ampel_app::{refusal::Refusal, repositories::Repositories};
use ampel_domain::{ids::RepositoryId, tenancy::Role};
use ampel_lambda_kit::api::{ApiResult, Authenticated, JsonBody, PathId, Query};
use ampel_wire::api::{
    Page,
    repositories::{
        DiscoverQuery, DiscoverResponse, RepositoriesQuery, RepositoryDetail, RepositoryResponse,
        SyncStateResponse, TrackRequest, TrackedRepositories, Tracking, UpdateRepositoryRequest,
        WebhookDeliveriesResponse, WebhookResponse, WebhookTestResponse,
    },
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

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

/// Tracks a repository, or up to 100 at once, each reported by itself: members and above.
#[utoipa::path(
    post, path = "/repositories", tag = "repositories", operation_id = "trackRepository", request_body = TrackRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, body = RepositoryDetail, description = "The one repository"),
        (status = 200, body = TrackedRepositories, description = "What became of each of several"),
    )
)]
pub(crate) async fn track(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    JsonBody(tracking): JsonBody<TrackRequest>,
) -> ApiResult<Response> {
    match tracking {
        Tracking::One(new) => {
            let tracked = repositories.track(caller, new).await?;
            let answer = (StatusCode::CREATED, Json(answers::detail(tracked)));
            Ok(answer.into_response())
        }
        Tracking::Many(wanted) => {
            caller.require(Role::Member)?;
            let names = wanted
                .iter()
                .map(|wanted| (wanted.owner.clone(), wanted.name.clone()))
                .collect();
            let wanted = wanted.into_iter();
            let checked = wanted.map(|wanted| wanted.repository.map_err(Refusal::from));
            let tracked = repositories.track_many(caller, checked.collect()).await;
            Ok(Json(answers::tracked(names, tracked)).into_response())
        }
    }
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

/// Has the provider try the webhook: who tracked the repository, and admins.
#[utoipa::path(
    post, path = "/repositories/{id}/webhook/test", tag = "repositories", operation_id = "testRepositoryWebhook",
    params(("id" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = WebhookTestResponse, description = "What came of it"),
    )
)]
pub(crate) async fn test_webhook(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<Json<WebhookTestResponse>> {
    let test = repositories.test_webhook(caller, id).await?;
    Ok(Json(answers::tested(test)))
}

/// The latest deliveries as the provider remembers them: who tracked the repository, and admins.
#[utoipa::path(
    get, path = "/repositories/{id}/webhook/deliveries", tag = "repositories", operation_id = "listRepositoryWebhookDeliveries",
    params(("id" = String, Path)), security(("bearer" = [])),
    responses(
        (status = 200, body = WebhookDeliveriesResponse, description = "The deliveries"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn webhook_deliveries(
    State(repositories): State<Repositories>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<RepositoryId>,
) -> ApiResult<Json<WebhookDeliveriesResponse>> {
    let shown = repositories.webhook_deliveries(caller, id).await?;
    Ok(Json(answers::deliveries(shown)))
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
