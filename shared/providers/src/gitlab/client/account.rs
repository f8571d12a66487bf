//! Who a token is, and what is left of its calls.

use ampel_domain::{
    accounts::{ProviderIdentity, RateLimit},
    provider::{Login, ProviderUserId},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::api::{Api, json};
use crate::{ProviderError, TokenValidation, http_client::Answer};

const PROFILE: &str = "the scope `read_user` (or `read_api`)";

#[derive(Deserialize)]
struct User {
    id: u64,
    username: String,
    email: Option<String>,
    avatar_url: Option<String>,
}

/// What a token says of itself.
#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    scopes: Vec<String>,
    expires_at: Option<Date>,
}

/// Whose it is, and what it may do. Personal, group and project access tokens tell their scopes
/// and their end; what does not, tells neither.
pub(super) async fn validate_credentials(api: &Api) -> Result<TokenValidation, ProviderError> {
    let identity = user(api).await?;
    let url = api.url(&["personal_access_tokens", "self"])?;
    let token: Option<Token> = match api.get(&url, PROFILE).await {
        Ok(answer) => Some(json(&answer)?),
        Err(
            ProviderError::Permission { .. }
            | ProviderError::NotFound
            | ProviderError::Conflict { .. },
        ) => None,
        Err(other) => return Err(other),
    };
    let (scopes, end) = token
        .map(|token| (token.scopes, token.expires_at))
        .unwrap_or_default();
    Ok(TokenValidation {
        identity,
        is_of_person: true,
        scopes,
        expires_at: end.and_then(midnight),
    })
}

/// A token ends when its day begins. <https://docs.gitlab.com/user/profile/personal_access_tokens/>
fn midnight(day: Date) -> Option<Timestamp> {
    let zoned = day.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

pub(super) async fn user(api: &Api) -> Result<ProviderIdentity, ProviderError> {
    let user: User = json(&ask_user(api).await?)?;
    Ok(ProviderIdentity {
        user_id: ProviderUserId(user.id.to_string()),
        login: Login::new(&user.username),
        email: user.email.filter(|email| !email.is_empty()),
        avatar_url: user.avatar_url,
    })
}

/// What GitLab says beside any answer; servers of one's own have no limit unless told so.
pub(super) async fn rate_limit(api: &Api) -> Result<Option<RateLimit>, ProviderError> {
    Ok(rate_limit_of(&ask_user(api).await?))
}

fn rate_limit_of(answer: &Answer) -> Option<RateLimit> {
    let number = |name: &str| answer.header(name).and_then(|text| text.parse().ok());
    let resets_at: i64 = answer.header("ratelimit-reset")?.parse().ok()?;
    Some(RateLimit {
        limit: number("ratelimit-limit")?,
        remaining: number("ratelimit-remaining")?,
        resets_at: Timestamp::from_second(resets_at).ok()?,
    })
}

async fn ask_user(api: &Api) -> Result<Answer, ProviderError> {
    api.get(&api.url(&["user"])?, PROFILE).await
}
