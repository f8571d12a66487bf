//! Pull requests: lists, reviews, commits, merging and updating.

use serde_json::Value;

use super::Call;
use super::access::{awake, signed};
use super::answer::{error, not_found, page};
use crate::fake::{Commit, Response};
use crate::gitea::actions::{MergeOrder, MergeRefusal, UpdateRefusal};
use crate::gitea::model::{Pull, PullRef, Review};
use crate::gitea::shape;
use crate::gitea::world::World;

pub(super) fn list(world: &mut World, call: &Call<'_>) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let state = call.request.param("state").unwrap_or("open");
    let mut pulls: Vec<&Pull> = repo
        .pulls
        .values()
        .filter(|pull| state == "all" || pull.is_open() == (state != "closed"))
        .collect();
    match call.request.param("sort").unwrap_or_default() {
        "oldest" => pulls.sort_by_key(|pull| pull.number),
        "recentupdate" => pulls.sort_by_key(|pull| std::cmp::Reverse(pull.updated_at)),
        "leastupdate" => pulls.sort_by_key(|pull| pull.updated_at),
        _newest => pulls.sort_by_key(|pull| std::cmp::Reverse(pull.number)),
    }
    let response = page(world, call.request, &pulls, |pull| {
        shape::pull(world, repo, pull)
    });
    let asked: Vec<u64> = pulls.iter().map(|pull| pull.number).collect();
    for number in asked {
        world.asked_for_mergeability(PullRef {
            repo: call.repo,
            number,
        });
    }
    Ok(response)
}

pub(super) fn route(
    world: &mut World,
    call: &Call<'_>,
    at: PullRef,
    rest: &[&str],
) -> Result<Response, Response> {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => one(world, at),
        ("GET", ["reviews"]) => reviews(world, call, at),
        ("GET", ["commits"]) => commits(world, call, at),
        ("GET", ["merge"]) => is_merged(world, at),
        ("POST", ["merge"]) => merge(world, call, at),
        ("POST", ["update"]) => update(world, call, at),
        _ => Err(not_found(world)),
    }
}

fn one(world: &mut World, at: PullRef) -> Result<Response, Response> {
    let (repo, pull) = world.pull(at).map_err(|_| not_found(world))?;
    let shown = shape::pull(world, repo, pull);
    world.asked_for_mergeability(at);
    Ok(Response::ok(shown))
}

fn reviews(world: &World, call: &Call<'_>, at: PullRef) -> Result<Response, Response> {
    let (repo, pull) = world.pull(at).map_err(|_| not_found(world))?;
    let all: Vec<&Review> = pull.reviews.iter().collect();
    Ok(page(world, call.request, &all, |review| {
        shape::review(world, repo, pull, review)
    }))
}

fn commits(world: &World, call: &Call<'_>, at: PullRef) -> Result<Response, Response> {
    let (repo, pull) = world.pull(at).map_err(|_| not_found(world))?;
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let mut all: Vec<&Commit> = world.git.commits_beyond(&pull.head.sha, base);
    all.reverse();
    Ok(page(world, call.request, &all, |commit| {
        shape::commit(world, repo, commit)
    }))
}

fn is_merged(world: &World, at: PullRef) -> Result<Response, Response> {
    match world.pull(at) {
        Ok((_, pull)) if pull.merged.is_some() => Ok(Response::empty(204)),
        Ok(_) | Err(_) => Err(not_found(world)),
    }
}

/// Old and new names of a field: newer versions prefer the second.
fn text(body: &Value, old: &str, new: &str) -> String {
    let of = |key: &str| body.get(key).and_then(Value::as_str);
    let found = of(new).filter(|text| !text.is_empty()).or_else(|| of(old));
    found.unwrap_or_default().to_owned()
}

fn merge(world: &mut World, call: &Call<'_>, at: PullRef) -> Result<Response, Response> {
    let token = signed(world, call.token)?;
    awake(world, call.repo)?;
    let body = call.request.json();
    let flag = |key: &str| body.get(key).and_then(Value::as_bool);
    let order = MergeOrder {
        style: text(&body, "Do", "do"),
        title: text(&body, "MergeTitleField", "merge_title_field"),
        message: text(&body, "MergeMessageField", "merge_message_field"),
        head_commit_id: text(&body, "head_commit_id", "head_commit_id"),
        force: flag("force_merge").unwrap_or(false),
        delete_branch: flag("delete_branch_after_merge"),
    };
    if order.style.is_empty() {
        return Err(error(world, 422, "[Do]: Required"));
    }
    match world.merge_pull(at, &token.login, &order) {
        Ok(_) => Ok(Response::empty(200)),
        Err(refusal) => {
            let status = match &refusal {
                MergeRefusal::Missing => 404,
                MergeRefusal::NotMergeable(_) => 405,
                MergeRefusal::HeadMoved => 409,
                MergeRefusal::Diverged => 500,
            };
            Err(error(world, status, &refusal.to_string()))
        }
    }
}

fn update(world: &mut World, call: &Call<'_>, at: PullRef) -> Result<Response, Response> {
    let token = signed(world, call.token)?;
    awake(world, call.repo)?;
    let rebase = call.request.param("style") == Some("rebase");
    match world.update_pull(at, &token.login, rebase) {
        Ok(_) => Ok(Response::empty(200)),
        Err(UpdateRefusal::Forbidden) => Err(Response::empty(403)),
        Err(refusal) => {
            let status = match &refusal {
                UpdateRefusal::Missing => 404,
                UpdateRefusal::Forbidden => 403,
                UpdateRefusal::Closed => 422,
                UpdateRefusal::Conflict(_) => 409,
                UpdateRefusal::UpToDate(_) => 500,
            };
            Err(error(world, status, &refusal.to_string()))
        }
    }
}
