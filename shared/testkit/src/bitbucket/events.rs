//! What webhook bodies are made of.

use serde_json::{Value, json};

use super::model::{Account, Pull, Repo};
use super::shape;
use super::world::World;
use crate::fake::put;

/// So many commits a push lists; `truncated` says that there are more.
const LISTED_COMMITS: usize = 5;

/// Adds the repository and who did it.
pub(super) fn complete(world: &World, repo: &Repo, actor: &Account, body: &mut Value) {
    put(body, "repository", shape::repo_in_event(world, repo));
    put(body, "actor", shape::account(&world.site, actor));
}

/// A pull request as webhooks show it.
pub(super) fn pull(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let mut shown = shape::pull(world, repo, pull);
    // Webhooks say which ways there are to bring the source up to date.
    let branch = json!({
        "name": pull.source.branch,
        "links": {},
        "sync_strategies": ["merge_commit", "rebase"],
    });
    if let Some(source) = shown.get_mut("source") {
        put(source, "branch", branch);
    }
    shown
}

/// What a rename changed.
pub(super) fn renamed(world: &World, before: &Repo, after: &Repo) -> Value {
    let links = |repo: &Repo| shape::repo_links(&world.site, repo);
    json!({
        "changes": {
            "name": { "old": before.name, "new": after.name },
            "full_name": { "old": before.full_name(), "new": after.full_name() },
            "links": { "old": links(before), "new": links(after) },
        },
    })
}

/// What a push did to one branch.
pub(super) fn push_change(
    world: &World,
    repo: &Repo,
    branch: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> Value {
    let base = before.or_else(|| repo.head_of(&repo.main_branch).filter(|_| after.is_some()));
    let fresh = match (base, after) {
        (Some(base), Some(after)) => world.git.commits_beyond(after, base),
        (None | Some(_), None | Some(_)) => Vec::new(),
    };
    let forced = match (before, after) {
        (Some(before), Some(after)) => world.git.is_behind(after, before),
        (None | Some(_), None | Some(_)) => false,
    };
    let shown = |sha: &str| shape::branch_in_push(world, repo, branch, sha);
    let mut change = json!({
        "old": before.map(shown),
        "new": after.map(shown),
        "created": before.is_none(),
        "closed": after.is_none(),
        "forced": forced,
        "truncated": fresh.len() > LISTED_COMMITS,
    });
    // A branch that is gone has no commits to list and nothing to compare.
    if let Some(after) = after {
        let newest_first = fresh.iter().rev().take(LISTED_COMMITS);
        let commits: Vec<Value> = newest_first
            .map(|commit| shape::commit_in_push(world, repo, commit))
            .collect();
        put(&mut change, "commits", json!(commits));
        put(
            &mut change,
            "links",
            shape::push_links(&world.site, repo, before, after),
        );
    }
    change
}
