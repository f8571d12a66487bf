//! Pull requests: the list item, the full answer, and the two forms events carry.

use serde_json::{Value, json};

use super::repository::merge_settings;
use super::{merge, node_id, repo_in_event, user_of};
use crate::github::judge::Mergeable;
use crate::github::model::{Label, Pull, Repo};
use crate::github::world::{Site, World};

/// The form in `pull_request` events: everything the full answer has.
pub fn pull_in_event(world: &World, repo: &Repo, pull: &Pull) -> Value {
    rest_pull(world, repo, pull)
}

/// The shorter form in `pull_request_review` events: no counts, no mergeability.
pub fn pull_in_review_event(world: &World, repo: &Repo, pull: &Pull) -> Value {
    rest_pull_item(world, repo, pull)
}

/// What `GET …/pulls/{number}` answers.
pub fn rest_pull(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let mut value = rest_pull_item(world, repo, pull);
    let mergeable = if pull.is_open() {
        world.mergeable(repo, pull)
    } else {
        Mergeable::Unknown
    };
    let state = if pull.is_open() {
        world.merge_state(repo, pull).to_lowercase()
    } else {
        "unknown".into()
    };
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let commits = world.git.commits_beyond(&pull.head.sha, base).len();
    let files = world.git.changed_files(&pull.head.sha, base).len();
    merge(
        &mut value,
        json!({
            "merged": pull.merged.is_some(),
            "mergeable": mergeable.as_bool(),
            "rebaseable": mergeable.as_bool(),
            "mergeable_state": state,
            "merged_by": pull.merged.as_ref().map(|merge| user_of(world, &merge.by)),
            "comments": pull.conversation.len(),
            "review_comments": 0,
            "maintainer_can_modify": false,
            "commits": commits,
            "additions": files,
            "deletions": 0,
            "changed_files": files,
        }),
    );
    value
}

/// A pull request in a list.
pub fn rest_pull_item(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let site = &world.site;
    let api = format!("{}/repos/{}", site.api, repo.full_name());
    let html = format!("{}/{}/pull/{}", site.html, repo.full_name(), pull.number);
    let labels: Vec<_> = pull
        .labels
        .iter()
        .filter_map(|name| repo.labels.get(name))
        .map(|own| label(site, repo, own))
        .collect();
    let reviewers: Vec<_> = pull
        .requested_reviewers
        .iter()
        .map(|login| user_of(world, login))
        .collect();
    let teams: Vec<_> = pull
        .requested_teams
        .iter()
        .map(|slug| super::team(site, &repo.owner, slug))
        .collect();
    let mut value = json!({
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false,
        "title": pull.title,
        "user": user_of(world, &pull.author),
        "body": pull.body,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged.as_ref().map(|merge| merge.at),
        "merge_commit_sha": merge_commit(world, repo, pull),
        "assignee": null,
        "assignees": [],
        "requested_reviewers": reviewers,
        "requested_teams": teams,
        "labels": labels,
        "milestone": null,
        "draft": pull.draft,
        "head": head(world, pull),
        "base": side(world, Some(repo), &repo.owner, &pull.base_branch, &pull.base_sha),
        "author_association": association(repo, &pull.author),
        "auto_merge": auto_merge(world, pull),
        "active_lock_reason": null,
    });
    merge(&mut value, links(&api, &html, pull));
    value
}

/// A label.
pub fn label(site: &Site, repo: &Repo, label: &Label) -> Value {
    json!({
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": format!("{}/repos/{}/labels/{}", site.api, repo.full_name(), label.name),
        "name": label.name,
        "color": label.color,
        "default": false,
        "description": null,
    })
}

/// How a person is related to a repository.
pub(super) fn association(repo: &Repo, login: &str) -> &'static str {
    if repo.owner.eq_ignore_ascii_case(login) {
        "OWNER"
    } else if repo.writers.contains(login) {
        "COLLABORATOR"
    } else {
        "CONTRIBUTOR"
    }
}

fn links(api: &str, html: &str, pull: &Pull) -> Value {
    let number = pull.number;
    let own = format!("{api}/pulls/{number}");
    let issue = format!("{api}/issues/{number}");
    let statuses = format!("{api}/statuses/{}", pull.head.sha);
    let href = |target: &str| json!({ "href": target });
    json!({
        "url": own,
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "issue_url": issue,
        "commits_url": format!("{own}/commits"),
        "review_comments_url": format!("{own}/comments"),
        "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
        "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses,
        "_links": {
            "self": href(&own),
            "html": href(html),
            "issue": href(&issue),
            "comments": href(&format!("{issue}/comments")),
            "review_comments": href(&format!("{own}/comments")),
            "review_comment": href(&format!("{api}/pulls/comments{{/number}}")),
            "commits": href(&format!("{own}/commits")),
            "statuses": href(&statuses),
        },
    })
}

fn head(world: &World, pull: &Pull) -> Value {
    let repo = world.repos.get(&pull.head.repo);
    side(
        world,
        repo,
        &pull.head.owner,
        &pull.head.branch,
        &pull.head.sha,
    )
}

fn side(world: &World, repo: Option<&Repo>, owner: &str, branch: &str, sha: &str) -> Value {
    let shown = repo.map(|repo| {
        let mut value = repo_in_event(world, repo);
        merge(&mut value, merge_settings(repo));
        value
    });
    json!({
        "label": format!("{owner}:{branch}"),
        "ref": branch,
        "sha": sha,
        "user": user_of(world, owner),
        "repo": shown,
    })
}

fn auto_merge(world: &World, pull: &Pull) -> Value {
    pull.auto_merge.as_ref().map_or(Value::Null, |auto| {
        json!({
            "enabled_by": user_of(world, &auto.by),
            "merge_method": auto.method,
            "commit_title": null,
            "commit_message": null,
        })
    })
}

/// The merge itself, or GitHub's test merge of an open pull request without conflicts.
fn merge_commit(world: &World, repo: &Repo, pull: &Pull) -> Option<String> {
    if let Some(merge) = &pull.merged {
        return Some(merge.sha.clone());
    }
    (pull.is_open() && world.mergeable(repo, pull) == Mergeable::Mergeable).then(|| {
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        crate::fake::sha1_hex(format!("test merge {base} {}", pull.head.sha).as_bytes())
    })
}
