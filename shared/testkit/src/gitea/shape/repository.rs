//! Repositories, branches and rules.

use serde_json::{Value, json};

use super::{NO_TIME, payload_commit, time, user};
use crate::gitea::model::{Power, Protection, Repo};
use crate::gitea::world::World;

/// A repository as `viewer` sees it; `None` is who sends no token.
pub fn repository(world: &World, repo: &Repo, viewer: Option<&str>) -> Value {
    let mut value = core(world, repo, viewer);
    let parent = repo.fork_of.and_then(|id| world.repo(id).ok());
    if let (Value::Object(map), Some(parent)) = (&mut value, parent) {
        map.insert("parent".to_owned(), core(world, parent, viewer));
    }
    value
}

fn core(world: &World, repo: &Repo, viewer: Option<&str>) -> Value {
    let owner = world
        .user(&repo.owner)
        .map_or(Value::Null, |owner| user(world, owner));
    let html = format!("{}/{}", world.site, repo.full_name());
    let api = format!("{}/repos/{}", world.api(), repo.full_name());
    let power = repo.power_of(viewer);
    let forks = world
        .repos
        .values()
        .filter(|other| other.fork_of == Some(repo.id))
        .count();
    let archived_at = repo
        .archived_at
        .map_or_else(|| json!("1970-01-01T00:00:00Z"), time);
    let styles = repo.merge_styles;
    let mut value = json!({
        "id": repo.id,
        "owner": owner,
        "name": repo.name,
        "full_name": repo.full_name(),
        "description": "",
        "empty": repo.branches.is_empty(),
        "private": repo.private,
        "fork": repo.fork_of.is_some(),
        "template": false,
        "parent": null,
        "mirror": false,
        "size": 24,
        "language": "",
        "languages_url": format!("{api}/languages"),
        "html_url": html,
        "url": api,
        "link": "",
        "ssh_url": format!("git@{}:{}.git", host(&world.site), repo.full_name()),
        "clone_url": format!("{html}.git"),
        "original_url": "",
        "website": "",
        "stars_count": 0,
        "forks_count": forks,
        "watchers_count": 1,
        "open_issues_count": 0,
        "open_pr_counter": repo.open_pulls(),
        "release_counter": 0,
        "default_branch": repo.default_branch,
        "archived": repo.is_archived(),
        "created_at": time(repo.created_at),
        "updated_at": time(repo.updated_at),
        "archived_at": archived_at,
    });
    let settings = json!({
        "permissions": {
            "admin": power >= Power::Admin,
            "push": power >= Power::Write,
            "pull": power >= Power::Read,
        },
        "has_issues": true,
        "internal_tracker": {
            "enable_time_tracker": true,
            "allow_only_contributors_to_track_time": true,
            "enable_issue_dependencies": true,
        },
        "has_wiki": true,
        "has_pull_requests": true,
        "has_projects": true,
        "has_releases": true,
        "has_packages": true,
        "has_actions": true,
        "ignore_whitespace_conflicts": false,
        "allow_merge_commits": styles.merge,
        "allow_rebase": styles.rebase,
        "allow_rebase_explicit": styles.rebase_merge,
        "allow_squash_merge": styles.squash,
        "allow_fast_forward_only_merge": styles.fast_forward_only,
        "allow_rebase_update": true,
        "default_delete_branch_after_merge": repo.delete_branch_after_merge,
        "default_merge_style": "merge",
        "default_allow_maintainer_edit": false,
        "avatar_url": "",
        "internal": false,
        "mirror_interval": "",
        "object_format_name": "sha1",
        "mirror_updated": NO_TIME,
        "repo_transfer": null,
    });
    crate::fake::merge(&mut value, settings);
    value
}

fn host(site: &str) -> &str {
    site.split_once("://").map_or(site, |(_, host)| host)
}

/// A branch, with what its rules ask for. Everybody who reads the repository sees this much.
pub fn branch(world: &World, repo: &Repo, name: &str, viewer: Option<&str>) -> Option<Value> {
    let commit = world.git.get(repo.head_of(name)?)?;
    let rule = repo.protection(name);
    let power = repo.power_of(viewer);
    Some(json!({
        "name": name,
        "commit": payload_commit(world, repo, commit),
        "protected": rule.is_some(),
        "required_approvals": rule.map_or(0, |rule| rule.required_approvals),
        "enable_status_check": rule.is_some_and(|rule| rule.status_check),
        "status_check_contexts": rule.map(|rule| rule.status_check_contexts.clone()).unwrap_or_default(),
        "user_can_push": rule.is_none() && power >= Power::Write,
        "user_can_merge": power >= Power::Write,
        "effective_branch_protection_name": rule.map_or("", |_| name),
    }))
}

/// The rules of a branch, as an administrator of the repository sees them.
pub fn protection(repo: &Repo, name: &str, rule: &Protection) -> Value {
    json!({
        "branch_name": name,
        "rule_name": name,
        "priority": 0,
        "enable_push": false,
        "enable_push_whitelist": false,
        "push_whitelist_usernames": [],
        "push_whitelist_teams": [],
        "push_whitelist_deploy_keys": false,
        "enable_merge_whitelist": false,
        "merge_whitelist_usernames": [],
        "merge_whitelist_teams": [],
        "enable_status_check": rule.status_check,
        "status_check_contexts": rule.status_check_contexts,
        "required_approvals": rule.required_approvals,
        "enable_approvals_whitelist": false,
        "approvals_whitelist_username": [],
        "approvals_whitelist_teams": [],
        "block_on_rejected_reviews": rule.block_on_rejected_reviews,
        "block_on_official_review_requests": rule.block_on_official_review_requests,
        "block_on_outdated_branch": rule.block_on_outdated_branch,
        "dismiss_stale_approvals": rule.dismiss_stale_approvals,
        "ignore_stale_approvals": rule.ignore_stale_approvals,
        "require_signed_commits": false,
        "protected_file_patterns": "",
        "unprotected_file_patterns": "",
        "block_admin_merge_override": false,
        "created_at": time(repo.created_at),
        "updated_at": time(repo.updated_at),
    })
}
