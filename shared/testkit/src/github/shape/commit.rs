//! Commits, commit statuses and what a push lists.

use serde_json::{Value, json};

use super::{merge, node_id, user_of};
use crate::github::model::{Commit, Repo, StatusState, StatusUpdate};
use crate::github::world::{Site, World};

/// A commit as REST answers it.
pub fn commit_full(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let person = json!({
        "name": commit.author,
        "email": super::email_of(&commit.author),
        "date": commit.at,
    });
    let tree = tree_of(commit);
    let parents: Vec<_> = commit
        .parents
        .iter()
        .map(|sha| {
            json!({
                "sha": sha,
                "url": format!("{api}/commits/{sha}"),
                "html_url": commit_html(&world.site, repo, sha),
            })
        })
        .collect();
    json!({
        "sha": commit.sha,
        "node_id": commit_node(commit),
        "commit": {
            "author": person,
            "committer": person,
            "message": commit.message,
            "tree": { "sha": tree, "url": format!("{api}/git/trees/{tree}") },
            "url": format!("{api}/git/commits/{}", commit.sha),
            "comment_count": 0,
            "verification": {
                "verified": false, "reason": "unsigned", "signature": null, "payload": null,
                "verified_at": null,
            },
        },
        "url": format!("{api}/commits/{}", commit.sha),
        "html_url": commit_html(&world.site, repo, &commit.sha),
        "comments_url": format!("{api}/commits/{}/comments", commit.sha),
        "author": user_of(world, &commit.author),
        "committer": user_of(world, &commit.author),
        "parents": parents,
    })
}

/// A commit in a push event.
pub fn push_commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let person = json!({
        "name": commit.author,
        "email": super::email_of(&commit.author),
        "username": commit.author,
    });
    json!({
        "id": commit.sha,
        "tree_id": tree_of(commit),
        "distinct": true,
        "message": commit.message,
        "timestamp": commit.at,
        "url": commit_html(&world.site, repo, &commit.sha),
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": commit.files.keys().collect::<Vec<_>>(),
    })
}

/// The page that compares two commits, or shows one.
pub fn compare_url(site: &Site, repo: &Repo, before: Option<&str>, after: Option<&str>) -> String {
    let short = |sha: &str| sha.get(..12).unwrap_or(sha).to_owned();
    match (before, after) {
        (Some(before), Some(after)) => format!(
            "{}/{}/compare/{}...{}",
            site.html,
            repo.full_name(),
            short(before),
            short(after)
        ),
        (None, Some(sha)) | (Some(sha), None) => commit_html(site, repo, sha),
        (None, None) => format!("{}/{}", site.html, repo.full_name()),
    }
}

/// What `GET …/compare/{base}...{head}` answers for one page of commits.
pub fn compared(
    world: &World,
    repo: &Repo,
    base: &Commit,
    head: &Commit,
    page: &[&Commit],
) -> Value {
    let ahead = world.git.commits_beyond(&head.sha, &base.sha).len();
    let behind = world.git.commits_beyond(&base.sha, &head.sha).len();
    let status = match (ahead, behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        (_, _) => "diverged",
    };
    let name = format!("{}/compare/{}...{}", repo.full_name(), base.sha, head.sha);
    let html = format!("{}/{name}", world.site.html);
    let ground = world.git.merge_base(&base.sha, &head.sha);
    let ground = ground.and_then(|sha| world.git.get(&sha)).unwrap_or(base);
    json!({
        "url": format!("{}/repos/{name}", world.site.api),
        "html_url": html,
        "permalink_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": commit_full(world, repo, base),
        "merge_base_commit": commit_full(world, repo, ground),
        "status": status,
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": page.iter().map(|own| commit_full(world, repo, own)).collect::<Vec<_>>(),
        "files": [],
    })
}

/// A branch in a list.
pub fn branch_list_item(world: &World, repo: &Repo, name: &str, sha: &str) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    json!({
        "name": name,
        "commit": { "sha": sha, "url": format!("{api}/commits/{sha}") },
        "protected": repo.protections.contains_key(name),
    })
}

/// A status in a list.
pub fn rest_status(world: &World, repo: &Repo, status: &StatusUpdate) -> Value {
    let mut value = status_core(world, repo, status);
    merge(
        &mut value,
        json!({ "creator": user_of(world, &status.creator) }),
    );
    value
}

fn status_core(world: &World, repo: &Repo, status: &StatusUpdate) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    json!({
        "url": format!("{api}/statuses/{}", status.sha),
        "avatar_url": user_of(world, &status.creator).get("avatar_url"),
        "id": status.id,
        "node_id": node_id("SC", status.id),
        "state": status.state.as_str(),
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": status.created_at,
        "updated_at": status.created_at,
    })
}

/// What `GET …/commits/{ref}/status` answers for one page of statuses.
pub fn combined_status(world: &World, repo: &Repo, sha: &str, page: &[&StatusUpdate]) -> Value {
    let all = repo.latest_statuses(sha);
    let bad = all
        .iter()
        .any(|s| matches!(s.state, StatusState::Failure | StatusState::Error));
    let good = !all.is_empty() && all.iter().all(|s| s.state == StatusState::Success);
    let state = match (bad, good) {
        (true, _) => "failure",
        (false, true) => "success",
        (false, false) => "pending",
    };
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    json!({
        "state": state,
        "statuses": page.iter().map(|status| status_core(world, repo, status)).collect::<Vec<_>>(),
        "sha": sha,
        "total_count": all.len(),
        "repository": super::repo_in_event(world, repo),
        "commit_url": format!("{api}/commits/{sha}"),
        "url": format!("{api}/commits/{sha}/status"),
    })
}

/// The body of a `status` event.
pub fn status_event(world: &World, repo: &Repo, status: &StatusUpdate) -> Value {
    let commit = world.git.get(&status.sha);
    let branches: Vec<_> = repo
        .branches
        .iter()
        .filter(|(_, head)| **head == status.sha)
        .map(|(name, sha)| branch_list_item(world, repo, name, sha))
        .collect();
    json!({
        "id": status.id,
        "sha": status.sha,
        "name": repo.full_name(),
        "avatar_url": user_of(world, &status.creator).get("avatar_url"),
        "target_url": status.target_url,
        "context": status.context,
        "description": status.description,
        "state": status.state.as_str(),
        "commit": commit.map(|commit| commit_full(world, repo, commit)),
        "branches": branches,
        "created_at": status.created_at,
        "updated_at": status.created_at,
    })
}

/// GraphQL id of a commit.
pub fn commit_node(commit: &Commit) -> String {
    format!("C_{}", commit.sha)
}

/// The SHA of a commit's tree.
pub(super) fn tree_of(commit: &Commit) -> String {
    crate::fake::sha1_hex(format!("tree {}", commit.sha).as_bytes())
}

fn commit_html(site: &Site, repo: &Repo, sha: &str) -> String {
    format!("{}/{}/commit/{sha}", site.html, repo.full_name())
}
