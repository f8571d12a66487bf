//! The cookie of the refresh token. Scripts can not read it, and other sites can not send it.

use ampel_app::auth::RefreshToken;
use http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;

use crate::CookieRules;

const NAME: &str = "ampel_refresh";

/// The refresh token of a request.
pub(crate) fn presented(headers: &HeaderMap) -> Option<RefreshToken> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == NAME)
        .find_map(|(_, value)| RefreshToken::parse(value))
}

/// Hands a refresh token to the browser.
pub(crate) fn keep(
    rules: &CookieRules,
    token: &RefreshToken,
    lifetime: SignedDuration,
) -> Option<HeaderValue> {
    let mut value = text(rules, &token.reveal(), lifetime.as_secs())?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the refresh token from the browser.
pub(crate) fn forget(rules: &CookieRules) -> Option<HeaderValue> {
    text(rules, "", 0)
}

fn text(rules: &CookieRules, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if rules.secure { "; Secure" } else { "" };
    let cookie =
        format!("{NAME}={value}; Path=/api; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(cookie).ok()
}
