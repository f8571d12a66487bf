//! People and workspaces.

use serde_json::{Value, json};

use super::{escaped, link, time};
use crate::bitbucket::model::{Account, AccountKind};
use crate::bitbucket::world::Site;
use crate::fake::put;

/// Somebody, wherever they are mentioned. People have no user name there.
pub(in crate::bitbucket) fn account(site: &Site, account: &Account) -> Value {
    let id = escaped(&account.uuid);
    let folder = match account.kind {
        AccountKind::User => "users",
        AccountKind::Team => "workspaces",
    };
    let mut shown = json!({
        "display_name": account.name,
        "uuid": account.uuid,
        "links": {
            "self": link(format!("{}/{folder}/{id}", site.api)),
            "html": link(format!("{}/{id}/", site.html)),
            "avatar": link(format!("{}/account/{}/avatar/", site.html, account.login)),
        },
    });
    match account.kind {
        AccountKind::User => {
            put(&mut shown, "type", json!("user"));
            put(&mut shown, "account_id", json!(account.account_id));
            put(&mut shown, "nickname", json!(account.login));
        }
        AccountKind::Team => {
            put(&mut shown, "type", json!("team"));
            put(&mut shown, "username", json!(account.login));
        }
    }
    shown
}

/// The owner of a token, as `GET /user` shows them.
pub(in crate::bitbucket) fn myself(site: &Site, own: &Account) -> Value {
    let id = escaped(&own.uuid);
    let api = &site.api;
    json!({
        "display_name": own.name,
        "links": {
            "self": link(format!("{api}/users/{id}")),
            "avatar": link(format!("{}/account/{}/avatar/", site.html, own.login)),
            "repositories": link(format!("{api}/repositories/{id}")),
            "snippets": link(format!("{api}/snippets/{id}")),
            "html": link(format!("{}/{id}/", site.html)),
            "hooks": link(format!("{api}/workspaces/{id}/hooks")),
        },
        "created_on": time(own.created_at),
        "type": "user",
        "uuid": own.uuid,
        "has_2fa_enabled": null,
        "username": own.login,
        "is_staff": false,
        "account_id": own.account_id,
        "nickname": own.login,
        "account_status": "active",
        "location": null,
    })
}

/// A workspace. It has the UUID of the account it belongs to.
pub(in crate::bitbucket) fn workspace(site: &Site, owner: &Account) -> Value {
    let slug = &owner.login;
    json!({
        "type": "workspace",
        "uuid": owner.uuid,
        "name": owner.name,
        "slug": slug,
        "links": {
            "avatar": link(format!("{}/workspaces/{slug}/avatar/?ts=1767603600", site.html)),
            "html": link(format!("{}/{slug}/", site.html)),
            "self": link(format!("{}/workspaces/{slug}", site.api)),
        },
    })
}

/// A workspace somebody is in, as `GET /user/workspaces` lists it.
pub(in crate::bitbucket) fn workspace_access(
    site: &Site,
    owner: &Account,
    administrator: bool,
) -> Value {
    json!({
        "type": "workspace_access",
        "administrator": administrator,
        "workspace": {
            "type": "workspace_base",
            "uuid": owner.uuid,
            "slug": owner.login,
            "links": {
                "self": link(format!("{}/workspaces/{}", site.api, owner.login)),
                "avatar": link(format!("{}/workspaces/{}/avatar/", site.html, owner.login)),
            },
        },
    })
}
