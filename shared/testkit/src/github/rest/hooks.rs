//! Webhooks of a repository: list, make, read, change, remove, ping, deliveries.

use serde_json::{Value, json};

use super::Call;
use super::access::{Area, may};
use super::answer::{Response, not_found, page};
use crate::fake::strings;
use crate::github::actions::NewHook;
use crate::github::model::{Access, Hook};
use crate::github::shape;
use crate::github::world::World;

pub(super) fn route(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    let method = call.request.method.as_str();
    let access = if method == "GET" {
        Access::Read
    } else {
        Access::Write
    };
    if let Err(refusal) = may(world, call.caller, call.repo, Area::Webhooks, access) {
        return refusal;
    }
    match (method, rest) {
        ("GET", []) => list(world, call),
        ("POST", []) => create(world, call),
        (_, [id, rest @ ..]) => match id.parse() {
            Ok(id)
                if world
                    .repo(call.repo)
                    .is_ok_and(|repo| repo.hooks.contains_key(&id)) =>
            {
                one(world, call, id, rest)
            }
            Ok(_) | Err(_) => not_found(),
        },
        _ => not_found(),
    }
}

fn one(world: &mut World, call: &Call<'_>, id: u64, rest: &[&str]) -> Response {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => show(world, call, id, 200),
        ("PATCH", []) => update(world, call, id),
        ("DELETE", []) => {
            if let Ok(repo) = world.repo_mut(call.repo) {
                repo.hooks.remove(&id);
            }
            Response::empty(204)
        }
        ("POST", ["pings"]) => match world.ping_hook(call.repo, id, &call.caller.login) {
            Ok(()) => Response::empty(204),
            Err(_) => not_found(),
        },
        ("GET", ["deliveries"]) => deliveries(world, call, id),
        ("GET", ["deliveries", delivery]) => delivery_of(world, call, id, delivery),
        ("POST", ["deliveries", delivery, "attempts"]) => {
            let again = delivery
                .parse()
                .map(|number| world.redeliver(call.repo, id, number));
            match again {
                Ok(Ok(())) => Response::new(202, json!({})),
                Ok(Err(_)) | Err(_) => not_found(),
            }
        }
        _ => not_found(),
    }
}

fn list(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let hooks: Vec<&Hook> = repo.hooks.values().collect();
    page(world, call.request, &hooks, |part| {
        part.iter()
            .map(|hook| shape::rest_hook(&world.site, repo, hook))
            .collect()
    })
}

fn show(world: &World, call: &Call<'_>, id: u64, status: u16) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    repo.hooks.get(&id).map_or_else(not_found, |hook| {
        Response::new(status, shape::rest_hook(&world.site, repo, hook))
    })
}

fn create(world: &mut World, call: &Call<'_>) -> Response {
    let body = call.request.json();
    let config = body.get("config").cloned().unwrap_or(Value::Null);
    let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(url) = text("url").filter(|url| url.starts_with("http")) else {
        return invalid("Hook", "url", "url is missing a scheme");
    };
    let hook = NewHook {
        url,
        secret: text("secret"),
        events: strings(body.get("events")).unwrap_or_else(|| vec!["push".to_owned()]),
        content_type: text("content_type").unwrap_or_else(|| "form".to_owned()),
        active: body.get("active").and_then(Value::as_bool).unwrap_or(true),
    };
    match world.create_hook(call.repo, hook, &call.caller.login) {
        Ok(id) => show(world, call, id, 201),
        Err(problem) => invalid("Hook", "url", &problem.to_string()),
    }
}

fn update(world: &mut World, call: &Call<'_>, id: u64) -> Response {
    let now = world.moved_now();
    let body = call.request.json();
    let config = body.get("config").cloned().unwrap_or(Value::Null);
    let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
    let hook = world
        .repo_mut(call.repo)
        .ok()
        .and_then(|repo| repo.hooks.get_mut(&id));
    if let Some(hook) = hook {
        hook.updated_at = now;
        if let Some(url) = text("url") {
            hook.url = url;
            // A new configuration replaces the whole old one, the secret too.
            hook.secret = text("secret");
            hook.content_type = text("content_type").unwrap_or_else(|| "form".to_owned());
        }
        if let Some(events) = strings(body.get("events")) {
            hook.events = events;
        }
        hook.events
            .extend(strings(body.get("add_events")).unwrap_or_default());
        let removed = strings(body.get("remove_events")).unwrap_or_default();
        hook.events.retain(|event| !removed.contains(event));
        if let Some(active) = body.get("active").and_then(Value::as_bool) {
            hook.active = active;
        }
    }
    show(world, call, id, 200)
}

fn deliveries(world: &World, call: &Call<'_>, id: u64) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let Some(hook) = repo.hooks.get(&id) else {
        return not_found();
    };
    let newest_first: Vec<_> = hook.deliveries.iter().rev().collect();
    page(world, call.request, &newest_first, |part| {
        part.iter()
            .map(|record| shape::delivery_item(record))
            .collect()
    })
}

fn delivery_of(world: &World, call: &Call<'_>, id: u64, delivery: &str) -> Response {
    let hook = world
        .repo(call.repo)
        .ok()
        .and_then(|repo| repo.hooks.get(&id));
    let record = hook.and_then(|hook| {
        hook.deliveries
            .iter()
            .find(|own| own.delivery.id.to_string() == delivery)
    });
    record.map_or_else(not_found, |own| Response::ok(shape::delivery_detail(own)))
}

fn invalid(resource: &str, field: &str, message: &str) -> Response {
    Response::new(
        422,
        json!({
            "message": "Validation Failed",
            "errors": [{
                "resource": resource, "code": "custom", "field": field, "message": message,
            }],
            "documentation_url": "https://docs.github.com/rest/repos/webhooks#create-a-repository-webhook",
            "status": "422",
        }),
    )
}
