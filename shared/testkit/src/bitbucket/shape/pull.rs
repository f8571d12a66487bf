//! Pull requests, and what they consist of.

use serde_json::{Value, json};

use super::commit::{api, commit_short};
use super::{account, link, rendered, repo_short, short, time};
use crate::bitbucket::model::{
    Activity, ActivityKind, Comment, Opinion, Participant, Pull, PullState, Repo,
};
use crate::bitbucket::world::World;
use crate::fake::put;

/// A pull request as `GET …/pullrequests/{id}` shows it: hashes of 12 characters, and not a word
/// about whether it merges.
pub(in crate::bitbucket) fn pull(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let site = &world.site;
    let person = |login: &str| world.account(login).map(|user| account(site, user));
    let merged = pull.merge_commit.as_deref();
    let reviewers = pull.participants.iter().filter(|own| own.reviewer);
    let reviewers: Vec<_> = reviewers.filter_map(|own| person(&own.login)).collect();
    let participants = pull.participants.iter();
    let participants: Vec<_> = participants.map(|own| participant(world, own)).collect();
    json!({
        "type": "pullrequest",
        "id": pull.number,
        "title": pull.title,
        "description": pull.description,
        "summary": rendered(&pull.description),
        "rendered": {
            "title": rendered(&pull.title),
            "description": rendered(&pull.description),
        },
        "state": if pull.queued { "QUEUED" } else { pull.state.as_str() },
        "draft": pull.draft,
        "queued": pull.queued,
        "author": person(&pull.author),
        "source": source(world, pull),
        "destination": {
            "branch": { "name": pull.destination },
            "commit": commit_short(site, repo, short(repo.destination_of(pull))),
            "repository": repo_short(site, repo),
        },
        "merge_commit": merged.map(|sha| commit_short(site, repo, short(sha))),
        "close_source_branch": pull.close_source_branch,
        "closed_by": pull.closed_by.as_deref().and_then(person),
        "reason": "",
        "comment_count": pull.comments.len(),
        "task_count": pull.open_tasks,
        "created_on": time(pull.created_at),
        "updated_on": time(pull.updated_at),
        "reviewers": reviewers,
        "participants": participants,
        "links": links(world, repo, pull),
    })
}

/// Where a pull request comes from; null for the repository of a fork that was deleted.
fn source(world: &World, pull: &Pull) -> Value {
    let from = world.repos.get(&pull.source.repo);
    let hash = short(&pull.source.sha);
    json!({
        "branch": { "name": pull.source.branch },
        "commit": from.map(|from| commit_short(&world.site, from, hash)),
        "repository": from.map(|from| repo_short(&world.site, from)),
    })
}

fn own_links(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let number = pull.number;
    let page = format!(
        "{}/{}/pull-requests/{number}",
        world.site.html,
        repo.full_name()
    );
    json!({
        "self": link(api(&world.site, repo, &format!("pullrequests/{number}"))),
        "html": link(page),
    })
}

fn links(world: &World, repo: &Repo, pull: &Pull) -> Value {
    let mut links = own_links(world, repo, pull);
    for name in [
        "commits",
        "approve",
        "request-changes",
        "comments",
        "activity",
        "merge",
        "decline",
        "statuses",
    ] {
        let path = format!("pullrequests/{}/{name}", pull.number);
        put(&mut links, name, link(api(&world.site, repo, &path)));
    }
    let range = comparison(world, repo, pull);
    for name in ["diff", "diffstat"] {
        let path = format!("{name}/{range}?from_pullrequest_id={}", pull.number);
        put(&mut links, name, link(api(&world.site, repo, &path)));
    }
    links
}

/// Source and destination as the diff of a pull request names them, percent-encoded.
pub(in crate::bitbucket) fn comparison(world: &World, repo: &Repo, pull: &Pull) -> String {
    let from = world.repos.get(&pull.source.repo).unwrap_or(repo);
    let destination = short(repo.destination_of(pull));
    let source = short(&pull.source.sha);
    format!("{}:{source}%0D{destination}", from.full_name())
}

/// Somebody who takes part, with their opinion.
pub(in crate::bitbucket) fn participant(world: &World, own: &Participant) -> Value {
    let user = world.account(&own.login);
    // The request counts for more.
    let opinion = own.opinions.last().map(|opinion| opinion.as_str());
    json!({
        "type": "participant",
        "user": user.map(|user| account(&world.site, user)),
        "role": if own.reviewer { "REVIEWER" } else { "PARTICIPANT" },
        "approved": own.opinions.contains(&Opinion::Approved),
        "state": opinion,
        "participated_on": own.participated_on.map(time),
    })
}

/// A comment.
pub(in crate::bitbucket) fn comment(
    world: &World,
    repo: &Repo,
    pull: &Pull,
    own: &Comment,
) -> Value {
    let user = world.account(&own.author);
    let path = format!("pullrequests/{}/comments/{}", pull.number, own.id);
    let page = format!(
        "{}/{}/pull-requests/{}/_/diff#comment-{}",
        world.site.html,
        repo.full_name(),
        pull.number,
        own.id
    );
    json!({
        "id": own.id,
        "type": "pullrequest_comment",
        "content": rendered(&own.text),
        "user": user.map(|user| account(&world.site, user)),
        "created_on": time(own.created_at),
        "updated_on": time(own.created_at),
        "deleted": false,
        "pullrequest": mention(world, repo, pull),
        "links": { "self": link(api(&world.site, repo, &path)), "html": link(page) },
    })
}

/// A pull request where it is mentioned.
fn mention(world: &World, repo: &Repo, pull: &Pull) -> Value {
    json!({
        "type": "pullrequest",
        "id": pull.number,
        "title": pull.title,
        "links": own_links(world, repo, pull),
    })
}

/// One entry of a pull request's activity; its only key tells the kind.
pub(in crate::bitbucket) fn activity(
    world: &World,
    repo: &Repo,
    pull: &Pull,
    own: &Activity,
) -> Value {
    let user = world.account(&own.by);
    let user = user.map(|user| account(&world.site, user));
    let given = || {
        json!({
            "date": time(own.at),
            "user": user,
            "pullrequest": mention(world, repo, pull),
        })
    };
    let (key, told) = match own.kind {
        ActivityKind::Update => ("update", update(world, repo, pull, own)),
        ActivityKind::Approval => ("approval", given()),
        ActivityKind::ChangesRequested => ("changes_requested", given()),
        ActivityKind::Comment(id) => {
            let found = pull.comments.iter().find(|comment| comment.id == id);
            let shown = found.map(|found| comment(world, repo, pull, found));
            ("comment", json!(shown))
        }
    };
    json!({ key: told, "pull_request": mention(world, repo, pull) })
}

fn update(world: &World, repo: &Repo, pull: &Pull, own: &Activity) -> Value {
    let user = world.account(&own.by);
    let mut source = source(world, pull);
    if let Some(from) = world.repos.get(&pull.source.repo) {
        let commit = commit_short(&world.site, from, short(&own.head));
        put(&mut source, "commit", commit);
    }
    let last = pull
        .activity
        .iter()
        .rfind(|one| one.kind == ActivityKind::Update);
    let ended = last.is_some_and(|last| last.at == own.at);
    let state = if ended { pull.state } else { PullState::Open };
    json!({
        "description": pull.description,
        "title": pull.title,
        "destination": {
            "branch": { "name": pull.destination },
            "commit": commit_short(&world.site, repo, short(repo.destination_of(pull))),
            "repository": repo_short(&world.site, repo),
        },
        "reason": "",
        "source": source,
        "state": state.as_str(),
        "author": user.map(|user| account(&world.site, user)),
        "date": time(own.at),
    })
}

/// One file of a diffstat.
pub(in crate::bitbucket) fn diffstat(world: &World, repo: &Repo, sha: &str, path: &str) -> Value {
    let source = format!("src/{sha}/{path}");
    let file = json!({
        "path": path,
        "type": "commit_file",
        "links": { "self": link(api(&world.site, repo, &source)) },
    });
    json!({
        "type": "diffstat",
        "status": "modified",
        "lines_added": 1,
        "lines_removed": 1,
        "old": file,
        "new": file,
    })
}

/// One file that conflicts, as `…/conflicts` lists it.
pub(in crate::bitbucket) fn conflict(path: &str) -> Value {
    json!({ "path": path, "scenario": "content" })
}
