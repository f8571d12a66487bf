//! Users and tokens.

use serde_json::{Value, json};

use super::rest_time;
use crate::fake::merge;
use crate::gitlab::model::{Token, User, UserKind};
use crate::gitlab::world::Site;

/// Address of a picture.
pub fn avatar(site: &Site, user: &User) -> String {
    format!(
        "{}/uploads/-/system/user/avatar/{}/avatar.png",
        site.html, user.id
    )
}

/// The form of a user that is part of nearly every answer.
pub fn rest_user(site: &Site, user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.login,
        "public_email": "",
        "name": user.name,
        "state": "active",
        "locked": false,
        "avatar_url": avatar(site, user),
        "web_url": format!("{}/{}", site.html, user.login),
    })
}

/// What `GET /user` answers to the user itself.
pub fn rest_user_self(site: &Site, user: &User) -> Value {
    let mut value = rest_user(site, user);
    merge(
        &mut value,
        json!({
            "created_at": rest_time(user.created_at),
            "bio": "",
            "bot": user.kind == UserKind::Bot,
            "location": "",
            "linkedin": "",
            "twitter": "",
            "website_url": "",
            "organization": "",
            "job_title": "",
            "email": format!("{}@users.noreply.gitlab.example", user.login),
            "two_factor_enabled": true,
            "external": false,
            "private_profile": false,
            "can_create_group": true,
            "can_create_project": true,
        }),
    );
    value
}

/// A user in a webhook. The address is hidden, as for most users.
pub fn hook_user(site: &Site, user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "username": user.login,
        "avatar_url": avatar(site, user),
        "email": "[REDACTED]",
    })
}

/// What `GET /personal_access_tokens/self` answers: the end is a date.
pub fn token_self(token: &Token, user: Option<&User>) -> Value {
    let end = token.expires_at;
    json!({
        "id": token.id,
        "name": "ampel",
        "description": null,
        "revoked": token.revoked,
        "created_at": rest_time(token.created_at),
        "scopes": token.scopes,
        "user_id": user.map(|user| user.id),
        "last_used_at": null,
        "active": !token.revoked,
        "expires_at": end.map(|end| end.strftime("%Y-%m-%d").to_string()),
    })
}
