//! Comments, and a pull request as the issue that GitHub takes it for.

use serde_json::{Value, json};

use super::pull::{association, label};
use super::{node_id, user_of};
use crate::github::model::{Comment, Pull, Repo};
use crate::github::world::World;

/// A pull request in `issue_comment` events.
pub fn issue_of(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let site = &world.site;
    let api = format!("{}/repos/{}", site.api, repo.full_name());
    let html = format!("{}/{}/pull/{}", site.html, repo.full_name(), pull.number);
    let own = format!("{api}/issues/{}", pull.number);
    let labels: Vec<_> = pull
        .labels
        .iter()
        .filter_map(|name| repo.labels.get(name))
        .map(|own| label(site, repo, own))
        .collect();
    json!({
        "url": own,
        "repository_url": api,
        "labels_url": format!("{own}/labels{{/name}}"),
        "comments_url": format!("{own}/comments"),
        "events_url": format!("{own}/events"),
        "html_url": html,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "title": pull.title,
        "user": user_of(world, &pull.author),
        "labels": labels,
        "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false,
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "comments": pull.conversation.len(),
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "author_association": association(repo, &pull.author),
        "active_lock_reason": null,
        "draft": pull.draft,
        "pull_request": {
            "url": format!("{api}/pulls/{}", pull.number),
            "html_url": html,
            "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"),
            "merged_at": pull.merged.as_ref().map(|merge| merge.at),
        },
        "body": pull.body,
        "reactions": reactions(&own),
        "timeline_url": format!("{own}/timeline"),
        "performed_via_github_app": null,
        "state_reason": null,
    })
}

/// One comment.
pub fn comment(world: &World, repo: &Repo, pull: &Pull, comment: &Comment) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let html = format!(
        "{}/{}/pull/{}#issuecomment-{}",
        world.site.html,
        repo.full_name(),
        pull.number,
        comment.id
    );
    let own = format!("{api}/issues/comments/{}", comment.id);
    json!({
        "url": own,
        "html_url": html,
        "issue_url": format!("{api}/issues/{}", pull.number),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": user_of(world, &comment.author),
        "created_at": comment.at,
        "updated_at": comment.at,
        "author_association": association(repo, &comment.author),
        "body": comment.body,
        "reactions": reactions(&own),
        "performed_via_github_app": null,
    })
}

fn reactions(of: &str) -> Value {
    json!({
        "url": format!("{of}/reactions"),
        "total_count": 0,
        "+1": 0,
        "-1": 0,
        "laugh": 0,
        "hooray": 0,
        "confused": 0,
        "heart": 0,
        "rocket": 0,
        "eyes": 0,
    })
}
