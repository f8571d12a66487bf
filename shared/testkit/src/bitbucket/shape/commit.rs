//! Commits and branches.

use serde_json::{Value, json};

use super::{account, git_time, link, rendered, repo_short};
use crate::bitbucket::model::{MergeStrategy, Repo, email_of};
use crate::bitbucket::world::{Site, World};
use crate::fake::{Commit, merge, put};

/// The address of something below a repository in the API.
pub(super) fn api(site: &Site, repo: &Repo, rest: &str) -> String {
    format!("{}/repositories/{}/{rest}", site.api, repo.full_name())
}

/// Where a commit is found; `hash` may be a beginning of it.
pub(super) fn commit_links(site: &Site, repo: &Repo, hash: &str) -> Value {
    json!({
        "self": link(api(site, repo, &format!("commit/{hash}"))),
        "html": link(format!("{}/{}/commits/{hash}", site.html, repo.full_name())),
    })
}

/// A commit where it is mentioned; `hash` as long as it is to be shown.
pub(super) fn commit_short(site: &Site, repo: &Repo, hash: &str) -> Value {
    json!({ "type": "commit", "hash": hash, "links": commit_links(site, repo, hash) })
}

/// Who wrote a commit.
fn author(world: &World, commit: &Commit) -> Value {
    let user = world.account(&commit.author);
    let name = user.map_or(commit.author.as_str(), |user| user.name.as_str());
    json!({
        "type": "author",
        "raw": format!("{name} <{}>", email_of(&commit.author)),
        "user": user.map(|user| account(&world.site, user)),
    })
}

/// A commit in a build status: no parents, more links.
pub(super) fn commit_in_status(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let mut shown = commit_short(&world.site, repo, &commit.sha);
    merge(
        &mut shown,
        json!({
            "date": git_time(commit.at),
            "author": author(world, commit),
            "message": commit.message,
        }),
    );
    if let Some(links) = shown.get_mut("links") {
        merge(links, more_links(&world.site, repo, &commit.sha));
    }
    shown
}

fn more_links(site: &Site, repo: &Repo, sha: &str) -> Value {
    json!({
        "diff": link(api(site, repo, &format!("diff/{sha}"))),
        "approve": link(api(site, repo, &format!("commit/{sha}/approve"))),
        "comments": link(api(site, repo, &format!("commit/{sha}/comments"))),
        "statuses": link(api(site, repo, &format!("commit/{sha}/statuses"))),
    })
}

/// A commit that a push lists.
pub(in crate::bitbucket) fn commit_in_push(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let mut shown = commit_at_tip(world, repo, commit);
    if let Some(links) = shown.get_mut("links") {
        merge(links, more_links(&world.site, repo, &commit.sha));
        let patch = api(&world.site, repo, &format!("patch/{}", commit.sha));
        put(links, "patch", link(patch));
    }
    shown
}

/// A commit a branch points at.
fn commit_at_tip(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let mut shown = commit_short(&world.site, repo, &commit.sha);
    let parents = commit.parents.iter();
    let parents: Vec<Value> = parents
        .map(|sha| commit_short(&world.site, repo, sha))
        .collect();
    merge(
        &mut shown,
        json!({
            "date": git_time(commit.at),
            "author": author(world, commit),
            "committer": {},
            "message": commit.message,
            "summary": rendered(&commit.message),
            "parents": parents,
            "rendered": {},
            "properties": {},
        }),
    );
    shown
}

/// A commit as the API shows it.
pub(in crate::bitbucket) fn commit(world: &World, repo: &Repo, commit: &Commit) -> Value {
    let mut shown = commit_in_push(world, repo, commit);
    if let Value::Object(map) = &mut shown {
        map.remove("properties");
    }
    put(
        &mut shown,
        "rendered",
        json!({ "message": rendered(&commit.message) }),
    );
    put(&mut shown, "repository", repo_short(&world.site, repo));
    shown
}

/// What all branches of a repository say about merging.
fn strategies(repo: &Repo) -> Value {
    let words: Vec<&str> = repo
        .merge_strategies
        .iter()
        .map(|own| MergeStrategy::as_str(*own))
        .collect();
    json!({ "merge_strategies": words, "default_merge_strategy": words.first() })
}

fn branch_links(site: &Site, repo: &Repo, name: &str) -> Value {
    json!({
        "self": link(api(site, repo, &format!("refs/branches/{name}"))),
        "commits": link(api(site, repo, &format!("commits/{name}"))),
        "html": link(format!("{}/{}/branch/{name}", site.html, repo.full_name())),
    })
}

/// A branch in a push.
pub(in crate::bitbucket) fn branch_in_push(
    world: &World,
    repo: &Repo,
    name: &str,
    sha: &str,
) -> Value {
    let target = world.git.get(sha);
    let mut shown = json!({
        "type": "branch",
        "name": name,
        "target": target.map(|target| commit_at_tip(world, repo, target)),
        "links": branch_links(&world.site, repo, name),
    });
    merge(&mut shown, strategies(repo));
    if name != repo.main_branch {
        let page = format!("{}/{}", world.site.html, repo.full_name());
        let new = format!("{page}/pull-requests/new?source={name}&t=1");
        put(
            &mut shown,
            "sync_strategies",
            json!(["merge_commit", "rebase"]),
        );
        if let Some(links) = shown.get_mut("links") {
            put(links, "pullrequest_create", link(new));
        }
    }
    shown
}

/// A branch as the API shows it.
pub(in crate::bitbucket) fn branch(world: &World, repo: &Repo, name: &str, sha: &str) -> Value {
    let mut shown = branch_in_push(world, repo, name, sha);
    let target = world.git.get(sha);
    let target = target.map(|target| commit(world, repo, target));
    put(&mut shown, "target", json!(target));
    shown
}

/// The links of a change in a push.
pub(in crate::bitbucket) fn push_links(
    site: &Site,
    repo: &Repo,
    before: Option<&str>,
    after: &str,
) -> Value {
    let exclude = before.map_or_else(String::new, |before| format!("&exclude={before}"));
    let commits = format!("commits?include={after}{exclude}");
    let range = before.map_or_else(|| after.to_owned(), |before| format!("{after}..{before}"));
    let page = format!(
        "{}/{}/branches/compare/{range}",
        site.html,
        repo.full_name()
    );
    json!({
        "commits": link(api(site, repo, &commits)),
        "diff": link(api(site, repo, &format!("diff/{range}"))),
        "html": link(page),
    })
}
