//! Objects that are their JSON, and users.

use std::rc::Rc;

use serde_json::Value;

use super::resolve::{Context, Out, Resolved, Thing, unknown};
use crate::github::model::User;
use crate::github::shape;

/// A field of an object that is nothing but its JSON.
pub(super) fn field<'w>(object: &Rc<Value>, field: &str) -> Resolved<'w> {
    let Some(value) = object.get(field) else {
        let name = object
            .get("__typename")
            .and_then(Value::as_str)
            .unwrap_or_default();
        return unknown(name, field);
    };
    let is_object = |value: &Value| value.get("__typename").is_some();
    match value {
        Value::Object(_) if is_object(value) => Ok(Out::plain(value.clone())),
        Value::Array(items) if items.iter().any(is_object) => Ok(Out::Many(
            items
                .iter()
                .map(|item| Thing::Plain(Rc::new(item.clone())))
                .collect(),
        )),
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => Ok(Out::Leaf(value.clone())),
    }
}

/// A field of a user, organization or bot. Bots are logged in without `[bot]` here.
pub(super) fn user<'w>(context: &Context<'w>, user: &User, field: &str) -> Resolved<'w> {
    let shown = shape::simple_user(&context.world.site, user);
    let of = |key: &str| Ok(Out::Leaf(shown.get(key).cloned().unwrap_or_default()));
    let login = user.login.trim_end_matches("[bot]");
    match field {
        "id" => of("node_id"),
        "databaseId" => Ok(Out::leaf(user.id)),
        "login" => Ok(Out::leaf(login)),
        "name" => Ok(Out::leaf(user.name.as_str())),
        "email" => Ok(Out::leaf("")),
        "avatarUrl" => of("avatar_url"),
        "url" => of("html_url"),
        "resourcePath" => Ok(Out::leaf(format!("/{login}"))),
        "createdAt" => Ok(Out::json(user.created_at)),
        _ => unknown("User", field),
    }
}
