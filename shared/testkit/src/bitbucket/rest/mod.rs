//! The REST API 2.0: which path means what. One call is one pure step of the world.
//!
//! | path below `/2.0` | |
//! |---|---|
//! | `GET user`, `user/workspaces`, `user/workspaces/{ws}/permissions/repositories` | who am I, and where |
//! | `GET repositories`, `workspaces`, `user/permissions/…` | 410: removed in 2026 |
//! | `GET repositories/{ws}`, `repositories/{ws}/{slug}` | slug or `{uuid}` in either place |
//! | `GET PUT …/pullrequests(/{id})`, `POST …/decline`, `GET …/activity`, `…/commits`, `…/statuses`, `GET POST …/comments` | pull requests |
//! | `GET …/diffstat`, `…/conflicts` | 302 to the two below |
//! | `GET …/diffstat/{spec}`, `…/file-conflicts/{spec}`, `…/commits?include&exclude`, `…/merge-base/{spec}` | comparing |
//! | `POST DELETE …/approve`, `…/request-changes` | opinions |
//! | `POST …/merge(?async=true)`, `GET …/merge/task-status/{id}` | merging |
//! | `GET …/commit/{sha}`, `GET …/commit/{sha}/statuses`, `POST …/statuses/build` | builds |
//! | `GET …/refs/branches(/{name})`, `DELETE …/refs/branches/{name}`, `GET …/branch-restrictions` | branches |
//! | `GET POST …/hooks`, `GET PUT DELETE …/hooks/{uuid}` | webhooks |

mod access;
mod answer;
mod branches;
mod commits;
mod fields;
mod hooks;
mod merging;
mod pages;
mod pulls;
mod query;
mod repositories;
mod reviews;
mod throttle;

pub(super) use answer::refuse;

use access::{Caller, identify, may_see};
use answer::{dress, error, gone, not_found};

use super::model::PullRef;
use super::world::World;
use crate::fake::{Request, Response};

/// A call below a repository, and who makes it.
struct Call<'a> {
    request: &'a Request,
    caller: &'a Caller,
    repo: u64,
}

impl<'a> Call<'a> {
    fn method(&self) -> &'a str {
        &self.request.method
    }
}

/// Answers one call, with rate limits and Bitbucket's headers.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let caller = match identify(world, request) {
        Ok(caller) => caller,
        Err(refusal) => return dress(world, None, refusal),
    };
    if let Some(refusal) = throttle::exhausted(world, &caller) {
        return dress(world, Some(&caller), refusal);
    }
    throttle::charge(world, &caller);
    let response = route(world, request, &caller);
    let response = fields::select(request, response);
    dress(world, Some(&caller), response)
}

fn route(world: &mut World, request: &Request, caller: &Caller) -> Response {
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["user"]) => repositories::myself(world, caller),
        ("GET", ["user", "workspaces"]) => repositories::workspaces(world, request, caller),
        ("GET", ["user", "workspaces", slug, "permissions", "repositories"]) => {
            repositories::permissions(world, request, caller, slug)
        }
        ("GET", ["repositories" | "workspaces"] | ["user", "permissions", ..]) => gone(),
        ("GET", ["repositories", workspace]) => {
            repositories::of_workspace(world, request, caller, workspace)
        }
        (_, ["repositories", workspace, name, rest @ ..]) => {
            match repositories::find(world, workspace, name) {
                Some(repo) => {
                    let call = Call {
                        request,
                        caller,
                        repo,
                    };
                    below(world, &call, rest)
                }
                None => not_found(),
            }
        }
        _ => error(404, "Resource not found"),
    }
}

fn below(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Response {
    let repo = world.repos.get(&call.repo);
    if !repo.is_some_and(|repo| may_see(call.caller, repo)) {
        return not_found();
    }
    match (call.method(), rest) {
        ("GET", []) => repositories::one(world, call),
        (_, ["refs", "branches", name @ ..]) => branches::route(world, call, &name.join("/")),
        ("GET", ["branch-restrictions"]) => branches::restrictions(world, call),
        ("GET", ["merge-queues"]) => branches::merge_queues(world, call),
        ("GET", ["commits"]) => commits::list(world, call, None),
        ("GET", ["commits", revision @ ..]) => {
            commits::list(world, call, Some(&revision.join("/")))
        }
        ("GET", ["merge-base", spec @ ..]) => commits::merge_base(world, call, &spec.join("/")),
        ("GET", ["diffstat", spec @ ..]) => commits::diffstat(world, call, &spec.join("/")),
        ("GET", ["file-conflicts", spec @ ..]) => commits::conflicts(world, call, &spec.join("/")),
        ("GET", ["commit", sha]) => commits::one(world, call, sha),
        ("GET", ["commit", sha, "statuses"]) => commits::statuses(world, call, sha),
        ("POST", ["commit", sha, "statuses", "build"]) => commits::report(world, call, sha),
        ("GET", ["pullrequests"]) => pulls::list(world, call),
        (_, ["pullrequests", number, rest @ ..]) => match number.parse() {
            Ok(number) => {
                let at = PullRef {
                    repo: call.repo,
                    number,
                };
                below_pull(world, call, at, rest)
            }
            Err(_) => not_found(),
        },
        (_, ["hooks", rest @ ..]) => hooks::route(world, call, rest),
        _ => error(404, "Resource not found"),
    }
}

fn below_pull(world: &mut World, call: &Call<'_>, at: PullRef, rest: &[&str]) -> Response {
    if let Err(refusal) = pulls::may(world, call) {
        return refusal;
    }
    if world.pull(at).is_err() {
        return error(404, "Pull request not found");
    }
    match (call.method(), rest) {
        ("GET", []) => pulls::one(world, at),
        ("PUT", []) => pulls::edit(world, call, at),
        ("POST", ["decline"]) => pulls::decline(world, call, at),
        ("GET", ["activity"]) => pulls::activity(world, call, at),
        ("GET", ["commits"]) => pulls::commits(world, call, at),
        ("GET", ["statuses"]) => pulls::statuses(world, call, at),
        ("GET", ["comments"]) => pulls::comments(world, call, at),
        ("POST", ["comments"]) => pulls::comment(world, call, at),
        ("GET", ["diffstat"]) => pulls::compared(world, call, at, "diffstat"),
        ("GET", ["conflicts"]) => pulls::compared(world, call, at, "file-conflicts"),
        ("POST" | "DELETE", ["approve" | "request-changes"]) => {
            reviews::opinion(world, call, at, rest == ["approve"])
        }
        ("POST", ["merge"]) => merging::merge(world, call, at),
        ("GET", ["merge", "task-status", task]) => merging::task(world, at, task),
        _ => error(404, "Resource not found"),
    }
}
