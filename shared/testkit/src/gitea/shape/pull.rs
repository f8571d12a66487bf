//! Pull requests, and the issue each of them is, too.

use serde_json::{Value, json};

use super::{maybe_time, repository, time, user};
use crate::gitea::model::{Label, Pull, Repo, User};
use crate::gitea::world::World;

fn user_of(world: &World, login: &str) -> Value {
    world
        .user(login)
        .map_or(Value::Null, |own| user(world, own))
}

fn html_of(world: &World, repo: &Repo, pull: &Pull) -> String {
    format!("{}/{}/pulls/{}", world.site, repo.full_name(), pull.number)
}

fn label(world: &World, repo: &Repo, label: &Label) -> Value {
    let api = format!("{}/repos/{}", world.api(), repo.full_name());
    json!({
        "id": label.id,
        "name": label.name,
        "exclusive": false,
        "is_archived": false,
        "color": label.color,
        "description": "",
        "url": format!("{api}/labels/{}", label.id),
    })
}

fn labels(world: &World, repo: &Repo, pull: &Pull) -> Vec<Value> {
    let known = pull.labels.iter().filter_map(|name| repo.labels.get(name));
    known.map(|own| label(world, repo, own)).collect()
}

fn state(pull: &Pull) -> &'static str {
    if pull.is_open() { "open" } else { "closed" }
}

/// A pull request, in REST and webhooks alike.
pub fn pull(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let html = html_of(world, repo, pull);
    let merged = pull.merged.as_ref();
    let requested: Vec<Value> = pull
        .requested_reviewers()
        .into_iter()
        .map(|login| user_of(world, login))
        .collect();
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let merge_base = world
        .git
        .merge_base(&pull.head.sha, base)
        .unwrap_or_default();
    let changed = world.git.changed_files(&pull.head.sha, &pull.base_sha);
    let mut value = json!({
        "id": pull.id,
        // The page and not the API, as `html_url`.
        "url": html,
        "number": pull.number,
        "user": user_of(world, &pull.author),
        "title": pull.title,
        "body": pull.body,
        "labels": labels(world, repo, pull),
        "milestone": null,
        "assignee": null,
        "assignees": null,
        "requested_reviewers": if requested.is_empty() { Value::Null } else { json!(requested) },
        "requested_reviewers_teams": null,
        "state": state(pull),
        "draft": pull.is_draft(),
        "is_locked": false,
        "comments": pull.comments,
        "additions": changed.len(),
        "deletions": 0,
        "changed_files": changed.len(),
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "mergeable": world.mergeable(repo, pull),
    });
    let rest = json!({
        "merged": merged.is_some(),
        "merged_at": maybe_time(merged.map(|merge| merge.at)),
        "merge_commit_sha": merged.map(|merge| &merge.sha),
        "merged_by": merged.map_or(Value::Null, |merge| user_of(world, &merge.by)),
        "allow_maintainer_edit": false,
        "base": {
            "label": pull.base_branch,
            "ref": pull.base_branch,
            "sha": base,
            "repo_id": repo.id,
            "repo": repository(world, repo, None),
        },
        "head": head(world, pull),
        "merge_base": merge_base,
        "due_date": null,
        "created_at": time(pull.created_at),
        "updated_at": time(pull.updated_at),
        "closed_at": maybe_time(pull.closed_at),
        "pin_order": 0,
    });
    crate::fake::merge(&mut value, rest);
    value
}

/// The head: without its branch it has a name of its own, without its repository none at all.
fn head(world: &World, pull: &Pull) -> Value {
    let from = world.repo(pull.head.repo).ok();
    let alive = from.is_some_and(|repo| repo.head_of(&pull.head.branch).is_some());
    let name = if alive {
        pull.head.branch.clone()
    } else {
        format!("refs/pull/{}/head", pull.number)
    };
    json!({
        "label": pull.head.branch,
        "ref": name,
        "sha": pull.head.sha,
        "repo_id": from.map_or(json!(-1), |repo| json!(repo.id)),
        "repo": from.map_or(Value::Null, |repo| repository(world, repo, None)),
    })
}

/// A pull request as the issue it is.
pub fn issue(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let owner = world
        .user(&repo.owner)
        .map_or("", |owner| owner.login.as_str());
    let api = format!("{}/repos/{}", world.api(), repo.full_name());
    let merged = pull.merged.as_ref();
    json!({
        "id": pull.id,
        "url": format!("{api}/issues/{}", pull.number),
        "html_url": html_of(world, repo, pull),
        "number": pull.number,
        "user": user_of(world, &pull.author),
        "original_author": "",
        "original_author_id": 0,
        "title": pull.title,
        "body": pull.body,
        "ref": "",
        "labels": labels(world, repo, pull),
        "milestone": null,
        "assignee": null,
        "assignees": null,
        "state": state(pull),
        "is_locked": false,
        "comments": pull.comments,
        "created_at": time(pull.created_at),
        "updated_at": time(pull.updated_at),
        "closed_at": maybe_time(pull.closed_at),
        "due_date": null,
        "pull_request": {
            "merged": merged.is_some(),
            "merged_at": maybe_time(merged.map(|merge| merge.at)),
        },
        "repository": {
            "id": repo.id,
            "name": repo.name,
            "owner": owner,
            "full_name": repo.full_name(),
        },
    })
}

/// A comment on the conversation.
pub fn comment(
    world: &World,
    (repo, pull): (&Repo, &Pull),
    author: &User,
    (id, text): (u64, &str),
) -> Value {
    let html = html_of(world, repo, pull);
    json!({
        "id": id,
        "html_url": format!("{html}#issuecomment-{id}"),
        "pull_request_url": html,
        "issue_url": "",
        "user": user(world, author),
        "original_author": "",
        "original_author_id": 0,
        "body": text,
        "created_at": time(pull.updated_at),
        "updated_at": time(pull.updated_at),
    })
}
