//! Users, organizations and teams.

use serde_json::{Value, json};

use super::{merge, node_id};
use crate::github::model::{User, UserKind};
use crate::github::world::Site;

/// The form of a user that is part of nearly every answer.
pub fn simple_user(site: &Site, user: &User) -> Value {
    let api = format!("{}/users/{}", site.api, encode(&user.login));
    let html = match user.kind {
        UserKind::Bot => format!(
            "{}/apps/{}",
            site.html,
            user.login.trim_end_matches("[bot]")
        ),
        UserKind::User | UserKind::Organization => format!("{}/{}", site.html, user.login),
    };
    json!({
        "login": user.login,
        "id": user.id,
        "node_id": user_node(user),
        "avatar_url": format!("{}/avatars/u/{}?v=4", site.html, user.id),
        "gravatar_id": "",
        "url": api,
        "html_url": html,
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": user.kind.as_str(),
        "user_view_type": "public",
        "site_admin": false,
    })
}

/// What `GET /user` answers to the user itself.
pub fn private_user(site: &Site, user: &User) -> Value {
    let mut value = simple_user(site, user);
    merge(
        &mut value,
        json!({
            "name": user.name,
            "company": null,
            "blog": "",
            "location": null,
            "email": email_of(&user.login),
            "hireable": null,
            "bio": null,
            "twitter_username": null,
            "notification_email": email_of(&user.login),
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": user.created_at,
            "updated_at": user.created_at,
        }),
    );
    value
}

/// An organization beside an event.
pub fn organization(site: &Site, user: &User) -> Value {
    let api = format!("{}/orgs/{}", site.api, user.login);
    json!({
        "login": user.login,
        "id": user.id,
        "node_id": user_node(user),
        "url": api,
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events"),
        "hooks_url": format!("{api}/hooks"),
        "issues_url": format!("{api}/issues"),
        "members_url": format!("{api}/members{{/member}}"),
        "public_members_url": format!("{api}/public_members{{/member}}"),
        "avatar_url": format!("{}/avatars/u/{}?v=4", site.html, user.id),
        "description": "",
    })
}

/// The owner as a push event shows it: with name and e-mail.
pub fn owner_in_push(site: &Site, user: &User) -> Value {
    let mut value = simple_user(site, user);
    merge(
        &mut value,
        json!({ "name": user.login, "email": email_of(&user.login) }),
    );
    value
}

/// A team.
pub fn team(site: &Site, owner: &str, slug: &str) -> Value {
    let digest = crate::fake::sha1_hex(format!("{owner}/{slug}").as_bytes());
    let id = u64::from_str_radix(digest.get(..7).unwrap_or("1"), 16).unwrap_or(1);
    let api = format!("{}/organizations/{id}/team/{id}", site.api);
    json!({
        "name": slug,
        "id": id,
        "node_id": node_id("T", id),
        "slug": slug,
        "description": "",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "url": api,
        "html_url": format!("{}/orgs/{owner}/teams/{slug}", site.html),
        "members_url": format!("{api}/members{{/member}}"),
        "repositories_url": format!("{api}/repos"),
        "permission": "pull",
        "parent": null,
    })
}

/// The no-reply address of a login.
pub fn email_of(login: &str) -> String {
    format!("{login}@users.noreply.github.example")
}

fn user_node(user: &User) -> String {
    let prefix = match user.kind {
        UserKind::User => "U",
        UserKind::Organization => "O",
        UserKind::Bot => "BOT",
    };
    node_id(prefix, user.id)
}

/// Brackets of bot logins are escaped in addresses.
fn encode(login: &str) -> String {
    login.replace('[', "%5B").replace(']', "%5D")
}
