//! Projects in REST, and the several forms webhooks carry.

use serde_json::{Value, json};

use super::rest_time;
use crate::fake::merge;
use crate::gitlab::model::{Repo, UserKind};
use crate::gitlab::world::{Site, World};

/// Where people find a project.
pub(super) fn web_url(site: &Site, repo: &Repo) -> String {
    format!("{}/{}", site.html, repo.full_name())
}

/// Where Git finds a project over HTTP.
pub fn http_url(site: &Site, repo: &Repo) -> String {
    format!("{}.git", web_url(site, repo))
}

/// Where Git finds a project over SSH.
pub fn ssh_url(site: &Site, repo: &Repo) -> String {
    format!("git@{}:{}.git", site.host(), repo.full_name())
}

fn namespace_name(world: &World, repo: &Repo) -> String {
    world
        .user(&repo.owner)
        .map_or_else(|| repo.owner.clone(), |owner| owner.name.clone())
}

/// A project in a webhook.
pub fn hook_project(world: &World, repo: &Repo) -> Value {
    let mut value = hook_project_in_pipeline(world, repo);
    let (site, web) = (&world.site, web_url(&world.site, repo));
    merge(
        &mut value,
        json!({
            "homepage": web,
            "url": ssh_url(site, repo),
            "ssh_url": ssh_url(site, repo),
            "http_url": http_url(site, repo),
        }),
    );
    value
}

/// A project in a pipeline event: without the older names of the addresses.
pub fn hook_project_in_pipeline(world: &World, repo: &Repo) -> Value {
    let site = &world.site;
    json!({
        "id": repo.id,
        "name": repo.name,
        "description": repo.description,
        "web_url": web_url(site, repo),
        "avatar_url": null,
        "git_ssh_url": ssh_url(site, repo),
        "git_http_url": http_url(site, repo),
        "namespace": namespace_name(world, repo),
        "visibility_level": repo.visibility.level(),
        "path_with_namespace": repo.full_name(),
        "default_branch": repo.default_branch,
        "ci_config_path": "",
    })
}

/// The older `repository` of webhooks.
pub fn hook_repository(site: &Site, repo: &Repo) -> Value {
    json!({
        "name": repo.name,
        "url": ssh_url(site, repo),
        "description": repo.description,
        "homepage": web_url(site, repo),
    })
}

/// What `GET /projects/:id` answers to a login.
pub fn rest_project(world: &World, repo: &Repo, login: &str) -> Value {
    let site = &world.site;
    let own = format!("{}/projects/{}", site.api(), repo.id);
    let access = world
        .role(repo, login)
        .map(|role| json!({ "access_level": role.level(), "notification_level": 3 }));
    let open = repo.pulls.values().filter(|pull| pull.is_open()).count();
    let mut value = json!({
        "id": repo.id,
        "description": repo.description,
        "name": repo.name,
        "name_with_namespace": format!("{} / {}", namespace_name(world, repo), repo.name),
        "path": repo.name,
        "path_with_namespace": repo.full_name(),
        "created_at": rest_time(repo.created_at),
        "updated_at": rest_time(repo.updated_at),
        "default_branch": repo.default_branch,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": ssh_url(site, repo),
        "http_url_to_repo": http_url(site, repo),
        "web_url": web_url(site, repo),
        "readme_url": format!("{}/-/blob/{}/README.md", web_url(site, repo), repo.default_branch),
        "forks_count": 0,
        "avatar_url": null,
        "star_count": 0,
        "last_activity_at": rest_time(repo.last_activity_at),
        "visibility": repo.visibility.as_str(),
        "namespace": namespace(world, repo),
        "_links": {
            "self": own,
            "merge_requests": format!("{own}/merge_requests"),
            "repo_branches": format!("{own}/repository/branches"),
            "labels": format!("{own}/labels"),
            "events": format!("{own}/events"),
            "members": format!("{own}/members"),
        },
        "empty_repo": repo.branches.is_empty(),
        "archived": repo.archived,
        "merge_requests_enabled": true,
        "jobs_enabled": true,
        "creator_id": repo.id,
        "import_status": "none",
        "open_issues_count": 0,
        "open_merge_requests_count": open,
        "ci_config_path": "",
        "permissions": { "project_access": access, "group_access": null },
    });
    merge(&mut value, rules(repo));
    if let Some(source) = repo.fork_of.and_then(|id| world.repos.get(&id)) {
        let shown = json!({ "forked_from_project": {
            "id": source.id,
            "path_with_namespace": source.full_name(),
            "web_url": web_url(site, source),
        } });
        merge(&mut value, shown);
    }
    value
}

fn rules(repo: &Repo) -> Value {
    let rules = &repo.rules;
    json!({
        "only_allow_merge_if_pipeline_succeeds": rules.pipeline_must_succeed,
        "allow_merge_on_skipped_pipeline": rules.skipped_pipeline_passes,
        "only_allow_merge_if_all_discussions_are_resolved": rules.discussions_must_resolve,
        "remove_source_branch_after_merge": rules.remove_source_branch,
        "merge_method": rules.merge_method.as_str(),
        "squash_option": rules.squash.as_str(),
        "merge_pipelines_enabled": false,
        "merge_trains_enabled": rules.merge_trains,
        "approvals_before_merge": rules.approvals_required,
        "merge_commit_template": null,
        "squash_commit_template": null,
        "autoclose_referenced_issues": true,
        "printing_merge_request_link_enabled": true,
        "prevent_merge_without_jira_issue": false,
        "request_access_enabled": true,
    })
}

fn namespace(world: &World, repo: &Repo) -> Value {
    let owner = world.user(&repo.owner);
    let kind = match owner.map(|owner| owner.kind) {
        Some(UserKind::Person | UserKind::Bot) => "user",
        Some(UserKind::Group) | None => "group",
    };
    json!({
        "id": owner.map(|owner| owner.id),
        "name": namespace_name(world, repo),
        "path": repo.owner.rsplit('/').next(),
        "kind": kind,
        "full_path": repo.owner,
        "parent_id": null,
        "avatar_url": null,
        "web_url": format!("{}/{}", world.site.html, repo.owner),
    })
}
