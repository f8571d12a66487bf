//! Merge requests: list, one, approvals, merging, rebasing.

use serde_json::json;

use super::Call;
use super::access::{may_read, needs_role, not_found};
use super::answer::error;
use super::paging::page;
use crate::fake::Response;
use crate::gitlab::actions::{MergeOrder, MergeRefusal};
use crate::gitlab::model::{Pull, PullRef, Role};
use crate::gitlab::shape;
use crate::gitlab::world::World;

/// A list: it makes GitLab check for conflicts only if it is told to.
pub(super) fn list(world: &mut World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    if !may_read(world, call.caller, repo) {
        return error(403, "403 Forbidden");
    }
    let rechecks = call.flag("with_merge_status_recheck") == Some(true);
    let open: Vec<PullRef> = repo
        .pulls
        .values()
        .filter(|pull| pull.is_open())
        .map(|pull| PullRef {
            repo: call.repo,
            number: pull.number,
        })
        .collect();
    let response = shown(world, call);
    if rechecks && needs_role(world, call.caller, call.repo, Role::Developer).is_none() {
        for at in open {
            world.asked_for_check(at);
        }
    }
    response
}

fn shown(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    let state = call.param("state").unwrap_or_else(|| "all".to_owned());
    let (source, target) = (call.param("source_branch"), call.param("target_branch"));
    let numbers: Vec<u64> = call
        .request
        .query
        .iter()
        .filter(|(name, _)| name == "iids[]" || name == "iids")
        .filter_map(|(_, value)| value.parse().ok())
        .collect();
    let time = |name: &str| {
        let text = call.param(name)?;
        text.parse::<jiff::Timestamp>().ok()
    };
    let (after, before) = (time("updated_after"), time("updated_before"));
    let wanted = |pull: &&Pull| {
        (state == "all" || state == pull.state.as_str())
            && (numbers.is_empty() || numbers.contains(&pull.number))
            && source
                .as_ref()
                .is_none_or(|branch| *branch == pull.head.branch)
            && target
                .as_ref()
                .is_none_or(|branch| *branch == pull.base_branch)
            && after.is_none_or(|after| pull.updated_at >= after)
            && before.is_none_or(|before| pull.updated_at <= before)
    };
    let mut pulls: Vec<&Pull> = repo.pulls.values().filter(wanted).collect();
    if call.param("order_by").as_deref() == Some("updated_at") {
        pulls.sort_by_key(|pull| (pull.updated_at, pull.id));
    } else {
        pulls.sort_by_key(|pull| (pull.created_at, pull.id));
    }
    if call.param("sort").as_deref() != Some("asc") {
        pulls.reverse();
    }
    page(world, call.request, &pulls, |pull| {
        shape::rest_pull_item(world, repo, pull)
    })
}

pub(super) fn route(world: &mut World, call: &Call<'_>, at: PullRef, rest: &[&str]) -> Response {
    let Ok((repo, _)) = world.pull(at) else {
        return error(404, "404 Not found");
    };
    if !may_read(world, call.caller, repo) {
        return error(404, "404 Not found");
    }
    match (call.request.method.as_str(), rest) {
        ("GET", []) => one(world, call, at),
        ("GET", ["approvals"]) => approvals(world, call, at),
        ("GET", ["pipelines"]) => pipelines(world, call, at),
        ("GET", ["commits"]) => commits(world, call, at),
        ("PUT", ["merge"]) => merge(world, call, at),
        ("PUT", ["rebase"]) => rebase(world, call, at),
        ("POST", ["cancel_merge_when_pipeline_succeeds"]) => cancel(world, call, at),
        _ => Response::new(404, json!({ "error": "404 Not Found" })),
    }
}

/// One merge request. The answer is what is known now; the question makes GitLab check.
fn one(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let rebasing = call.flag("include_rebase_in_progress") == Some(true);
    let in_progress = world.pull(at).is_ok_and(|(_, own)| own.rebasing.is_some());
    let mut response = detail(world, call, at, 200);
    if rebasing && let Some(body) = &mut response.body {
        crate::fake::put(body, "rebase_in_progress", json!(in_progress));
    }
    if needs_role(world, call.caller, call.repo, Role::Developer).is_none() {
        world.asked_for_check(at);
    }
    if world.asked_for_rebase(at).is_err() {
        return error(500, "500 Internal Server Error");
    }
    response
}

fn detail(world: &World, call: &Call<'_>, at: PullRef, status: u16) -> Response {
    world.pull(at).map_or_else(
        |_| error(404, "404 Not found"),
        |(repo, pull)| {
            let body = shape::rest_pull(world, repo, pull, &call.caller.login);
            Response::new(status, body)
        },
    )
}

fn approvals(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    world.pull(at).map_or_else(
        |_| error(404, "404 Not found"),
        |(repo, pull)| {
            let login = &call.caller.login;
            Response::ok(shape::rest_approvals(world, repo, pull, login))
        },
    )
}

fn pipelines(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    let Ok((repo, pull)) = world.pull(at) else {
        return error(404, "404 Not found");
    };
    let own = repo.pipelines_of(pull);
    page(world, call.request, &own, |pipeline| {
        shape::rest_pipeline_item(world, repo, pipeline)
    })
}

fn commits(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    let Ok((repo, pull)) = world.pull(at) else {
        return error(404, "404 Not found");
    };
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let mut own = world.git.commits_beyond(&pull.head.sha, base);
    own.reverse();
    page(world, call.request, &own, |commit| {
        shape::rest_commit(world, repo, commit)
    })
}

fn merge(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let waits = |name: &str| call.flag(name) == Some(true);
    let order = MergeOrder {
        sha: call.param("sha"),
        squash: call.flag("squash"),
        remove_source_branch: call.flag("should_remove_source_branch"),
        auto_merge: waits("auto_merge") || waits("merge_when_pipeline_succeeds"),
        message: call.param("merge_commit_message"),
        squash_message: call.param("squash_commit_message"),
    };
    match world.merge_pull(at, &call.caller.login, &order) {
        Ok(_) => detail(world, call, at, 200),
        Err(refusal) => {
            let status = match &refusal {
                MergeRefusal::Missing => return error(404, "404 Not found"),
                MergeRefusal::ShaNeeded => 400,
                MergeRefusal::Unauthorized => 401,
                MergeRefusal::HeadMoved(_) => 409,
                MergeRefusal::NotAllowed => 405,
                MergeRefusal::CannotMerge => 422,
            };
            error(status, &refusal.to_string())
        }
    }
}

/// Takes a place in the merge train. It is the train's pipeline that merges, so nothing is merged
/// at once.
pub(super) fn board(world: &mut World, call: &Call<'_>, number: &str) -> Response {
    let has_trains = world
        .repo(call.repo)
        .is_ok_and(|repo| repo.rules.merge_trains);
    if !has_trains || needs_role(world, call.caller, call.repo, Role::Developer).is_some() {
        return error(403, "403 Forbidden");
    }
    let Ok(number) = number.parse() else {
        return error(404, "404 Not found");
    };
    let at = PullRef {
        repo: call.repo,
        number,
    };
    let order = MergeOrder {
        sha: call.param("sha"),
        squash: call.flag("squash"),
        ..MergeOrder::default()
    };
    match world.board_train(at, &call.caller.login, &order) {
        Ok(car) => Response::new(
            201,
            json!([{
                "id": car,
                "merge_request": { "iid": number, "project_id": call.repo, "state": "opened" },
                "status": "idle",
                "merged_at": null,
                "duration": null,
            }]),
        ),
        Err(refusal @ MergeRefusal::HeadMoved(_)) => error(409, &refusal.to_string()),
        Err(MergeRefusal::Missing) => error(404, "404 Not found"),
        Err(refusal) => error(400, &refusal.to_string()),
    }
}

fn rebase(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let source = world.pull(at).map(|(_, pull)| pull.head.repo).unwrap_or(0);
    let refused = needs_role(world, call.caller, source, Role::Developer);
    if refused.is_some() {
        return error(403, "403 Forbidden - Cannot push to source branch");
    }
    match world.begin_rebase(at) {
        Ok(()) => Response::new(202, json!({ "rebase_in_progress": true })),
        Err(_) => error(404, "404 Not found"),
    }
}

fn cancel(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    if needs_role(world, call.caller, call.repo, Role::Developer).is_some() {
        return error(401, "401 Unauthorized");
    }
    match world.cancel_auto_merge(at, &call.caller.login) {
        Ok(()) => Response::new(201, json!({ "status": "success" })),
        Err(_) => error(404, "404 Not found"),
    }
}
