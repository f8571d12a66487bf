//! What the control API shows and does: how `scripts/demo` and a curious person drive the fake.

use serde_json::{Value, json};

use super::actions::MergeOrder;
use super::model::{JobStatus, PullRef, Repo, Role};
use super::story::PullPlan;
use super::world::World;
use crate::fake::Problem;

/// Every project with its open merge requests, in a form to print.
pub(super) fn overview(world: &World) -> Value {
    let repos = world.repos.values().filter(|repo| repo.fork_of.is_none());
    let shown: Vec<Value> = repos
        .map(|repo| {
            let open = repo.pulls.values().filter(|pull| pull.is_open());
            let pulls: Vec<Value> = open
                .map(|pull| {
                    let pipeline = repo.head_pipeline(pull);
                    json!({
                        "number": pull.number,
                        "title": pull.title,
                        "author": pull.author,
                        "draft": pull.is_draft(),
                        "checks": pipeline.map(|own| own.status.as_str()),
                        "approvals": pull.approvals.len(),
                        "mergeable": world.true_status(repo, pull).as_str(),
                    })
                })
                .collect();
            json!({
                "name": repo.full_name(),
                "private": repo.visibility.as_str() == "private",
                "archived": repo.archived,
                "pulls": pulls,
            })
        })
        .collect();
    json!({ "repositories": shown })
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
    let number = number.unwrap_or_default();
    let at = PullRef { repo, number };
    let (found, pull) = world.pull(at)?;
    let label = format!("{}!{number}", found.full_name());
    let author = pull.author.clone();
    let by = text(order, "by").map_or_else(|| somebody_but(&author), str::to_owned);
    match name {
        "push" => {
            let sha = world.push_to_pull(at, None)?;
            Ok(format!("pushed {} to {label}", short(&sha)))
        }
        "approve" | "withdraw" | "request-changes" | "comment" => {
            review(world, at, name, &by)?;
            Ok(format!("{by}: {name} on {label}"))
        }
        "pass" | "fail" | "run" => {
            let job = job(world, at, name, text(order, "check"))?;
            Ok(format!("{job}: {name} on {label}"))
        }
        "draft" | "ready" => {
            world.set_draft(at, name == "draft", &author)?;
            Ok(format!("{label} is {name}"))
        }
        "label" => {
            let word = text(order, "label").unwrap_or("important");
            world.set_label(at, word, true, &author)?;
            Ok(format!("{label} has the label {word}"))
        }
        "conflict" => {
            world.make_conflict(at)?;
            Ok(format!("{label} conflicts with its target branch"))
        }
        "close" => {
            world.close_pull(at, &author)?;
            Ok(format!("{label} is closed"))
        }
        "reopen" => {
            world.reopen_pull(at, &author)?;
            Ok(format!("{label} is open again"))
        }
        "merge" => merge(world, at, &by).map(|()| format!("{label} is merged")),
        _ => Err(Problem::Refused(format!("there is no verb {name:?}"))),
    }
}

fn review(world: &mut World, at: PullRef, name: &str, by: &str) -> Result<(), Problem> {
    world.add_member(at.repo, by, Role::Developer)?;
    match name {
        "approve" => world.approve(at, by),
        "withdraw" => world.withdraw_approval(at, by),
        "request-changes" => world.request_changes(at, by),
        _comment => world.comment(at, "Interesting.", by).map(|_| ()),
    }
}

fn job(world: &mut World, at: PullRef, name: &str, job: Option<&str>) -> Result<String, Problem> {
    let job = job.unwrap_or("build").to_owned();
    let status = match name {
        "pass" => JobStatus::Success,
        "fail" => JobStatus::Failed,
        _run => JobStatus::Running,
    };
    let pipeline = world.ensure_pipeline(at)?;
    world.set_job(at.repo, pipeline, &job, status)?;
    Ok(job)
}

fn merge(world: &mut World, at: PullRef, by: &str) -> Result<(), Problem> {
    world.add_member(at.repo, by, Role::Maintainer)?;
    world
        .merge_pull(at, by, &MergeOrder::default())
        .map(|_| ())
        .map_err(|refusal| Problem::Refused(refusal.to_string()))
}

fn open(world: &mut World, repo: u64, order: &Value) -> Result<String, Problem> {
    let mut plan = PullPlan::new(repo, text(order, "title").unwrap_or("Try something new"));
    if let Some(author) = text(order, "by") {
        author.clone_into(&mut plan.author);
    }
    plan.base = text(order, "base").map(str::to_owned);
    plan.draft = order.get("draft").and_then(Value::as_bool).unwrap_or(false);
    let forked = order.get("fork").and_then(Value::as_bool).unwrap_or(false);
    plan.fork = forked.then(|| plan.author.clone());
    let at = plan.open(world)?;
    let name = world.repo(repo)?.full_name();
    Ok(format!("opened {name}!{}: {}", at.number, plan.title))
}

/// By full name, or by the name alone where that is unique.
fn find_repo<'w>(world: &'w World, name: &str) -> Result<&'w Repo, Problem> {
    let known = world.repos.values().find(|repo| {
        repo.fork_of.is_none()
            && (repo.full_name().eq_ignore_ascii_case(name) || repo.name.eq_ignore_ascii_case(name))
    });
    known.ok_or_else(|| Problem::missing(format!("project {name:?}")))
}

fn somebody_but(author: &str) -> String {
    if author == "grace" { "ada" } else { "grace" }.to_owned()
}

fn short(sha: &str) -> &str {
    sha.get(..8).unwrap_or(sha)
}
