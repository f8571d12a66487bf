//! The REST API below `/api/v1`: which path means what. One call is one step of the world.
//!
//! - `GET /version`
//! - `GET /user`, `GET /user/repos`
//! - `GET /repositories/{id}`, `GET /repos/{owner}/{repo}` (307 from a former name)
//! - `GET /repos/{o}/{r}/pulls`, `/pulls/{n}`, `/pulls/{n}/reviews`, `/pulls/{n}/commits`
//! - `POST /repos/{o}/{r}/pulls/{n}/merge`, `POST /repos/{o}/{r}/pulls/{n}/update`,
//!   `GET /repos/{o}/{r}/pulls/{n}/merge`
//! - `GET /repos/{o}/{r}/commits/{sha}/statuses`, `/commits/{sha}/status`
//! - `GET`, `POST /repos/{o}/{r}/hooks`, `GET`, `PATCH`, `DELETE /repos/{o}/{r}/hooks/{id}`,
//!   `POST /repos/{o}/{r}/hooks/{id}/tests`
//! - `GET /repos/{o}/{r}/branches/{name}`, `DELETE /repos/{o}/{r}/branches/{name}`
//! - `GET /repos/{o}/{r}/branch_protections`, `/branch_protections/{name}`
//! - `GET /repos/{o}/{r}/compare/{base}...{head}`

mod access;
mod answer;
mod branches;
mod hooks;
mod pulls;
mod repositories;
mod statuses;

pub(super) use answer::refuse;

use serde_json::json;

use self::access::{identify, scoped, signed, visible};
use self::answer::{dress, not_found};
use super::model::{PullRef, Token};
use super::shape;
use super::world::World;
use crate::fake::{Request, Response};

/// A call below a repository, and who calls.
pub(super) struct Call<'a> {
    request: &'a Request,
    token: Option<&'a Token>,
    repo: u64,
}

impl Call<'_> {
    /// The caller's login.
    fn login(&self) -> Option<&str> {
        self.token.map(|token| token.login.as_str())
    }
}

/// Answers one call.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let response = match identify(world, request) {
        Ok(token) => route(world, request, token.as_ref()),
        Err(refusal) => refusal,
    };
    dress(world, response)
}

fn route(world: &mut World, request: &Request, token: Option<&Token>) -> Response {
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let found = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["version"]) => Ok(Response::ok(json!({ "version": world.version() }))),
        ("GET", ["user"]) => user(world, token),
        ("GET", ["user", "repos"]) => repositories::of_user(world, request, token),
        ("GET", ["repositories", id]) => repositories::by_id(world, token, id),
        (_, ["repos", owner, name, rest @ ..]) => {
            let wanted = format!("{owner}/{name}");
            match world.repo_named(&wanted).map(|repo| repo.id) {
                Some(repo) => {
                    let call = Call {
                        request,
                        token,
                        repo,
                    };
                    below(world, &call, rest)
                }
                None => repositories::moved(world, request, token, &wanted),
            }
        }
        _ => Err(not_found(world)),
    };
    found.unwrap_or_else(|refusal| refusal)
}

fn user(world: &World, token: Option<&Token>) -> Result<Response, Response> {
    let token = signed(world, token)?;
    scoped(world, Some(token), "user", false)?;
    match world.user(&token.login) {
        Some(user) => Ok(Response::ok(shape::user(world, user))),
        None => Err(not_found(world)),
    }
}

fn below(world: &mut World, call: &Call<'_>, rest: &[&str]) -> Result<Response, Response> {
    let method = call.request.method.as_str();
    scoped(world, call.token, "repository", method != "GET")?;
    visible(world, call.token, call.repo)?;
    match (method, rest) {
        ("GET", []) => repositories::one(world, call),
        (_, ["hooks", rest @ ..]) => hooks::route(world, call, rest),
        ("GET", ["branch_protections", rest @ ..]) => branches::protections(world, call, rest),
        ("GET", ["branches", name @ ..]) => branches::one(world, call, &name.join("/")),
        ("DELETE", ["branches", name @ ..]) => branches::delete(world, call, &name.join("/")),
        ("GET", ["compare", basehead @ ..]) => branches::compare(world, call, &basehead.join("/")),
        ("GET", ["commits", sha @ .., "statuses"]) => statuses::list(world, call, &sha.join("/")),
        ("GET", ["commits", sha @ .., "status"]) => statuses::combined(world, call, &sha.join("/")),
        ("GET", ["pulls"]) => pulls::list(world, call),
        (_, ["pulls", number, rest @ ..]) => {
            let number = number.parse().map_err(|_| not_found(world))?;
            let at = PullRef {
                repo: call.repo,
                number,
            };
            world.pull(at).map_err(|_| not_found(world))?;
            pulls::route(world, call, at, rest)
        }
        _ => Err(not_found(world)),
    }
}
