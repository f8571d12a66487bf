//! What the control API shows and does: how `scripts/demo` and a curious person drive the fake.

use serde_json::{Value, json};

use super::model::{Conclusion, PullRef, Repo, ReviewState, StatusState};
use super::story::{NamedCheck, PullPlan};
use super::world::World;
use crate::fake::Problem;

/// Every repository with its open pull requests, in a form to print.
pub(super) fn overview(world: &World) -> Value {
    let repos: Vec<_> = world
        .repos
        .values()
        .filter(|repo| repo.fork_of.is_none())
        .map(|repo| {
            let pulls: Vec<_> = repo
                .pulls
                .values()
                .filter(|pull| pull.is_open())
                .map(|pull| {
                    let rollup = super::judge::rollup(repo, &pull.head.sha, None);
                    json!({
                        "number": pull.number,
                        "title": pull.title,
                        "author": pull.author,
                        "draft": pull.draft,
                        "checks": rollup.map(super::judge::Rollup::upper),
                        "review": super::judge::decision(repo, pull),
                        "mergeable": world.true_mergeable(repo, pull).upper(),
                    })
                })
                .collect();
            json!({
                "name": repo.full_name(),
                "private": repo.private,
                "archived": repo.archived,
                "pulls": pulls,
            })
        })
        .collect();
    json!({ "repositories": repos })
}

fn text<'a>(order: &'a Value, key: &str) -> Option<&'a str> {
    order.get(key).and_then(Value::as_str)
}

/// Does one thing and tells it in a sentence.
pub(super) fn obey(world: &mut World, order: &Value) -> Result<String, Problem> {
    let name = text(order, "verb").unwrap_or_default();
    let repo = find_repo(world, text(order, "repo").unwrap_or_default())?.id;
    if name == "open" {
        return open(world, repo, order);
    }
    let number = order
        .get("number")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let at = PullRef { repo, number };
    let (found, pull) = world.pull(at)?;
    let label = format!("{}#{number}", found.full_name());
    let (author, owner) = (pull.author.clone(), found.owner.clone());
    let by = text(order, "by").map_or_else(|| somebody_but(&author), str::to_owned);
    match name {
        "push" => world
            .push_to_pull(at, None)
            .map(|sha| format!("pushed {} to {label}", short(&sha))),
        "approve" => opinion(world, at, &by, ReviewState::Approved)
            .map(|()| format!("{by} approved {label}")),
        "request-changes" => opinion(world, at, &by, ReviewState::ChangesRequested)
            .map(|()| format!("{by} requested changes on {label}")),
        "comment" => opinion(world, at, &by, ReviewState::Commented)
            .map(|()| format!("{by} commented on {label}")),
        "pass" => check(world, at, order, Some(Conclusion::Success))
            .map(|n| format!("{n} passed on {label}")),
        "fail" => check(world, at, order, Some(Conclusion::Failure))
            .map(|n| format!("{n} failed on {label}")),
        "run" => check(world, at, order, None).map(|n| format!("{n} runs on {label}")),
        "draft" => world
            .set_draft(at, true, &author)
            .map(|()| format!("{label} is a draft")),
        "ready" => world
            .set_draft(at, false, &author)
            .map(|()| format!("{label} is ready for review")),
        "label" => {
            let word = text(order, "label").unwrap_or("important");
            world
                .label(at, word, &author)
                .map(|()| format!("{label} has the label {word}"))
        }
        "conflict" => world
            .make_conflict(at)
            .map(|()| format!("{label} conflicts with its base")),
        "close" => world
            .close_pull(at, &author)
            .map(|()| format!("{label} is closed")),
        "reopen" => world
            .reopen_pull(at, &author)
            .map(|()| format!("{label} is open again")),
        "merge" => world
            .merge_pull(at, &owner, "merge", None)
            .map(|sha| format!("{label} is merged as {}", short(&sha)))
            .map_err(|refusal| Problem::Refused(refusal.to_string())),
        "status" => {
            let context = text(order, "check").unwrap_or("ci/external");
            let state = status_state(text(order, "state").unwrap_or("success"))?;
            let sha = world.pull(at)?.1.head.sha.clone();
            world.set_status(repo, &sha, context, state, "ci-bot")?;
            Ok(format!("{context} says {} on {label}", state.as_str()))
        }
        _ => Err(Problem::Refused(format!("there is no verb {name:?}"))),
    }
}

fn open(world: &mut World, repo: u64, order: &Value) -> Result<String, Problem> {
    let mut plan = PullPlan::new(repo, text(order, "title").unwrap_or("Try something new"));
    if let Some(author) = text(order, "by") {
        author.clone_into(&mut plan.author);
    }
    plan.base = text(order, "base").map(str::to_owned);
    plan.draft = order.get("draft").and_then(Value::as_bool).unwrap_or(false);
    plan.fork = order.get("fork").and_then(Value::as_bool).unwrap_or(false);
    let at = plan.open(world)?;
    Ok(format!(
        "opened {}#{}: {}",
        world.repo(repo)?.full_name(),
        at.number,
        plan.title
    ))
}

/// By full name, or by the name alone where that is unique.
fn find_repo<'w>(world: &'w World, name: &str) -> Result<&'w Repo, Problem> {
    let known = world.repos.values().find(|repo| {
        repo.fork_of.is_none()
            && (repo.full_name().eq_ignore_ascii_case(name) || repo.name.eq_ignore_ascii_case(name))
    });
    known.ok_or_else(|| Problem::missing(format!("repository {name:?}")))
}

fn somebody_but(author: &str) -> String {
    if author == "grace" { "linus" } else { "grace" }.to_owned()
}

fn opinion(world: &mut World, at: PullRef, by: &str, state: ReviewState) -> Result<(), Problem> {
    world.add_writer(at.repo, by)?;
    world.submit_review(at, by, state, "").map(|_| ())
}

/// Ends one check, or all that the head has, or a new one called `ci/build`.
fn check(
    world: &mut World,
    at: PullRef,
    order: &Value,
    end: Option<Conclusion>,
) -> Result<String, Problem> {
    let (repo, pull) = world.pull(at)?;
    let sha = pull.head.sha.clone();
    let mut named: Vec<NamedCheck> = repo
        .latest_runs(&sha)
        .into_iter()
        .filter(|run| text(order, "check").is_none_or(|name| name == run.name))
        .map(|run| NamedCheck::of(repo, at, run))
        .collect();
    if named.is_empty() {
        named.push(NamedCheck::new(
            at,
            &sha,
            text(order, "check").unwrap_or("ci/build"),
        ));
    }
    let names: Vec<String> = named.iter().map(|check| check.name.clone()).collect();
    for check in named {
        match end {
            Some(end) => check.end(world, end)?,
            None => check.start(world)?,
        };
    }
    Ok(names.join(", "))
}

fn status_state(word: &str) -> Result<StatusState, Problem> {
    match word {
        "success" => Ok(StatusState::Success),
        "failure" => Ok(StatusState::Failure),
        "pending" => Ok(StatusState::Pending),
        "error" => Ok(StatusState::Error),
        _ => Err(Problem::Refused(format!("a status is not {word:?}"))),
    }
}

fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
