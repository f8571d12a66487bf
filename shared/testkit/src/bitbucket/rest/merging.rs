//! The merge, and the task it becomes when it takes long.

use serde_json::{Value, json};

use super::answer::{error, invalid, not_found, refused};
use super::{Call, pulls};
use crate::bitbucket::actions::{MergeOrder, MergeRefusal};
use crate::bitbucket::model::{MergeStrategy, PullRef};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Response, put};

/// 200 with the merged pull request, or 202 with the address of a task. Which head is merged is
/// Bitbucket's business: the call has no say in it.
pub(super) fn merge(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let body = call.request.json();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let strategy = match text("merge_strategy") {
        None => MergeStrategy::MergeCommit,
        Some(word) => match MergeStrategy::parse(word) {
            Some(strategy) => strategy,
            None => return invalid("merge_strategy", "is not a valid choice"),
        },
    };
    let order = MergeOrder {
        strategy,
        message: text("message").map(str::to_owned),
    };
    let by = &call.caller.login;
    if let Some(close) = body.get("close_source_branch").and_then(Value::as_bool)
        && let Err(problem) = world.set_close_source_branch(at, close)
    {
        return refused(&problem);
    }
    let later = call.request.param("async") == Some("true") || world.merge_polls > 0;
    if !later {
        return match world.merge_pull(at, by, &order) {
            Ok(_) => pulls::one(world, at),
            Err(refusal) => refuse(&refusal),
        };
    }
    match world.begin_merge(at, by, &order) {
        Ok(task) => Response::empty(202).with("location", address(world, at, &task)),
        Err(refusal) => refuse(&refusal),
    }
}

fn refuse(refusal: &MergeRefusal) -> Response {
    match refusal {
        MergeRefusal::Missing => not_found(),
        MergeRefusal::Forbidden(why) => error(403, why),
        MergeRefusal::Refused(why) => error(400, why),
    }
}

fn address(world: &World, at: PullRef, task: &str) -> String {
    let name = world.repo(at.repo).map(|repo| repo.full_name());
    format!(
        "{}/repositories/{}/pullrequests/{}/merge/task-status/{task}",
        world.site.api,
        name.unwrap_or_default(),
        at.number
    )
}

/// `PENDING`, then `SUCCESS` with the pull request, or the error that ended the merge.
pub(super) fn task(world: &mut World, at: PullRef, id: &str) -> Response {
    let known = world.merge_tasks.get(id).is_some_and(|task| task.at == at);
    let before = if known { world.poll_task(id) } else { None };
    let Some(before) = before else {
        return error(400, "This task does not belong to the pull request.");
    };
    let own = json!({ "self": { "href": address(world, at, id) } });
    if before.polls_left > 0 {
        return Response::ok(json!({ "task_status": "PENDING", "links": own }));
    }
    if let Some(why) = before.failure {
        return error(400, &why);
    }
    let mut body = json!({ "task_status": "SUCCESS", "links": own });
    if let Ok((repo, pull)) = world.pull(at) {
        put(&mut body, "merge_result", shape::pull(world, repo, pull));
    }
    Response::ok(body)
}
