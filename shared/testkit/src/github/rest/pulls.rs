//! Pull requests, their reviews and commits, and the merge.

use serde_json::{Value, json};

use super::Call;
use super::access::{Area, may};
use super::answer::{Response, error, not_found, page};
use crate::github::actions::MergeRefusal;
use crate::github::model::{Access, Pull, PullRef};
use crate::github::shape;
use crate::github::world::World;

pub(super) fn list(world: &World, call: &Call<'_>) -> Response {
    if let Err(refusal) = may(
        world,
        call.caller,
        call.repo,
        Area::PullRequests,
        Access::Read,
    ) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let request = call.request;
    let state = request.param("state").unwrap_or("open");
    let mut pulls: Vec<&Pull> = repo
        .pulls
        .values()
        .filter(|pull| state == "all" || (state == "open") == pull.is_open())
        .filter(|pull| {
            request
                .param("base")
                .is_none_or(|base| base == pull.base_branch)
        })
        .filter(|pull| {
            let label = format!("{}:{}", pull.head.owner, pull.head.branch);
            request.param("head").is_none_or(|head| head == label)
        })
        .collect();
    let by_update = request.param("sort") == Some("updated");
    pulls.sort_by_key(|pull| {
        (
            if by_update {
                pull.updated_at
            } else {
                pull.created_at
            },
            pull.number,
        )
    });
    if request.param("direction") != Some("asc") {
        pulls.reverse();
    }
    page(world, request, &pulls, |part| {
        part.iter()
            .map(|pull| shape::rest_pull_item(world, repo, pull))
            .collect()
    })
}

pub(super) fn of_commit(world: &World, call: &Call<'_>, sha: &str) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let pulls: Vec<&Pull> = repo
        .pulls
        .values()
        .filter(|pull| pull.head.sha == sha)
        .collect();
    page(world, call.request, &pulls, |part| {
        part.iter()
            .map(|pull| shape::rest_pull_item(world, repo, pull))
            .collect()
    })
}

/// Asking for one pull request makes GitHub compute whether it merges.
pub(super) fn one(world: &mut World, at: PullRef) -> Response {
    let response = world.pull(at).map_or_else(
        |_| not_found(),
        |(repo, pull)| Response::ok(shape::rest_pull(world, repo, pull)),
    );
    world.asked_for_mergeability(at);
    response
}

pub(super) fn reviews(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    let Ok((repo, pull)) = world.pull(at) else {
        return not_found();
    };
    page(world, call.request, &pull.reviews, |part| {
        part.iter()
            .map(|review| shape::rest_review(world, repo, pull, review))
            .collect()
    })
}

pub(super) fn commits(world: &World, call: &Call<'_>, at: PullRef) -> Response {
    let Ok((repo, pull)) = world.pull(at) else {
        return not_found();
    };
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let commits = world.git.commits_beyond(&pull.head.sha, base);
    page(world, call.request, &commits, |part| {
        part.iter()
            .map(|commit| shape::commit_full(world, repo, commit))
            .collect()
    })
}

pub(super) fn is_merged(world: &World, at: PullRef) -> Response {
    let merged = world.pull(at).is_ok_and(|(_, pull)| pull.merged.is_some());
    if merged {
        Response::empty(204)
    } else {
        not_found()
    }
}

pub(super) fn merge(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let body = call.request.json();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let method = text("merge_method").unwrap_or("merge");
    match world.merge_pull(at, &call.caller.login, method, text("sha")) {
        Ok(sha) => Response::ok(json!({
            "sha": sha,
            "merged": true,
            "message": "Pull Request successfully merged",
        })),
        Err(MergeRefusal::Missing) => not_found(),
        Err(MergeRefusal::HeadMoved) => error(
            409,
            "Head branch was modified. Review and try the merge again.",
        ),
        Err(MergeRefusal::NotMergeable(why)) => error(405, &why),
    }
}

/// Merges the base into the head, and answers before it is done.
pub(super) fn update_branch(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let body = call.request.json();
    let expected = body.get("expected_head_sha").and_then(Value::as_str);
    match world.update_pull(at, &call.caller.login, expected) {
        Ok(()) => {
            let shown = world.pull(at).map(|(repo, pull)| {
                format!(
                    "{}/repos/{}/pulls/{}",
                    world.site.html,
                    repo.full_name(),
                    pull.number
                )
            });
            Response::new(
                202,
                json!({ "message": "Updating pull request branch.", "url": shown.unwrap_or_default() }),
            )
        }
        Err(problem) => error(422, &problem.to_string()),
    }
}

pub(super) fn edit(world: &mut World, call: &Call<'_>, at: PullRef) -> Response {
    let body = call.request.json();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let by = &call.caller.login;
    let mut done = Ok(());
    if text("title").is_some() || text("body").is_some() {
        done = world.edit_pull(at, text("title"), text("body"), by);
    }
    if let Some(base) = text("base") {
        done = done.and_then(|()| world.retarget(at, base, by));
    }
    done = done.and_then(|()| match text("state") {
        Some("closed") => world.close_pull(at, by),
        Some("open") => world.reopen_pull(at, by),
        Some(_) | None => Ok(()),
    });
    match done {
        Ok(()) => one(world, at),
        Err(problem) => error(422, &problem.to_string()),
    }
}
