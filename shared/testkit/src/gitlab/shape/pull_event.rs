//! Merge requests as webhooks carry them.

use serde_json::{Value, json};

use super::{avatar, hook_commit, hook_project, hook_time, pull_url};
use crate::fake::{merge, put};
use crate::gitlab::model::{Pull, Repo};
use crate::gitlab::world::World;

/// `object_attributes` of a merge request event, and `merge_request` of a note: without action.
pub fn hook_pull(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let id_of = |login: &str| world.user(login).map(|user| user.id);
    let reviewer_ids: Vec<_> = pull.reviewers.keys().map(|login| id_of(login)).collect();
    let merged = pull.merged.as_ref();
    let merger = merged.map(|merge| merge.by.as_str());
    let waiting = pull.auto_merge.as_ref().map(|auto| auto.by.as_str());
    let source = world.repos.get(&pull.head.repo);
    let commit = world.git.get(&pull.head.sha);
    let mut value = json!({
        "assignee_id": null,
        "author_id": id_of(&pull.author),
        "created_at": hook_time(pull.created_at),
        "description": pull.body,
        "draft": pull.is_draft(),
        "head_pipeline_id": repo.head_pipeline(pull).map(|pipeline| pipeline.id),
        "id": pull.id,
        "iid": pull.number,
        "last_edited_at": pull.last_edited_at.map(hook_time),
        "last_edited_by_id": pull.updated_by.as_deref().and_then(id_of),
        "merge_commit_sha": merged.and_then(|merge| merge.merge_commit.clone()),
        "merge_error": pull.merge_error,
        "merge_params": { "force_remove_source_branch": repo.rules.remove_source_branch },
        "merge_status": world.merge_status(repo, pull),
        "merge_user_id": merger.or(waiting).and_then(id_of),
        "merge_when_pipeline_succeeds": pull.auto_merge.is_some(),
        "milestone_id": null,
        "source_branch": pull.head.branch,
        "source_project_id": source.map(|source| source.id),
        "state_id": pull.state.id(),
        "target_branch": pull.base_branch,
        "target_project_id": repo.id,
        "time_estimate": 0,
        "title": pull.title,
        "updated_at": hook_time(pull.updated_at),
        "updated_by_id": pull.updated_by.as_deref().and_then(id_of),
        "prepared_at": hook_time(pull.created_at),
        "assignee_ids": [],
        "blocking_discussions_resolved": pull.open_discussions == 0,
        "detailed_merge_status": world.detailed_status(repo, pull).as_str(),
        "first_contribution": false,
        "labels": hook_labels(repo, pull),
        "last_commit": commit.map(|commit| hook_commit(world, repo, commit)),
        "reviewer_ids": reviewer_ids,
        "source": source.map(|source| hook_project(world, source)),
        "state": pull.state.as_str(),
        "target": hook_project(world, repo),
        "url": pull_url(&world.site, repo, pull.number),
        "work_in_progress": pull.is_draft(),
        "approval_rules": [],
    });
    merge(&mut value, times_spent());
    value
}

fn times_spent() -> Value {
    json!({
        "human_time_change": null,
        "human_time_estimate": null,
        "human_total_time_spent": null,
        "time_change": 0,
        "total_time_spent": 0,
    })
}

/// The labels of a merge request, whole.
pub fn hook_labels(repo: &Repo, pull: &Pull) -> Value {
    let known = pull.labels.iter().filter_map(|name| repo.labels.get(name));
    known
        .map(|label| {
            json!({
                "id": label.id,
                "title": label.name,
                "color": label.color,
                "project_id": repo.id,
                "created_at": hook_time(label.created_at),
                "updated_at": hook_time(label.created_at),
                "template": false,
                "description": null,
                "type": "ProjectLabel",
                "group_id": null,
            })
        })
        .collect()
}

/// The reviewers with their states. `again` is who was asked once more.
pub fn hook_reviewers(world: &World, pull: &Pull, again: Option<&str>) -> Value {
    let known = pull.reviewers.iter();
    known
        .filter_map(|(login, state)| world.user(login).map(|user| (user, state)))
        .map(|(user, state)| {
            json!({
                "id": user.id,
                "name": user.name,
                "username": user.login,
                "avatar_url": avatar(&world.site, user),
                "email": "[REDACTED]",
                "state": state.as_str(),
                "re_requested": again == Some(user.login.as_str()),
            })
        })
        .collect()
}

/// A merge request beside a pipeline event: much shorter, without its head.
pub fn hook_pull_in_pipeline(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let mut value = json!({
        "id": pull.id,
        "iid": pull.number,
        "title": pull.title,
        "source_branch": pull.head.branch,
        "source_project_id": pull.head.repo,
        "target_branch": pull.base_branch,
        "target_project_id": repo.id,
        "state": pull.state.as_str(),
        "merge_status": world.merge_status(repo, pull),
        "detailed_merge_status": world.detailed_status(repo, pull).as_str(),
    });
    let url = pull_url(&world.site, repo, pull.number);
    put(&mut value, "url", json!(url));
    value
}
