//! Webhooks of a repository: list, make, read, change, remove, test. Administrators only.

use serde_json::Value;

use super::Call;
use super::access::{admin, signed};
use super::answer::{error, not_found, page};
use crate::fake::{Response, strings};
use crate::gitea::actions::NewHook;
use crate::gitea::events::subscribed;
use crate::gitea::model::Hook;
use crate::gitea::shape;
use crate::gitea::world::{Flavour, World};

pub(super) fn route(
    world: &mut World,
    call: &Call<'_>,
    rest: &[&str],
) -> Result<Response, Response> {
    let method = call.request.method.as_str();
    admin(world, call.token, call.repo)?;
    match (method, rest) {
        ("GET", []) => list(world, call),
        ("POST", []) => create(world, call),
        (_, [id, rest @ ..]) => {
            let id = id.parse().map_err(|_| not_found(world))?;
            find(world, call, id)?;
            one(world, call, id, rest)
        }
        _ => Err(not_found(world)),
    }
}

fn one(world: &mut World, call: &Call<'_>, id: u64, rest: &[&str]) -> Result<Response, Response> {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => show(world, call, id, 200),
        ("PATCH", []) => update(world, call, id),
        ("DELETE", []) => {
            if let Ok(repo) = world.repo_mut(call.repo) {
                repo.hooks.remove(&id);
            }
            Ok(Response::empty(204))
        }
        ("POST", ["tests"]) => {
            let token = signed(world, call.token)?;
            match world.test_hook(call.repo, id, &token.login) {
                Ok(()) => Ok(Response::empty(204)),
                Err(_) => Err(not_found(world)),
            }
        }
        _ => Err(not_found(world)),
    }
}

fn find<'w>(world: &'w World, call: &Call<'_>, id: u64) -> Result<&'w Hook, Response> {
    let repo = world.repo(call.repo).ok();
    let hook = repo.and_then(|repo| repo.hooks.get(&id));
    hook.ok_or_else(|| not_found(world))
}

fn list(world: &World, call: &Call<'_>) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let hooks: Vec<&Hook> = repo.hooks.values().collect();
    Ok(page(world, call.request, &hooks, |hook| shape::hook(hook)))
}

fn show(world: &World, call: &Call<'_>, id: u64, status: u16) -> Result<Response, Response> {
    let hook = find(world, call, id)?;
    Ok(Response::new(status, shape::hook(hook)))
}

fn text(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// Makes a hook: off, unless the body says `active`, and only for pushes, unless it names events.
fn create(world: &mut World, call: &Call<'_>) -> Result<Response, Response> {
    let body = call.request.json();
    let invalid = |world: &World, why: &str| error(world, 422, why);
    let kind = text(&body, "type").unwrap_or_default();
    if !knows(world.flavour, &kind) {
        return Err(invalid(world, &format!("Invalid hook type: {kind}")));
    }
    let config = body.get("config").cloned().unwrap_or_default();
    let needed = |key: &str| {
        text(&config, key).ok_or_else(|| invalid(world, &format!("Missing config option: {key}")))
    };
    let (url, content_type) = (needed("url")?, needed("content_type")?);
    if !is_content_type(&content_type) {
        return Err(invalid(world, "Invalid content type"));
    }
    let new = NewHook {
        kind,
        url,
        secret: text(&config, "secret"),
        content_type,
        events: strings(body.get("events")).unwrap_or_default(),
        authorization_header: text(&body, "authorization_header").unwrap_or_default(),
        active: body.get("active").and_then(Value::as_bool).unwrap_or(false),
    };
    match world.create_hook(call.repo, new) {
        Ok(id) => show(world, call, id, 201),
        Err(_) => Err(not_found(world)),
    }
}

/// Changes a hook. What the configuration does not name stays; events that are not named do not:
/// the hook gets pushes only from then on (`editHook` in `routers/api/v1/utils/hook.go`).
fn update(world: &mut World, call: &Call<'_>, id: u64) -> Result<Response, Response> {
    let body = call.request.json();
    let config = body.get("config").cloned().unwrap_or_default();
    let content_type = text(&config, "content_type");
    if content_type
        .as_deref()
        .is_some_and(|own| !is_content_type(own))
    {
        return Err(error(world, 422, "Invalid content type"));
    }
    let (now, flavour) = (world.moved_now(), world.flavour);
    let repo = world.repo_mut(call.repo).ok();
    if let Some(hook) = repo.and_then(|repo| repo.hooks.get_mut(&id)) {
        hook.updated_at = now;
        if let Some(url) = text(&config, "url") {
            hook.url = url;
        }
        if let Some(content_type) = content_type {
            hook.content_type = content_type;
        }
        if let Some(secret) = text(&config, "secret") {
            hook.secret = Some(secret);
        }
        let words = strings(body.get("events")).unwrap_or_default();
        hook.events = subscribed(&words, flavour);
        hook.authorization_header = text(&body, "authorization_header").unwrap_or_default();
        if let Some(active) = body.get("active").and_then(Value::as_bool) {
            hook.active = active;
        }
    }
    show(world, call, id, 200)
}

fn knows(flavour: Flavour, kind: &str) -> bool {
    match kind {
        "gitea" | "gogs" => true,
        "forgejo" => flavour == Flavour::Forgejo,
        _unknown => false,
    }
}

fn is_content_type(word: &str) -> bool {
    word == "json" || word == "form"
}
