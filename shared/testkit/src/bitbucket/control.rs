//! What the control API shows and does: how `scripts/demo` and a curious person drive the fake.

use serde_json::{Value, json};

use super::actions::{MergeOrder, NewStatus};
use super::judge;
use super::model::{BuildState, Opinion, Permission, PullRef, Repo};
use super::story::PullPlan;
use super::world::World;
use crate::fake::Problem;

/// Every repository with its open pull requests, in a form to print.
pub(super) fn overview(world: &World) -> Value {
    let own = world.repos.values().filter(|repo| repo.fork_of.is_none());
    let repos: Vec<Value> = own.map(|repo| told_of(world, repo)).collect();
    json!({ "repositories": repos })
}

fn told_of(world: &World, repo: &Repo) -> Value {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    let pulls: Vec<Value> = open
        .map(|pull| {
            json!({
                "number": pull.number,
                "title": pull.title,
                "author": pull.author,
                "draft": pull.draft,
                "checks": judge::builds(repo, &pull.source.sha),
                "approvals": pull.with_opinion(Opinion::Approved).len(),
                "conflicts": world.conflicts(repo, pull),
            })
        })
        .collect();
    json!({ "name": repo.full_name(), "private": repo.private, "pulls": pulls })
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
    let number = order.get("number").and_then(Value::as_u64);
    let at = PullRef {
        repo,
        number: number.unwrap_or_default(),
    };
    let (found, pull) = world.pull(at)?;
    let label = format!("{}#{}", found.full_name(), at.number);
    let author = pull.author.clone();
    let by = text(order, "by").map_or_else(|| somebody_but(&author), str::to_owned);
    match name {
        "push" => {
            let sha = world.push_to_pull(at, None)?;
            Ok(format!("pushed {} to {label}", short(&sha)))
        }
        "approve" => {
            opinion(world, at, &by, Opinion::Approved)?;
            Ok(format!("{by} approved {label}"))
        }
        "request-changes" => {
            opinion(world, at, &by, Opinion::ChangesRequested)?;
            Ok(format!("{by} requested changes on {label}"))
        }
        "comment" => {
            world.comment(at, &by, "Interesting.")?;
            Ok(format!("{by} commented on {label}"))
        }
        "pass" => report(world, at, order, BuildState::Successful, &label),
        "fail" => report(world, at, order, BuildState::Failed, &label),
        "run" => report(world, at, order, BuildState::InProgress, &label),
        "draft" => {
            world.set_draft(at, true, &author)?;
            Ok(format!("{label} is a draft"))
        }
        "ready" => {
            world.set_draft(at, false, &author)?;
            Ok(format!("{label} is ready for review"))
        }
        "conflict" => {
            world.make_conflict(at)?;
            Ok(format!("{label} conflicts with its destination"))
        }
        "close" => {
            world.decline_pull(at, &author)?;
            Ok(format!("{label} is declined"))
        }
        "reopen" => world.reopen_pull(at).map(|()| label),
        "merge" => merge(world, at, &by, &label),
        _ => Err(Problem::Refused(format!("there is no verb {name:?}"))),
    }
}

fn open(world: &mut World, repo: u64, order: &Value) -> Result<String, Problem> {
    let mut plan = PullPlan::new(repo, text(order, "title").unwrap_or("Try something new"));
    if let Some(author) = text(order, "by") {
        author.clone_into(&mut plan.author);
    }
    plan.destination = text(order, "base").map(str::to_owned);
    plan.draft = order.get("draft").and_then(Value::as_bool).unwrap_or(false);
    let forked = order.get("fork").and_then(Value::as_bool).unwrap_or(false);
    plan.fork = forked.then(|| plan.author.clone());
    let at = plan.open(world)?;
    let name = world.repo(repo)?.full_name();
    Ok(format!("opened {name}#{}: {}", at.number, plan.title))
}

/// By full name, or by the name alone where that is unique.
fn find_repo<'w>(world: &'w World, name: &str) -> Result<&'w Repo, Problem> {
    let known = world.repos.values().find(|repo| {
        repo.fork_of.is_none()
            && (repo.full_name().eq_ignore_ascii_case(name) || repo.slug.eq_ignore_ascii_case(name))
    });
    known.ok_or_else(|| Problem::missing(format!("repository {name:?}")))
}

fn somebody_but(author: &str) -> String {
    if author == "grace" { "alan" } else { "grace" }.to_owned()
}

fn opinion(world: &mut World, at: PullRef, by: &str, opinion: Opinion) -> Result<(), Problem> {
    world.grant(at.repo, by, Permission::Write)?;
    world.give_opinion(at, by, opinion)
}

fn merge(world: &mut World, at: PullRef, by: &str, label: &str) -> Result<String, Problem> {
    world.grant(at.repo, by, Permission::Write)?;
    let mut order = MergeOrder::default();
    let allowed = world.repo(at.repo)?.merge_strategies.first().copied();
    order.strategy = allowed.unwrap_or(order.strategy);
    let merged = world.merge_pull(at, by, &order);
    let sha = merged.map_err(|refusal| Problem::Refused(refusal.to_string()))?;
    Ok(format!("{label} is merged as {}", short(&sha)))
}

/// Reports one build, or all that the head has, or a new one called `ci/build`.
fn report(
    world: &mut World,
    at: PullRef,
    order: &Value,
    state: BuildState,
    label: &str,
) -> Result<String, Problem> {
    let (repo, pull) = world.pull(at)?;
    let (sha, branch) = (pull.source.sha.clone(), pull.source.branch.clone());
    let known = repo.statuses_of(&sha).into_iter();
    let mut keys: Vec<String> = known
        .map(|status| status.key.clone())
        .filter(|key| text(order, "check").is_none_or(|wanted| wanted == key))
        .collect();
    if keys.is_empty() {
        keys.push(text(order, "check").unwrap_or("ci/build").to_owned());
    }
    for key in &keys {
        world.report_status(&NewStatus {
            repo: at.repo,
            sha: &sha,
            key,
            state,
            refname: Some(&branch),
            by: "ci-bot",
        })?;
    }
    Ok(format!(
        "{} says {} on {label}",
        keys.join(", "),
        state.as_str()
    ))
}

fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
