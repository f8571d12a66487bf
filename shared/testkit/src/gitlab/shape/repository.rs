//! Commits, branches, rules of branches, and comparisons.

use serde_json::{Value, json};

use super::project::web_url;
use super::rest_time;
use super::time::commit_time;
use crate::fake::{Commit, merge};
use crate::gitlab::model::{ProtectedBranch, Repo, Role};
use crate::gitlab::world::World;

fn title_of(commit: &Commit) -> &str {
    commit.message.lines().next().unwrap_or_default()
}

fn name_of(world: &World, login: &str) -> String {
    world
        .user(login)
        .map_or_else(|| login.to_owned(), |user| user.name.clone())
}

fn email_of(login: &str) -> String {
    format!("{login}@users.noreply.gitlab.example")
}

fn commit_url(world: &World, repo: &Repo, sha: &str) -> String {
    format!("{}/-/commit/{sha}", web_url(&world.site, repo))
}

/// A commit in a webhook.
pub fn hook_commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    json!({
        "id": commit.sha,
        "message": commit.message,
        "title": title_of(commit),
        "timestamp": commit_time(commit.at),
        "url": commit_url(world, repo, &commit.sha),
        "author": {
            "name": name_of(world, &commit.author),
            "email": email_of(&commit.author),
        },
    })
}

/// A commit in a push: with its files.
pub fn hook_commit_with_files(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let mut value = hook_commit(world, repo, commit);
    let files: Vec<&String> = commit.files.keys().collect();
    merge(
        &mut value,
        json!({ "added": [], "modified": files, "removed": [] }),
    );
    value
}

/// A commit in REST.
pub fn rest_commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let (name, email) = (name_of(world, &commit.author), email_of(&commit.author));
    let at = rest_time(commit.at);
    json!({
        "id": commit.sha,
        "short_id": commit.sha.get(..8),
        "created_at": at,
        "parent_ids": commit.parents,
        "title": title_of(commit),
        "message": commit.message,
        "author_name": name,
        "author_email": email,
        "authored_date": at,
        "committer_name": name,
        "committer_email": email,
        "committed_date": at,
        "trailers": {},
        "extended_trailers": {},
        "web_url": commit_url(world, repo, &commit.sha),
    })
}

/// What `GET …/repository/branches/:branch` answers.
pub fn rest_branch(world: &World, repo: &Repo, name: &str, sha: &str) -> Value {
    let commit = world.git.get(sha);
    let default = name == repo.default_branch;
    json!({
        "name": name,
        "commit": commit.map(|commit| rest_commit(world, repo, commit)),
        "merged": false,
        "protected": repo.protection(name).is_some(),
        "developers_can_push": false,
        "developers_can_merge": false,
        "can_push": true,
        "default": default,
        "web_url": format!("{}/-/tree/{name}", web_url(&world.site, repo)),
    })
}

/// What `GET …/protected_branches/:name` answers.
pub fn rest_protected_branch(rule: &ProtectedBranch) -> Value {
    json!({
        "id": rule.id,
        "name": rule.name,
        "push_access_levels": [level(rule.id, rule.push)],
        "merge_access_levels": [level(rule.id, rule.merge)],
        "unprotect_access_levels": [],
        "allow_force_push": rule.allow_force_push,
        "code_owner_approval_required": false,
        "inherited": false,
    })
}

fn level(id: u64, role: Option<Role>) -> Value {
    let (number, words) = match role {
        None => (0, "No one"),
        Some(Role::Guest | Role::Reporter | Role::Developer) => (30, "Developers + Maintainers"),
        Some(Role::Maintainer | Role::Owner) => (40, "Maintainers"),
    };
    json!({
        "id": id,
        "access_level": number,
        "access_level_description": words,
        "user_id": null,
        "group_id": null,
        "deploy_key_id": null,
    })
}

/// What `GET …/repository/compare` answers: what `to` has beyond `from`.
pub fn rest_compare(world: &World, repo: &Repo, from: &str, to: &str) -> Value {
    let commits: Vec<Value> = world
        .git
        .commits_beyond(to, from)
        .into_iter()
        .map(|commit| rest_commit(world, repo, commit))
        .collect();
    let diffs: Vec<Value> = world
        .git
        .changed_files(to, from)
        .keys()
        .map(|path| {
            json!({
                "diff": "@@ -1 +1 @@",
                "collapsed": false,
                "too_large": false,
                "new_path": path,
                "old_path": path,
                "a_mode": "100644",
                "b_mode": "100644",
                "new_file": false,
                "renamed_file": false,
                "deleted_file": false,
                "generated_file": null,
            })
        })
        .collect();
    let url = web_url(&world.site, repo);
    json!({
        "commit": commits.last(),
        "commits": commits,
        "diffs": diffs,
        "compare_timeout": false,
        "compare_same_ref": from == to,
        "web_url": format!("{url}/-/compare/{from}...{to}"),
    })
}
