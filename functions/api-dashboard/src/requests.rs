//! One function per route. Both are one query over the repositories.

use ampel_app::reading::Reading;
use ampel_lambda_kit::api::{ApiResult, Authenticated};
use ampel_wire::api::{Page, dashboard::DashboardSummary, repositories::RepositoryResponse};
use axum::{Json, extract::State};

/// The numbers of the organization.
#[utoipa::path(
    get, path = "/dashboard/summary", tag = "dashboard", operation_id = "getDashboardSummary", security(("bearer" = [])),
    responses(
        (status = 200, body = DashboardSummary, description = "The numbers"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn summary(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Json<DashboardSummary>> {
    Ok(Json(reading.summary(caller).await?))
}

/// All repositories with their lights, by full name.
#[utoipa::path(
    get, path = "/dashboard/grid", tag = "dashboard", operation_id = "getDashboardGrid", security(("bearer" = [])),
    responses(
        (status = 200, body = Page<RepositoryResponse>, description = "The repositories"),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(crate) async fn grid(
    State(reading): State<Reading>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Json<Page<RepositoryResponse>>> {
    let repositories = reading.grid(caller).await?;
    let items = repositories.into_iter().map(Into::into).collect();
    Ok(Json(Page::whole(items)))
}
