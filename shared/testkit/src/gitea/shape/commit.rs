//! Commits and their statuses.

use serde_json::{Value, json};

use super::{email_of, repository, time, user};
use crate::fake::{Commit, sha1_hex};
use crate::gitea::judge;
use crate::gitea::model::{Repo, StatusState, StatusUpdate};
use crate::gitea::world::World;

/// A commit as pushes and branches carry it.
pub fn payload_commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let person = json!({
        "name": commit.author,
        "email": email_of(&commit.author),
        "username": commit.author,
    });
    json!({
        "id": commit.sha,
        "message": format!("{}\n", commit.message),
        "url": format!("{}/{}/commit/{}", world.site, repo.full_name(), commit.sha),
        "author": person,
        "committer": person,
        "verification": null,
        "timestamp": time(commit.at),
        "added": [],
        "removed": [],
        "modified": commit.files.keys().collect::<Vec<_>>(),
    })
}

/// A commit as the API lists it.
pub fn commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let api = format!("{}/repos/{}/git", world.api(), repo.full_name());
    let html = format!("{}/{}/commit/{}", world.site, repo.full_name(), commit.sha);
    let person = json!({
        "name": commit.author,
        "email": email_of(&commit.author),
        "date": time(commit.at),
    });
    let account = world
        .user(&commit.author)
        .map_or(Value::Null, |own| user(world, own));
    let parents: Vec<Value> = commit
        .parents
        .iter()
        .map(|sha| json!({ "url": format!("{api}/commits/{sha}"), "sha": sha, "created": super::NO_TIME }))
        .collect();
    let files: Vec<Value> = commit
        .files
        .keys()
        .map(|name| json!({ "filename": name, "status": "modified" }))
        .collect();
    let tree = sha1_hex(format!("tree {}", commit.sha).as_bytes());
    json!({
        "url": format!("{api}/commits/{}", commit.sha),
        "sha": commit.sha,
        "created": time(commit.at),
        "html_url": html,
        "commit": {
            "url": format!("{api}/commits/{}", commit.sha),
            "author": person,
            "committer": person,
            "message": format!("{}\n", commit.message),
            "tree": { "url": format!("{api}/trees/{tree}"), "sha": tree, "created": time(commit.at) },
            "verification": null,
        },
        "author": account,
        "committer": account,
        "parents": parents,
        "files": files,
        "stats": { "total": commit.files.len(), "additions": commit.files.len(), "deletions": 0 },
    })
}

/// What `base...head` is, newest commit first.
pub fn compare(world: &World, repo: &Repo, base: &str, head: &str) -> Value {
    let commits: Vec<Value> = world
        .git
        .commits_beyond(head, base)
        .into_iter()
        .rev()
        .map(|own| commit(world, repo, own))
        .collect();
    json!({ "total_commits": commits.len(), "commits": commits })
}

/// Where people compare two commits.
pub fn compare_url(world: &World, repo: &Repo, before: &str, after: &str) -> String {
    let name = repo.full_name();
    format!("{}/{name}/compare/{before}...{after}", world.site)
}

/// Where a status leads.
pub fn target_url(world: &World, repo: &Repo, status: &StatusUpdate) -> String {
    let name = repo.full_name();
    format!("{}/{name}/actions/runs/{}", world.site, status.id)
}

/// One status.
pub fn status(world: &World, repo: &Repo, status: &StatusUpdate) -> Value {
    let creator = world
        .user(&status.creator)
        .map_or(Value::Null, |own| user(world, own));
    let api = format!("{}/repos/{}", world.api(), repo.full_name());
    json!({
        "id": status.id,
        "status": status.state.as_str(),
        "target_url": target_url(world, repo, status),
        "description": status.description,
        "url": format!("{api}/statuses/{}", status.sha),
        "context": status.context,
        "creator": creator,
        "created_at": time(status.created_at),
        "updated_at": time(status.created_at),
    })
}

/// Everything known about a commit; all of it empty if nothing is.
pub fn combined_status(
    world: &World,
    repo: &Repo,
    sha: &str,
    page: &[&StatusUpdate],
    total: usize,
) -> Value {
    let Some(state) = judge::combined(repo, sha) else {
        return json!({
            "state": "", "sha": "", "total_count": 0, "statuses": null,
            "repository": null, "commit_url": "", "url": "",
        });
    };
    let api = format!("{}/repos/{}", world.api(), repo.full_name());
    let statuses: Vec<Value> = page.iter().map(|own| status(world, repo, own)).collect();
    json!({
        "state": state_word(state),
        "sha": sha,
        "total_count": total,
        "statuses": statuses,
        "repository": repository(world, repo, None),
        "commit_url": format!("{api}/commits/{sha}"),
        "url": format!("{api}/commits/{sha}/status"),
    })
}

/// A commit on which all was skipped has succeeded.
fn state_word(state: StatusState) -> &'static str {
    match state {
        StatusState::Skipped | StatusState::Success => "success",
        StatusState::Pending => "pending",
        StatusState::Warning => "warning",
        StatusState::Failure => "failure",
        StatusState::Error => "error",
    }
}
