//! Merge requests in REST: the list item, the full answer, and the approvals.

use serde_json::{Value, json};

use super::project::web_url;
use super::{rest_pipeline, rest_pipeline_item, rest_time, user_of};
use crate::fake::{merge, put};
use crate::gitlab::judge;
use crate::gitlab::model::{MergeCheck, Pull, Repo, SquashOption};
use crate::gitlab::world::{Site, World};

/// Where people find a merge request.
pub fn pull_url(site: &Site, repo: &Repo, number: u64) -> String {
    format!("{}/-/merge_requests/{number}", web_url(site, repo))
}

/// A merge request in a list.
pub fn rest_pull_item(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let reviewers: Vec<Value> = pull
        .reviewers
        .keys()
        .map(|login| user_of(world, login))
        .collect();
    let source = world.repos.get(&pull.head.repo);
    let mut value = json!({
        "id": pull.id,
        "iid": pull.number,
        "project_id": repo.id,
        "title": pull.title,
        "description": pull.body,
        "state": pull.state.as_str(),
        "created_at": rest_time(pull.created_at),
        "updated_at": rest_time(pull.updated_at),
        "closed_by": pull.closed_by.as_deref().map(|login| user_of(world, login)),
        "closed_at": pull.closed_at.map(rest_time),
        "target_branch": pull.base_branch,
        "source_branch": pull.head.branch,
        "user_notes_count": pull.notes,
        "author": user_of(world, &pull.author),
        "assignees": [],
        "assignee": null,
        "reviewers": reviewers,
        "source_project_id": source.map(|source| source.id),
        "target_project_id": repo.id,
        "labels": pull.labels,
        "draft": pull.is_draft(),
        "work_in_progress": pull.is_draft(),
        "sha": pull.head.sha,
        "prepared_at": rest_time(pull.created_at),
        "web_url": pull_url(&world.site, repo, pull.number),
    });
    merge(&mut value, merging(world, repo, pull));
    merge(&mut value, references(repo, pull));
    merge(&mut value, constants(repo));
    value
}

/// What is known about its merge, past or to come.
fn merging(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let merged = pull.merged.as_ref();
    let merger = merged.map(|merge| user_of(world, &merge.by));
    let waiting = pull.auto_merge.as_ref();
    let waiting = waiting.map(|auto| user_of(world, &auto.by));
    json!({
        "merged_by": merger,
        "merge_user": merger.clone().or(waiting),
        "merged_at": merged.map(|merge| rest_time(merge.at)),
        "merge_when_pipeline_succeeds": pull.auto_merge.is_some(),
        "merge_status": world.merge_status(repo, pull),
        "detailed_merge_status": world.detailed_status(repo, pull).as_str(),
        "merge_after": null,
        "merge_commit_sha": merged.and_then(|merge| merge.merge_commit.clone()),
        "squash_commit_sha": merged.and_then(|merge| merge.squash_commit.clone()),
        "should_remove_source_branch": null,
        "force_remove_source_branch": repo.rules.remove_source_branch,
        "has_conflicts": world.known_conflicts(repo, pull),
        "blocking_discussions_resolved": pull.open_discussions == 0,
        "approvals_before_merge": null,
    })
}

fn references(repo: &Repo, pull: &Pull) -> Value {
    let reference = format!("!{}", pull.number);
    json!({
        "reference": reference,
        "references": {
            "short": reference,
            "relative": reference,
            "full": format!("{}!{}", repo.full_name(), pull.number),
        },
    })
}

fn constants(repo: &Repo) -> Value {
    let squash = matches!(
        repo.rules.squash,
        SquashOption::DefaultOn | SquashOption::Always
    );
    json!({
        "upvotes": 0,
        "downvotes": 0,
        "imported": false,
        "imported_from": "none",
        "milestone": null,
        "discussion_locked": null,
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": null,
            "human_total_time_spent": null,
        },
        "squash": squash,
        "squash_on_merge": squash,
        "task_completion_status": { "count": 0, "completed_count": 0 },
    })
}

/// What `GET …/merge_requests/:iid` answers a login.
pub fn rest_pull(world: &World, repo: &Repo, pull: &Pull, login: &str) -> Value {
    let mut value = rest_pull_item(world, repo, pull);
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let pipeline = repo.head_pipeline(pull);
    let files = world.git.changed_files(&pull.head.sha, base).len();
    let merge_base = world.git.merge_base(&pull.head.sha, base);
    merge(
        &mut value,
        json!({
            "subscribed": false,
            "changes_count": files.to_string(),
            "latest_build_started_at": pipeline.and_then(|own| own.started_at).map(rest_time),
            "latest_build_finished_at": pipeline.and_then(|own| own.finished_at).map(rest_time),
            "first_deployed_to_production_at": null,
            "pipeline": pipeline.map(|own| rest_pipeline_item(world, repo, own)),
            "head_pipeline": pipeline.map(|own| rest_pipeline(world, repo, own)),
            "diff_refs": {
                "base_sha": merge_base,
                "head_sha": pull.head.sha,
                "start_sha": base,
            },
            "merge_error": pull.merge_error,
            "first_contribution": false,
            "user": { "can_merge": world.role(repo, login).is_some_and(|role| role.level() >= 30) },
        }),
    );
    if pull.check == MergeCheck::Known && world.git.is_behind(&pull.head.sha, base) {
        let behind = world.git.commits_beyond(base, &pull.head.sha).len();
        put(&mut value, "diverged_commits_count", json!(behind));
    }
    value
}

/// What `GET …/merge_requests/:iid/approvals` answers.
pub fn rest_approvals(world: &World, repo: &Repo, pull: &Pull, login: &str) -> Value {
    let approved_by: Vec<Value> = pull
        .approvals
        .iter()
        .map(|approval| {
            json!({
                "user": user_of(world, &approval.by),
                "approved_at": rest_time(approval.at),
            })
        })
        .collect();
    let has_approved = pull.is_approved_by(login);
    let may = world.role(repo, login).is_some() && !has_approved && login != pull.author;
    json!({
        "id": pull.id,
        "iid": pull.number,
        "project_id": repo.id,
        "title": pull.title,
        "description": pull.body,
        "state": pull.state.as_str(),
        "created_at": rest_time(pull.created_at),
        "updated_at": rest_time(pull.updated_at),
        "merge_status": world.merge_status(repo, pull),
        "approved": judge::is_approved(repo, pull),
        "approvals_required": repo.rules.approvals_required,
        "approvals_left": judge::approvals_left(repo, pull),
        "require_password_to_approve": false,
        "approved_by": approved_by,
        "suggested_approvers": [],
        "approvers": [],
        "approver_groups": [],
        "user_has_approved": has_approved,
        "user_can_approve": may,
        "approval_rules_left": [],
        "has_approval_rules": repo.rules.approvals_required > 0,
        "merge_request_approvers_available": true,
        "multiple_approval_rules_available": true,
        "invalid_approvers_rules": [],
    })
}
