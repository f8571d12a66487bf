//! Check runs, check suites and the app behind them.

use serde_json::{Value, json};

use super::{merge, node_id, user_of};
use crate::github::model::{CheckRun, CheckSuite, PullRef, Repo};
use crate::github::world::World;

/// What `GET …/commits/{ref}/check-runs` lists.
pub fn check_run(world: &World, repo: &Repo, run: &CheckRun) -> Value {
    let mut value = run_core(world, repo, run);
    merge(&mut value, json!({ "check_suite": { "id": run.suite_id } }));
    value
}

/// A run in its own event, with its suite.
pub fn webhook_check_run(world: &World, repo: &Repo, run: &CheckRun) -> Value {
    let mut value = run_core(world, repo, run);
    let suite = repo.check_suites.get(&run.suite_id);
    let suite = suite.map(|suite| suite_core(world, repo, suite));
    merge(&mut value, json!({ "check_suite": suite }));
    value
}

/// A suite in its own event.
pub fn webhook_check_suite(world: &World, repo: &Repo, suite: &CheckSuite) -> Value {
    let mut value = suite_core(world, repo, suite);
    let runs = repo
        .check_runs
        .values()
        .filter(|run| run.suite_id == suite.id)
        .count();
    let own = suite_url(world, repo, suite.id);
    merge(
        &mut value,
        json!({
            "latest_check_runs_count": runs,
            "check_runs_url": format!("{own}/check-runs"),
            "head_commit": head_commit(world, &suite.head_sha),
        }),
    );
    value
}

/// What `GET …/commits/{ref}/check-suites` lists.
pub fn rest_check_suite(world: &World, repo: &Repo, suite: &CheckSuite) -> Value {
    webhook_check_suite(world, repo, suite)
}

/// The open pull requests at a commit, in the short form of checks. Those of forks are never
/// listed: GitHub leaves the list empty for them.
fn pull_stubs(world: &World, repo: &Repo, sha: &str) -> Vec<Value> {
    world
        .open_pulls_at(repo.id, sha)
        .into_iter()
        .filter_map(|at| stub(world, repo, at))
        .collect()
}

fn stub(world: &World, repo: &Repo, at: PullRef) -> Option<Value> {
    let pull = repo
        .pulls
        .get(&at.number)
        .filter(|pull| pull.head.repo == repo.id)?;
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let short = json!({ "id": repo.id, "url": api, "name": repo.name });
    Some(json!({
        "url": format!("{api}/pulls/{}", pull.number),
        "id": pull.id,
        "number": pull.number,
        "head": { "ref": pull.head.branch, "sha": pull.head.sha, "repo": short },
        "base": { "ref": pull.base_branch, "sha": pull.base_sha, "repo": short },
    }))
}

fn run_core(world: &World, repo: &Repo, run: &CheckRun) -> Value {
    let own = format!(
        "{}/repos/{}/check-runs/{}",
        world.site.api,
        repo.full_name(),
        run.id
    );
    let html = format!("{}/{}/runs/{}", world.site.html, repo.full_name(), run.id);
    json!({
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": "",
        "url": own,
        "html_url": html,
        "details_url": html,
        "status": run.status.as_str(),
        "conclusion": run.conclusion.map(crate::github::model::Conclusion::as_str),
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": null,
            "summary": null,
            "text": null,
            "annotations_count": 0,
            "annotations_url": format!("{own}/annotations"),
        },
        "app": app(world, &run.app),
        "pull_requests": pull_stubs(world, repo, &run.head_sha),
    })
}

fn suite_core(world: &World, repo: &Repo, suite: &CheckSuite) -> Value {
    let commit = world.git.get(&suite.head_sha);
    let before = commit.and_then(|commit| commit.parents.first());
    json!({
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": suite.status.as_str(),
        "conclusion": suite.conclusion.map(crate::github::model::Conclusion::as_str),
        "url": suite_url(world, repo, suite.id),
        "before": before,
        "after": suite.head_sha,
        "pull_requests": pull_stubs(world, repo, &suite.head_sha),
        "app": app(world, &suite.app),
        "created_at": suite.created_at,
        "updated_at": suite.updated_at,
    })
}

fn suite_url(world: &World, repo: &Repo, id: u64) -> String {
    format!(
        "{}/repos/{}/check-suites/{id}",
        world.site.api,
        repo.full_name()
    )
}

/// A commit in a few words.
pub(super) fn head_commit(world: &World, sha: &str) -> Value {
    world.git.get(sha).map_or(Value::Null, |commit| {
        let person = json!({
            "name": commit.author,
            "email": super::email_of(&commit.author),
        });
        json!({
            "id": commit.sha,
            "tree_id": super::commit::tree_of(commit),
            "message": commit.message,
            "timestamp": commit.at,
            "author": person,
            "committer": person,
        })
    })
}

/// The app behind a check.
fn app(world: &World, slug: &str) -> Value {
    let digest = crate::fake::sha1_hex(slug.as_bytes());
    let id = u64::from_str_radix(digest.get(..5).unwrap_or("1"), 16).unwrap_or(1);
    let owner = user_of(world, &format!("{slug}[bot]"));
    json!({
        "id": id,
        "slug": slug,
        "node_id": node_id("A", id),
        "owner": owner,
        "name": slug,
        "description": "",
        "external_url": format!("{}/apps/{slug}", world.site.html),
        "html_url": format!("{}/apps/{slug}", world.site.html),
        "created_at": "2019-04-19T19:36:24Z",
        "updated_at": "2019-04-19T19:36:56Z",
        "permissions": { "checks": "write", "contents": "read", "metadata": "read", "pull_requests": "read", "statuses": "write" },
        "events": [],
    })
}
