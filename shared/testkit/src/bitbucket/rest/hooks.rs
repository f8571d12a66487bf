//! Webhooks of a repository: list, make, read, change, remove. Bitbucket has no ping, no test
//! delivery and no list of what was delivered.

use serde_json::Value;

use super::Call;
use super::access::may;
use super::answer::{error, invalid, not_found};
use super::pages::{LONGEST, page};
use crate::bitbucket::actions::NewHook;
use crate::bitbucket::model::{Hook, Permission, Scope};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Response, strings};

/// Events a repository's webhook can subscribe to.
const EVENTS: [&str; 25] = [
    "issue:comment_created",
    "issue:created",
    "issue:updated",
    "pullrequest:approved",
    "pullrequest:changes_request_created",
    "pullrequest:changes_request_removed",
    "pullrequest:comment_created",
    "pullrequest:comment_deleted",
    "pullrequest:comment_reopened",
    "pullrequest:comment_resolved",
    "pullrequest:comment_updated",
    "pullrequest:created",
    "pullrequest:fulfilled",
    "pullrequest:push",
    "pullrequest:rejected",
    "pullrequest:unapproved",
    "pullrequest:updated",
    "repo:commit_comment_created",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "repo:deleted",
    "repo:fork",
    "repo:push",
    "repo:transfer",
    "repo:updated",
];

pub(super) fn route(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    let scope = match call.method() {
        "GET" => Scope::ReadWebhook,
        "DELETE" => Scope::DeleteWebhook,
        _ => Scope::WriteWebhook,
    };
    if let Err(refusal) = may(world, call, scope, Permission::Admin) {
        return refusal;
    }
    match (call.method(), rest) {
        ("GET", []) => list(world, call),
        ("POST", []) => create(world, call),
        (method, [uuid]) => {
            let Some(id) = find(world, call, uuid) else {
                return error(404, "Webhook not found");
            };
            match method {
                "GET" => show(world, call, id, 200),
                "PUT" => update(world, call, id),
                "DELETE" => {
                    if let Ok(repo) = world.repo_mut(call.repo) {
                        repo.hooks.remove(&id);
                    }
                    Response::empty(204)
                }
                _ => error(405, "Method not allowed"),
            }
        }
        _ => error(404, "Resource not found"),
    }
}

/// By UUID, with or without its braces.
fn find(world: &World, call: &Call<'_>, uuid: &str) -> Option<u64> {
    let plain = |text: &str| text.trim_matches(['{', '}']).to_lowercase();
    let repo = world.repo(call.repo).ok()?;
    let hook = repo
        .hooks
        .values()
        .find(|hook| plain(&hook.uuid) == plain(uuid));
    hook.map(|hook| hook.id)
}

fn list(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let items = repo
        .hooks
        .values()
        .map(|hook| shape::hook(&world.site, repo, hook))
        .collect();
    page(world, call.request, items, LONGEST)
}

fn show(world: &World, call: &Call<'_>, id: u64, status: u16) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    repo.hooks.get(&id).map_or_else(not_found, |hook| {
        Response::new(status, shape::hook(&world.site, repo, hook))
    })
}

/// What a body says about a hook; an absent key keeps what `before` has.
fn described(body: &Value, before: Option<&Hook>) -> Result<NewHook, Response> {
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let url = text("url").or_else(|| before.map(|hook| hook.url.clone()));
    let url = url.filter(|url| url.starts_with("http"));
    let url = url.ok_or_else(|| invalid("url", "Enter a valid URL."))?;
    let events = strings(body.get("events")).or_else(|| before.map(|hook| hook.events.clone()));
    let events = events.filter(|events| !events.is_empty());
    let events = events.ok_or_else(|| invalid("events", "required key not provided"))?;
    if let Some(unknown) = events.iter().find(|own| !EVENTS.contains(&own.as_str())) {
        return Err(invalid("events", &format!("{unknown} is not an event")));
    }
    let secret = match body.get("secret") {
        None => before.and_then(|hook| hook.secret.clone()),
        Some(secret) => secret.as_str().map(str::to_owned),
    };
    let active = body.get("active").and_then(Value::as_bool);
    Ok(NewHook {
        description: text("description")
            .or_else(|| before.map(|hook| hook.description.clone()))
            .unwrap_or_default(),
        url,
        secret: secret.filter(|secret| !secret.is_empty()),
        events,
        active: active.unwrap_or_else(|| before.is_none_or(|hook| hook.active)),
    })
}

fn create(world: &mut World, call: &Call<'_>) -> Response {
    let made = match described(&call.request.json(), None) {
        Ok(new) => world.create_hook(call.repo, new),
        Err(refusal) => return refusal,
    };
    made.map_or_else(|_| not_found(), |id| show(world, call, id, 201))
}

fn update(world: &mut World, call: &Call<'_>, id: u64) -> Response {
    world.moved_now();
    let Ok(repo) = world.repo_mut(call.repo) else {
        return not_found();
    };
    let Some(hook) = repo.hooks.get_mut(&id) else {
        return not_found();
    };
    match described(&call.request.json(), Some(hook)) {
        Ok(new) => {
            hook.description = new.description;
            hook.url = new.url;
            hook.secret = new.secret;
            hook.events = new.events;
            hook.active = new.active;
            show(world, call, id, 200)
        }
        Err(refusal) => refusal,
    }
}
