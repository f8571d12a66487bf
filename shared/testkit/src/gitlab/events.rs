//! The bodies of webhooks.
//! <https://docs.gitlab.com/user/project/integrations/webhook_events/>

use serde_json::{Value, json};

use super::model::{Pipeline, Pull, Repo, User};
use super::shape;
use super::world::World;
use crate::fake::{merge, put};

/// An event, before it is signed for each hook.
pub(super) struct Event {
    /// `X-Gitlab-Event`.
    pub(super) header: &'static str,
    /// The flag of a hook that asks for it.
    pub(super) flag: &'static str,
    /// The body.
    pub(super) body: Value,
}

const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// What is special about one merge request event.
#[derive(Default)]
pub(super) struct PullEvent {
    /// `open`, `update`, `approved`...; none for a test.
    pub(super) action: Option<&'static str>,
    /// What changed: name to `previous` and `current`.
    pub(super) changes: Value,
    /// The head before a push.
    pub(super) oldrev: Option<String>,
    /// Why GitLab did it by itself.
    pub(super) system_action: Option<&'static str>,
}

/// A `merge_request` event.
pub(super) fn pull(world: &World, repo: &Repo, pull: &Pull, by: &User, what: &PullEvent) -> Event {
    let mut attributes = shape::hook_pull(world, repo, pull);
    put(
        &mut attributes,
        "system",
        json!(what.system_action.is_some()),
    );
    if let Some(action) = what.action {
        put(&mut attributes, "action", json!(action));
    }
    if let Some(oldrev) = &what.oldrev {
        put(&mut attributes, "oldrev", json!(oldrev));
    }
    if let Some(action) = what.system_action {
        put(&mut attributes, "system_action", json!(action));
    }
    let changes = if what.changes.is_null() {
        json!({})
    } else {
        what.changes.clone()
    };
    let mut body = json!({
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": shape::hook_user(&world.site, by),
        "project": shape::hook_project(world, repo),
        "object_attributes": attributes,
        "labels": shape::hook_labels(repo, pull),
        "changes": changes,
        "repository": shape::hook_repository(&world.site, repo),
    });
    if !pull.reviewers.is_empty() {
        put(
            &mut body,
            "reviewers",
            shape::hook_reviewers(world, pull, None),
        );
    }
    Event {
        header: "Merge Request Hook",
        flag: "merge_requests_events",
        body,
    }
}

/// What a push moved.
pub(super) struct Push<'a> {
    pub(super) branch: &'a str,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

/// A `push` event. A branch that is made or deleted has zeros on the other side.
pub(super) fn push(world: &World, repo: &Repo, push: &Push<'_>, by: &User) -> Event {
    let base = push.before.or_else(|| repo.head_of(&repo.default_branch));
    let new = match (push.after, base) {
        (Some(after), Some(base)) => world.git.commits_beyond(after, base),
        (Some(_), None) | (None, _) => Vec::new(),
    };
    let commits: Vec<Value> = new
        .iter()
        .rev()
        .take(20)
        .rev()
        .map(|commit| shape::hook_commit_with_files(world, repo, commit))
        .collect();
    let mut repository = shape::hook_repository(&world.site, repo);
    merge(
        &mut repository,
        json!({
            "git_http_url": shape::http_url(&world.site, repo),
            "git_ssh_url": shape::ssh_url(&world.site, repo),
            "visibility_level": repo.visibility.level(),
        }),
    );
    let body = json!({
        "object_kind": "push",
        "event_name": "push",
        "before": push.before.unwrap_or(NO_COMMIT),
        "after": push.after.unwrap_or(NO_COMMIT),
        "ref": format!("refs/heads/{}", push.branch),
        "ref_protected": repo.protection(push.branch).is_some(),
        "checkout_sha": push.after,
        "message": null,
        "user_id": by.id,
        "user_name": by.name,
        "user_username": by.login,
        "user_email": null,
        "user_avatar": shape::avatar(&world.site, by),
        "project_id": repo.id,
        "project": shape::hook_project(world, repo),
        "commits": commits,
        "total_commits_count": new.len(),
        "push_options": {},
        "repository": repository,
    });
    Event {
        header: "Push Hook",
        flag: "push_events",
        body,
    }
}

/// A `pipeline` event. The merge request is named for pipelines of merge request events only.
pub(super) fn pipeline(world: &World, repo: &Repo, pipeline: &Pipeline, by: &User) -> Event {
    let pull = pipeline.pull.and_then(|number| repo.pulls.get(&number));
    let commit = world.git.get(&pipeline.sha);
    let body = json!({
        "object_kind": "pipeline",
        "object_attributes": shape::hook_pipeline(world, repo, pipeline),
        "merge_request": pull.map(|pull| shape::hook_pull_in_pipeline(world, repo, pull)),
        "user": shape::hook_user(&world.site, by),
        "project": shape::hook_project_in_pipeline(world, repo),
        "commit": commit.map(|commit| shape::hook_commit(world, repo, commit)),
        "builds": shape::hook_builds(&world.site, pipeline, by),
    });
    Event {
        header: "Pipeline Hook",
        flag: "pipeline_events",
        body,
    }
}

/// A `note` event: somebody commented on a merge request.
pub(super) fn note(
    world: &World,
    repo: &Repo,
    pull: &Pull,
    by: &User,
    id: u64,
    text: &str,
) -> Event {
    let url = shape::pull_url(&world.site, repo, pull.number);
    let mut merge_request = shape::hook_pull(world, repo, pull);
    put(&mut merge_request, "system", json!(false));
    let body = json!({
        "object_kind": "note",
        "event_type": "note",
        "user": shape::hook_user(&world.site, by),
        "project_id": repo.id,
        "project": shape::hook_project(world, repo),
        "object_attributes": {
            "attachment": null,
            "author_id": by.id,
            "change_position": null,
            "commit_id": null,
            "created_at": shape::hook_time(pull.updated_at),
            "discussion_id": crate::fake::sha1_hex(format!("discussion {id}").as_bytes()),
            "id": id,
            "line_code": null,
            "note": text,
            "noteable_id": pull.id,
            "noteable_type": "MergeRequest",
            "original_position": null,
            "position": null,
            "project_id": repo.id,
            "resolved_at": null,
            "resolved_by_id": null,
            "resolved_by_push": null,
            "st_diff": null,
            "system": false,
            "type": null,
            "updated_at": shape::hook_time(pull.updated_at),
            "updated_by_id": null,
            "description": text,
            "url": format!("{url}#note_{id}"),
            "action": "create",
        },
        "repository": shape::hook_repository(&world.site, repo),
        "merge_request": merge_request,
    });
    Event {
        header: "Note Hook",
        flag: "note_events",
        body,
    }
}

/// What only hooks of the instance hear about a project: `project_rename`, `project_transfer`,
/// `project_update`, `project_destroy`.
/// <https://docs.gitlab.com/administration/system_hooks/>
pub(super) fn project(world: &World, repo: &Repo, name: &str, old_path: Option<&str>) -> Event {
    let owner = world.user(&repo.owner);
    let shown = owner.map(|owner| owner.name.clone());
    let mut body = json!({
        "created_at": shape::graphql_time(repo.created_at),
        "updated_at": shape::graphql_time(repo.updated_at),
        "event_name": name,
        "name": repo.name,
        "path": repo.name,
        "path_with_namespace": repo.full_name(),
        "project_id": repo.id,
        "project_namespace_id": owner.map(|owner| owner.id),
        "owner_name": shown,
        "owner_email": "",
        "owners": [{ "name": shown, "email": "" }],
        "project_visibility": repo.visibility.as_str(),
    });
    if let Some(old_path) = old_path {
        put(&mut body, "old_path_with_namespace", json!(old_path));
    }
    Event {
        header: "System Hook",
        flag: "project_events",
        body,
    }
}
