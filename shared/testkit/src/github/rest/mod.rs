//! The REST API: which path means what. One call is one pure step of the world.

mod access;
mod actions;
mod answer;
mod branches;
mod checks;
mod hooks;
mod pulls;
mod refusals;
mod repositories;
mod throttle;

pub(super) use access::{Area, Caller, identify, may, may_see};
pub(super) use answer::dress;
use answer::not_found;
pub use answer::{Request, Response};
pub(super) use refusals::refuse;
pub(super) use throttle::{charge_points, exhausted};

use serde_json::json;

use super::model::{Access, PullRef};
use super::shape;
use super::world::World;

/// Path segments of a call below a repository, and who calls.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) caller: &'a Caller,
    pub(super) repo: u64,
}

/// Answers one REST call, with rate limits, conditional requests and GitHub's headers.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let caller = match identify(world, request) {
        Ok(caller) => caller,
        Err(refusal) => return dress(world, request, None, refusal),
    };
    if request.path != "/rate_limit"
        && let Some(refusal) = exhausted(world, &caller.token.value, "core")
    {
        return dress(world, request, Some(&caller), refusal);
    }
    let response = route(world, request, &caller);
    let response = answer::conditional(request, response);
    if response.status != 304 && request.path != "/rate_limit" {
        throttle::charge_call(world, &caller.token.value);
    }
    dress(world, request, Some(&caller), response)
}

fn route(world: &mut World, request: &Request, caller: &Caller) -> Response {
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let method = request.method.as_str();
    match (method, segments.as_slice()) {
        ("GET", ["user"]) => user(world, caller),
        ("GET", ["user", "repos"]) => repositories::of_user(world, request, caller),
        ("GET", ["rate_limit"]) => throttle::overview(world, &caller.token.value),
        ("GET", ["meta"] | []) => Response::ok(
            json!({ "verifiable_password_authentication": true, "installed_version": "3.17.0" }),
        ),
        (_, ["repositories", id, rest @ ..]) => match id.parse() {
            Ok(id) => below(
                world,
                &Call {
                    request,
                    caller,
                    repo: id,
                },
                rest,
            ),
            Err(_) => not_found(),
        },
        (_, ["repos", owner, name, rest @ ..]) => {
            let wanted = format!("{owner}/{name}");
            if let Some(id) = world.repo_named(&wanted).map(|repo| repo.id) {
                below(
                    world,
                    &Call {
                        request,
                        caller,
                        repo: id,
                    },
                    rest,
                )
            } else {
                repositories::moved(world, request, caller, &wanted, rest)
            }
        }
        _ => not_found(),
    }
}

fn user(world: &World, caller: &Caller) -> Response {
    world.user(&caller.login).map_or_else(not_found, |user| {
        Response::ok(shape::private_user(&world.site, user))
    })
}

fn below(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    let visible = world
        .repos
        .get(&call.repo)
        .is_some_and(|repo| may_see(call.caller, repo));
    if !visible {
        return not_found();
    }
    match (call.request.method.as_str(), rest) {
        ("GET", []) => repositories::one(world, call),
        ("GET", ["branches"]) => repositories::branches(world, call),
        ("GET", ["branches", name @ .., "protection"]) if !name.is_empty() => {
            repositories::protection(world, call, &name.join("/"))
        }
        ("GET", ["branches", name @ ..]) => repositories::branch(world, call, &name.join("/")),
        ("GET", ["rules", "branches", name @ ..]) => {
            repositories::rules(world, call, &name.join("/"))
        }
        ("GET", ["commits", sha @ .., "check-runs"]) => checks::runs(world, call, &sha.join("/")),
        ("GET", ["commits", sha @ .., "check-suites"]) => {
            checks::suites(world, call, &sha.join("/"))
        }
        ("GET", ["commits", sha @ .., "status"]) => checks::combined(world, call, &sha.join("/")),
        ("GET", ["commits", sha @ .., "statuses"]) => checks::statuses(world, call, &sha.join("/")),
        ("GET", ["commits", sha @ .., "pulls"]) => pulls::of_commit(world, call, &sha.join("/")),
        ("GET", ["commits", sha @ ..]) => checks::commit(world, call, &sha.join("/")),
        ("GET", ["compare", wanted @ ..]) => branches::compare(world, call, &wanted.join("/")),
        ("GET", ["actions", rest @ ..]) => actions::route(world, call, rest),
        ("DELETE", ["git", "refs", "heads", name @ ..]) => {
            branches::delete(world, call, &name.join("/"))
        }
        ("GET", ["pulls"]) => pulls::list(world, call),
        (_, ["pulls", number, rest @ ..]) => match number.parse() {
            Ok(number) => pull_routes(
                world,
                call,
                PullRef {
                    repo: call.repo,
                    number,
                },
                rest,
            ),
            Err(_) => not_found(),
        },
        (_, ["hooks", rest @ ..]) => hooks::route(world, call, rest),
        _ => not_found(),
    }
}

fn pull_routes(world: &mut World, call: &Call<'_>, at: PullRef, rest: &[&str]) -> Response {
    let method = call.request.method.as_str();
    let needed = if method == "GET" {
        Access::Read
    } else {
        Access::Write
    };
    let area = if rest == ["merge"] {
        Area::Contents
    } else {
        Area::PullRequests
    };
    if let Err(refusal) = may(world, call.caller, call.repo, area, needed) {
        return refusal;
    }
    if world.pull(at).is_err() {
        return not_found();
    }
    match (method, rest) {
        ("GET", []) => pulls::one(world, at),
        ("GET", ["reviews"]) => pulls::reviews(world, call, at),
        ("GET", ["commits"]) => pulls::commits(world, call, at),
        ("GET", ["merge"]) => pulls::is_merged(world, at),
        ("PUT", ["merge"]) => pulls::merge(world, call, at),
        ("PUT", ["update-branch"]) => pulls::update_branch(world, call, at),
        ("PATCH", []) => pulls::edit(world, call, at),
        _ => not_found(),
    }
}
