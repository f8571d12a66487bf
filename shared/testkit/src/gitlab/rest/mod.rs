//! The REST API, version 4: which path means what. One call is one pure step of the world.
//!
//! | Method and path (below `/api/v4`) | What |
//! |---|---|
//! | `GET /version` | version |
//! | `GET /user`, `GET /personal_access_tokens/self` | who calls, with which token |
//! | `GET /projects` | pages of projects; `membership`, `archived`, `search`, `pagination=keyset` |
//! | `GET /projects/:id` | one; by id, or by path with `%2F`; 301 from a former path |
//! | `GET …/merge_requests` | `state`, `iids[]`, branches, `with_merge_status_recheck` |
//! | `GET …/merge_requests/:iid` | one, which makes GitLab check for conflicts |
//! | `GET …/merge_requests/:iid/approvals`, `/pipelines`, `/commits` | |
//! | `PUT …/merge_requests/:iid/merge`, `/rebase` | |
//! | `POST …/merge_requests/:iid/cancel_merge_when_pipeline_succeeds` | |
//! | `POST …/merge_trains/merge_requests/:iid` | `sha`, `squash` |
//! | `GET POST …/hooks`, `GET PUT DELETE …/hooks/:hook_id` | |
//! | `POST …/hooks/:hook_id/test/:trigger` | a delivery with the newest data |
//! | `GET …/hooks/:hook_id/events`, `POST …/events/:id/resend` | deliveries |
//! | `GET …/protected_branches`, `/:name` | rules, by the rule's own name |
//! | `GET …/approvals`, `/approval_rules` | what a merge needs |
//! | `GET …/repository/branches`, `GET DELETE …/branches/:branch` | |
//! | `GET …/repository/compare`, `…/commits/:sha`, `…/commits/:sha/statuses` | |
//! | `GET …/pipelines`, `/:pipeline_id` | `sha`, `ref`, `status` |

mod access;
mod answer;
mod hooks;
mod paging;
mod projects;
mod pulls;
mod refusals;
mod repository;
mod throttle;

pub(super) use access::{Caller, identify, may_read, may_read_pipelines, may_see};
pub(super) use answer::dress;
pub(super) use refusals::refuse;
pub(super) use throttle::count;

use serde_json::json;

use super::model::PullRef;
use super::shape;
use super::world::World;
use crate::fake::{Request, Response, decoded};
use access::{needs_scope, not_found};
use answer::{conditional, error};

/// A call below a project, and who calls.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) caller: &'a Caller,
    pub(super) repo: u64,
}

impl Call<'_> {
    /// A parameter, of the query or of the body.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        if let Some(value) = self.request.param(name) {
            return Some(value.to_owned());
        }
        let body = self.request.json();
        let value = body.get(name)?;
        match value.as_str() {
            Some(text) => Some(text.to_owned()),
            None if value.is_null() => None,
            None => Some(value.to_string()),
        }
    }

    /// A parameter that says yes or no.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.param(name)?.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _other => None,
        }
    }
}

/// Answers one REST call, with rate limits, conditional requests and GitLab's headers.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let caller = match identify(world, request) {
        Ok(caller) => caller,
        Err(refusal) => return dress(world, None, refusal),
    };
    if let Some(refusal) = count(world, &caller.token.value) {
        return dress(world, Some(&caller), refusal);
    }
    let response = match needs_scope(&caller, request) {
        Some(refusal) => refusal,
        None => route(world, request, &caller),
    };
    let response = conditional(request, response);
    dress(world, Some(&caller), response)
}

fn route(world: &mut World, request: &Request, caller: &Caller) -> Response {
    let segments: Vec<String> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(decoded)
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["version" | "metadata"]) => {
            Response::ok(json!({ "version": world.version, "revision": "0a1b2c3d4e5" }))
        }
        ("GET", ["user"]) => world.user(&caller.login).map_or_else(
            || error(401, "401 Unauthorized"),
            |user| Response::ok(shape::rest_user_self(&world.site, user)),
        ),
        ("GET", ["personal_access_tokens", "self"]) => {
            let user = world.user(&caller.login);
            Response::ok(shape::token_self(&caller.token, user))
        }
        ("GET", ["projects"]) => projects::list(world, request, caller),
        (_, ["projects", id, rest @ ..]) => in_project(world, request, caller, id, rest),
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

/// Finds the project by id or path. A former path answers where it is now.
fn in_project(
    world: &mut World,
    request: &Request,
    caller: &Caller,
    id: &str,
    rest: &[&str],
) -> Response {
    let found = match id.parse::<u64>() {
        Ok(number) => world.repos.get(&number),
        Err(_) => world.repo_known_as(id),
    };
    let Some(repo) = found.filter(|repo| may_see(world, caller, repo)) else {
        return not_found("Project");
    };
    let moved = id.parse::<u64>().is_err() && !repo.full_name().eq_ignore_ascii_case(id);
    if moved {
        let below: String = rest.iter().map(|part| format!("/{part}")).collect();
        let target = format!("{}/projects/{}{below}", world.site.api(), repo.id);
        let message = format!("This resource has been moved permanently to {target}");
        return error(301, &message).with("location", target);
    }
    let call = Call {
        request,
        caller,
        repo: repo.id,
    };
    below(world, &call, rest)
}

fn below(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => projects::one(world, call),
        ("GET", ["approvals"]) => projects::approvals(world, call),
        ("GET", ["approval_rules"]) => projects::approval_rules(world, call),
        ("GET", ["protected_branches", rest @ ..]) => repository::protected(world, call, rest),
        (_, ["repository", rest @ ..]) => repository::route(world, call, rest),
        ("GET", ["pipelines", rest @ ..]) => repository::pipelines(world, call, rest),
        (_, ["hooks", rest @ ..]) => hooks::route(world, call, rest),
        ("POST", ["merge_trains", "merge_requests", number]) => pulls::board(world, call, number),
        ("GET", ["merge_requests"]) => pulls::list(world, call),
        (_, ["merge_requests", number, rest @ ..]) => match number.parse() {
            Ok(number) => {
                let repo = call.repo;
                pulls::route(world, call, PullRef { repo, number }, rest)
            }
            Err(_) => Response::new(400, json!({ "error": "merge_request_iid is invalid" })),
        },
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}
