//! The requests of this function.

use ampel_app::{
    auth::{AccessToken, Auth, LoggedIn, Profile},
    refusal::Refusal,
};
use ampel_domain::tenancy::Caller;
use ampel_lambda_kit::api::{ApiError, ApiResult, Authenticated, ClientAddress, JsonBody};
use ampel_wire::api::auth::{
    LoginRequest, MeResponse, MembershipResponse, RegisterRequest, SwitchRequest, TokenResponse,
    UpdateMeRequest,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{CookieRules, cookie, origin::OwnOrigin};

/// Registers a person with an organization of their own, and logs them in.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "auth",
    request_body = RegisterRequest,
    responses((status = 201, body = TokenResponse, description = "Registered and logged in; the refresh token is in the cookie `ampel_refresh`")),
)]
pub(crate) async fn register(
    State(auth): State<Auth>,
    State(rules): State<CookieRules>,
    ClientAddress(place): ClientAddress,
    JsonBody(registration): JsonBody<RegisterRequest>,
) -> ApiResult<Response> {
    let logged_in = auth.register(registration, place.as_deref()).await?;
    Ok(let_in(StatusCode::CREATED, &rules, &logged_in))
}

/// Logs a person in.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, body = TokenResponse, description = "Logged in; the refresh token is in the cookie `ampel_refresh`")),
)]
pub(crate) async fn login(
    State(auth): State<Auth>,
    State(rules): State<CookieRules>,
    ClientAddress(place): ClientAddress,
    JsonBody(credentials): JsonBody<LoginRequest>,
) -> ApiResult<Response> {
    let logged_in = auth.login(credentials, place.as_deref()).await?;
    Ok(let_in(StatusCode::OK, &rules, &logged_in))
}

/// Trades the refresh token of the cookie for the next one and an access token. A token that was
/// used before ends its session; one that another tab used less than 10 seconds ago answers 409
/// and ends nothing.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "auth",
    responses((status = 200, body = TokenResponse, description = "A new access token; the next refresh token is in the cookie")),
)]
pub(crate) async fn refresh(
    _own: OwnOrigin,
    State(auth): State<Auth>,
    State(rules): State<CookieRules>,
    headers: HeaderMap,
) -> Response {
    let refused = Refusal::Unauthenticated("Invalid or expired refresh token");
    let refreshed = match cookie::presented(&headers) {
        Some(token) => auth.refresh(&token).await,
        None => Err(refused),
    };
    match refreshed {
        Ok(logged_in) => let_in(StatusCode::OK, &rules, &logged_in),
        Err(refusal) => {
            let is_over = matches!(refusal, Refusal::Unauthenticated(_));
            let response = ApiError(refusal).into_response();
            if is_over {
                with_cookie(response, cookie::forget(&rules))
            } else {
                response
            }
        }
    }
}

/// Ends the session of the cookie. An access token that was given out lives on until it expires.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "auth",
    responses((status = 204, description = "The session is over")),
    security(("bearer" = [])),
)]
pub(crate) async fn logout(
    _own: OwnOrigin,
    caller: Option<Authenticated>,
    State(auth): State<Auth>,
    State(rules): State<CookieRules>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let token = cookie::presented(&headers);
    if caller.is_none() && token.is_none() {
        return Err(Refusal::Unauthenticated("Log in first").into());
    }
    if let Some(token) = token {
        auth.logout(&token).await?;
    }
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(with_cookie(response, cookie::forget(&rules)))
}

/// An access token for another organization of the caller; their session moves there too.
#[utoipa::path(
    post,
    path = "/auth/switch",
    tag = "auth",
    request_body = SwitchRequest,
    responses((status = 200, body = TokenResponse, description = "An access token for that organization")),
    security(("bearer" = [])),
)]
pub(crate) async fn switch(
    _own: OwnOrigin,
    Authenticated(caller): Authenticated,
    State(auth): State<Auth>,
    headers: HeaderMap,
    JsonBody(organization): JsonBody<SwitchRequest>,
) -> ApiResult<Json<TokenResponse>> {
    let token = cookie::presented(&headers);
    let access = auth.switch(caller, organization, token.as_ref()).await?;
    Ok(Json(token_response(&access)))
}

/// The caller's profile.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "auth",
    operation_id = "getMe",
    responses((status = 200, body = MeResponse, description = "The caller")),
    security(("bearer" = [])),
)]
pub(crate) async fn me(
    Authenticated(caller): Authenticated,
    State(auth): State<Auth>,
) -> ApiResult<Json<MeResponse>> {
    Ok(Json(me_response(caller, auth.profile(caller).await?)))
}

/// Changes the caller's profile; what is absent stays.
#[utoipa::path(
    put,
    path = "/auth/me",
    tag = "auth",
    operation_id = "updateMe",
    request_body = UpdateMeRequest,
    responses((status = 200, body = MeResponse, description = "The caller as they are now")),
    security(("bearer" = [])),
)]
pub(crate) async fn change_me(
    Authenticated(caller): Authenticated,
    State(auth): State<Auth>,
    JsonBody(change): JsonBody<UpdateMeRequest>,
) -> ApiResult<Json<MeResponse>> {
    let profile = auth.change_profile(caller, change).await?;
    Ok(Json(me_response(caller, profile)))
}

fn let_in(status: StatusCode, rules: &CookieRules, logged_in: &LoggedIn) -> Response {
    let body = Json(token_response(&logged_in.access));
    let kept = cookie::keep(rules, &logged_in.refresh, logged_in.refresh_lifetime);
    with_cookie((status, body).into_response(), kept)
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn token_response(access: &AccessToken) -> TokenResponse {
    TokenResponse {
        access_token: access.token.clone(),
        token_type: "Bearer",
        expires_in: access.lifetime.as_secs(),
    }
}

fn me_response(caller: Caller, profile: Profile) -> MeResponse {
    let Profile { user, memberships } = profile;
    let organizations = memberships
        .into_iter()
        .map(|(organization, role)| MembershipResponse {
            id: organization.id,
            name: organization.name,
            role,
        });
    MeResponse {
        id: user.id,
        email: user.email.as_str().to_owned(),
        display_name: user.display_name,
        avatar_url: user.avatar_url,
        language: user.language,
        created_at: user.created_at,
        organization_id: caller.organization,
        role: caller.role,
        organizations: organizations.collect(),
    }
}
