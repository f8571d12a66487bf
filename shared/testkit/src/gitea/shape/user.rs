//! Users and organizations.

use serde_json::{Value, json};

use super::{NO_TIME, time};
use crate::fake::sha1_hex;
use crate::gitea::model::{User, UserKind};
use crate::gitea::world::World;

/// Anybody, as the world sees them.
pub fn user(world: &World, user: &User) -> Value {
    let avatar = sha1_hex(user.login.to_lowercase().as_bytes());
    let email = match user.kind {
        UserKind::User => email_of(&user.login),
        UserKind::Organization => String::new(),
    };
    json!({
        "id": user.id,
        "login": user.login,
        "login_name": "",
        "source_id": 0,
        "full_name": user.name,
        "email": email,
        "avatar_url": format!("{}/avatars/{avatar}", world.site),
        "html_url": format!("{}/{}", world.site, user.login),
        "language": "",
        "is_admin": false,
        "last_login": NO_TIME,
        "created": time(user.created_at),
        "restricted": false,
        "active": false,
        "prohibit_login": false,
        "location": "",
        "website": "",
        "description": "",
        "visibility": "public",
        "followers_count": 0,
        "following_count": 0,
        "starred_repos_count": 0,
        "username": user.login,
    })
}

/// Where Gitea sends mail that should go nowhere.
pub fn email_of(login: &str) -> String {
    format!("{}@noreply.gitea.example", login.to_lowercase())
}
