//! The requests of this function. No answer holds a token.

use ampel_app::accounts::{AccountView, Accounts, Validation};
use ampel_domain::{accounts::ValidationStatus, ids::AccountId};
use ampel_lambda_kit::api::{ApiResult, Authenticated, JsonBody, PathId};
use ampel_wire::api::{
    Page,
    accounts::{AccountResponse, AddAccountRequest, UpdateAccountRequest, ValidationResponse},
};
use axum::{Json, extract::State};
use http::StatusCode;

/// The caller's accounts, and those that others share with them, oldest first. It has one page.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "accounts",
    operation_id = "listAccounts",
    responses((status = 200, body = Page<AccountResponse>, description = "The accounts")),
    security(("bearer" = [])),
)]
pub(crate) async fn list(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
) -> ApiResult<Json<Page<AccountResponse>>> {
    let accounts = accounts.list(caller).await?;
    Ok(Json(Page::whole(
        accounts.into_iter().map(response).collect(),
    )))
}

/// Connects an account. The token is validated with the provider first.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    operation_id = "addAccount",
    request_body = AddAccountRequest,
    responses((status = 200, body = AccountResponse, description = "The connected account")),
    security(("bearer" = [])),
)]
pub(crate) async fn add(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    JsonBody(new): JsonBody<AddAccountRequest>,
) -> ApiResult<Json<AccountResponse>> {
    let added = accounts.add(caller, new).await?;
    Ok(Json(response(added)))
}

/// An account.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    tag = "accounts",
    operation_id = "getAccount",
    params(("id" = String, Path, format = "uuid", description = "The account")),
    responses((status = 200, body = AccountResponse, description = "The account")),
    security(("bearer" = [])),
)]
pub(crate) async fn get(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    PathId(id): PathId<AccountId>,
) -> ApiResult<Json<AccountResponse>> {
    Ok(Json(response(accounts.get(caller, id).await?)))
}

/// Changes an account; what is absent stays. A new token is validated first.
#[utoipa::path(
    patch,
    path = "/accounts/{id}",
    tag = "accounts",
    operation_id = "updateAccount",
    params(("id" = String, Path, format = "uuid", description = "The account")),
    request_body = UpdateAccountRequest,
    responses((status = 200, body = AccountResponse, description = "The account as it is now")),
    security(("bearer" = [])),
)]
pub(crate) async fn change(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    PathId(id): PathId<AccountId>,
    JsonBody(change): JsonBody<UpdateAccountRequest>,
) -> ApiResult<Json<AccountResponse>> {
    let changed = accounts.change(caller, id, change).await?;
    Ok(Json(response(changed)))
}

/// Removes an account. Its repositories stay, without an account; where it was the default, the
/// oldest remaining one for the same provider instance becomes it.
#[utoipa::path(
    delete,
    path = "/accounts/{id}",
    tag = "accounts",
    operation_id = "removeAccount",
    params(("id" = String, Path, format = "uuid", description = "The account")),
    responses((status = 204, description = "It is removed")),
    security(("bearer" = [])),
)]
pub(crate) async fn remove(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    PathId(id): PathId<AccountId>,
) -> ApiResult<StatusCode> {
    accounts.remove(caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the provider whether the token is still good, and keeps the answer.
#[utoipa::path(
    post,
    path = "/accounts/{id}/validate",
    tag = "accounts",
    operation_id = "validateAccount",
    params(("id" = String, Path, format = "uuid", description = "The account")),
    responses((status = 200, body = ValidationResponse, description = "What the provider says")),
    security(("bearer" = [])),
)]
pub(crate) async fn validate(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    PathId(id): PathId<AccountId>,
) -> ApiResult<Json<ValidationResponse>> {
    let Validation {
        account,
        refused,
        at,
    } = accounts.validate(caller, id).await?;
    let validation_status = account.validation_at(at);
    Ok(Json(ValidationResponse {
        is_valid: validation_status == ValidationStatus::Valid,
        validation_status,
        error_message: refused,
        provider_username: account.identity.login.as_str().to_owned(),
        scopes: account.scopes,
        token_expires_at: account.token_expires_at,
        last_validated_at: at,
    }))
}

/// Makes an account the default for its provider instance, instead of any other.
#[utoipa::path(
    post,
    path = "/accounts/{id}/set-default",
    tag = "accounts",
    operation_id = "setDefaultAccount",
    params(("id" = String, Path, format = "uuid", description = "The account")),
    responses((status = 200, body = AccountResponse, description = "The new default")),
    security(("bearer" = [])),
)]
pub(crate) async fn choose_default(
    Authenticated(caller): Authenticated,
    State(accounts): State<Accounts>,
    PathId(id): PathId<AccountId>,
) -> ApiResult<Json<AccountResponse>> {
    let chosen = accounts.choose_default(caller, id).await?;
    Ok(Json(response(chosen)))
}

fn response(view: AccountView) -> AccountResponse {
    let AccountView {
        account,
        repositories,
        at,
    } = view;
    AccountResponse {
        id: account.id,
        user_id: account.user,
        provider: account.provider,
        instance_url: account.instance.as_str().to_owned(),
        validation_status: account.validation_at(at),
        account_label: account.label,
        provider_username: account.identity.login.as_str().to_owned(),
        provider_email: account.identity.email,
        avatar_url: account.identity.avatar_url,
        scopes: account.scopes,
        token_expires_at: account.token_expires_at,
        last_validated_at: account.last_validated_at,
        is_active: account.is_active,
        is_default: account.is_default,
        shared: account.shared,
        repository_count: repositories,
        created_at: account.created_at,
    }
}
