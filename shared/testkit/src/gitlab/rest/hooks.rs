//! Webhooks of a project: list, make, read, change, remove, test, deliveries.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Call;
use super::access::{needs_role, not_found};
use super::answer::error;
use super::paging::page;
use crate::fake::{Problem, Response};
use crate::gitlab::actions::NewHook;
use crate::gitlab::events::{self, PullEvent};
use crate::gitlab::model::{Hook, Role};
use crate::gitlab::shape;
use crate::gitlab::world::World;

/// On unless said otherwise.
const DEFAULT_EVENT: &str = "push_events";

pub(super) fn route(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    if let Some(refusal) = needs_role(world, call.caller, call.repo, Role::Maintainer) {
        return refusal;
    }
    match (call.request.method.as_str(), rest) {
        ("GET", []) => list(world, call),
        ("POST", []) => create(world, call),
        (_, [id, rest @ ..]) => match id.parse() {
            Ok(id) if hook_of(world, call, id).is_some() => one(world, call, id, rest),
            Ok(_) | Err(_) => error(404, "404 Not found"),
        },
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

fn hook_of<'w>(world: &'w World, call: &Call<'_>, id: u64) -> Option<&'w Hook> {
    world.repo(call.repo).ok()?.hooks.get(&id)
}

fn one(world: &mut World, call: &Call<'_>, id: u64, rest: &[&str]) -> Response {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => show(world, call, id, 200),
        ("PUT", []) => update(world, call, id),
        ("DELETE", []) => {
            if let Ok(repo) = world.repo_mut(call.repo) {
                repo.hooks.remove(&id);
            }
            Response::empty(204)
        }
        ("POST", ["test", trigger]) => test(world, call, id, trigger),
        ("GET", ["events"]) => deliveries(world, call, id),
        ("POST", ["events", event, "resend"]) => {
            let again = event
                .parse()
                .map(|event| world.resend(call.repo, id, event));
            match again {
                Ok(Ok(())) => Response::new(201, json!({ "response_status": 200 })),
                Ok(Err(_)) | Err(_) => error(404, "404 Not found"),
            }
        }
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

fn list(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    let hooks: Vec<&Hook> = repo.hooks.values().collect();
    let now = world.clock.now();
    page(world, call.request, &hooks, |hook| {
        shape::rest_hook(call.repo, hook, now)
    })
}

fn show(world: &World, call: &Call<'_>, id: u64, status: u16) -> Response {
    let now = world.clock.now();
    hook_of(world, call, id).map_or_else(
        || error(404, "404 Not found"),
        |hook| Response::new(status, shape::rest_hook(call.repo, hook, now)),
    )
}

fn create(world: &mut World, call: &Call<'_>) -> Response {
    let Some(url) = call.param("url") else {
        return Response::new(400, json!({ "error": "url is missing" }));
    };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return invalid("Invalid url given");
    }
    let signing_token = signing_token(world, call);
    if let Some(refusal) = signing_token.as_deref().and_then(bad_signing_token) {
        return refusal;
    }
    let events = flags(call, &BTreeSet::from([DEFAULT_EVENT.to_owned()]));
    let hook = NewHook {
        url,
        token: call.param("token").filter(|token| !token.is_empty()),
        signing_token,
        events,
    };
    match world.create_hook(call.repo, hook) {
        Ok(id) => show(world, call, id, 201),
        Err(_) => not_found("Project"),
    }
}

/// An edit does not revive a hook that was given up; a test that arrives does.
fn update(world: &mut World, call: &Call<'_>, id: u64) -> Response {
    let signing_token = signing_token(world, call);
    if let Some(refusal) = signing_token.as_deref().and_then(bad_signing_token) {
        return refusal;
    }
    let known = hook_of(world, call, id).map(|hook| hook.events.clone());
    let events = flags(call, &known.unwrap_or_default());
    let hook = world
        .repo_mut(call.repo)
        .ok()
        .and_then(|repo| repo.hooks.get_mut(&id));
    if let Some(hook) = hook {
        hook.events = events;
        if let Some(url) = call.param("url") {
            hook.url = url;
        }
        if let Some(token) = call.param("token") {
            hook.token = Some(token).filter(|token| !token.is_empty());
        }
        if signing_token.is_some() {
            hook.signing_token = signing_token.filter(|token| !token.is_empty());
        }
    }
    show(world, call, id, 200)
}

fn flags(call: &Call<'_>, known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut events = known.clone();
    for flag in shape::FLAGS {
        match call.flag(flag) {
            Some(true) => {
                events.insert(flag.to_owned());
            }
            Some(false) => {
                events.remove(flag);
            }
            None => {}
        }
    }
    events
}

/// Servers before 19 know none, and take the rest.
fn signing_token(world: &World, call: &Call<'_>) -> Option<String> {
    let major = world
        .version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    let is_known = major.is_some_and(|major: u32| major >= 19);
    call.param("signing_token").filter(|_| is_known)
}

fn bad_signing_token(token: &str) -> Option<Response> {
    let good = token.is_empty() || crate::gitlab::actions::signing_key(token).is_some();
    (!good).then(|| invalid("Signing token must be whsec_ and 32 bytes in base64"))
}

fn invalid(message: &str) -> Response {
    error(422, message)
}

/// Sends the newest data through the hook, whatever it subscribed, even one that was given up.
fn test(world: &mut World, call: &Call<'_>, id: u64, trigger: &str) -> Response {
    let sent = match trigger {
        "merge_requests_events" => test_pull(world, call, id),
        "push_events" => test_push(world, call, id),
        _ => {
            return Response::new(
                400,
                json!({ "error": "trigger does not have a valid value" }),
            );
        }
    };
    match sent {
        Ok(()) => Response::new(201, json!({ "message": "201 Created" })),
        Err(problem) => invalid(&problem.to_string()),
    }
}

fn test_pull(world: &mut World, call: &Call<'_>, id: u64) -> Result<(), Problem> {
    let by = world.ensure_user(&call.caller.login);
    let repo = world.repo(call.repo)?;
    let newest = repo.pulls.values().next_back();
    let pull = newest.ok_or_else(|| Problem::refused("Ensure the project has merge requests."))?;
    let event = events::pull(world, repo, pull, &by, &PullEvent::default());
    world.emit_through(call.repo, id, &event)
}

fn test_push(world: &mut World, call: &Call<'_>, id: u64) -> Result<(), Problem> {
    let by = world.ensure_user(&call.caller.login);
    let repo = world.repo(call.repo)?;
    let branch = repo.default_branch.clone();
    let tip = repo.head_of(&branch).map(str::to_owned);
    let moved = events::Push {
        branch: &branch,
        before: tip.as_deref(),
        after: tip.as_deref(),
    };
    let event = events::push(world, repo, &moved, &by);
    world.emit_through(call.repo, id, &event)
}

/// What was sent in the last days, newest first; `status` is a number or a word for a range.
fn deliveries(world: &World, call: &Call<'_>, id: u64) -> Response {
    let Some(hook) = hook_of(world, call, id) else {
        return error(404, "404 Not found");
    };
    let wanted = call.param("status");
    let fits = |status: u16| match wanted.as_deref() {
        None => true,
        Some("successful") => (200..300).contains(&status),
        Some("client_failure") => (400..500).contains(&status),
        Some("server_failure") => (500..600).contains(&status),
        Some(number) => number == status.to_string(),
    };
    let newest_first: Vec<_> = hook
        .sent
        .iter()
        .rev()
        .filter(|sent| fits(sent.status))
        .collect();
    page(world, call.request, &newest_first, |sent| -> Value {
        shape::hook_event(sent)
    })
}
