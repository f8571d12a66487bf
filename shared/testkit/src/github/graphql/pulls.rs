//! Pull requests, reviews and their commits.

use std::rc::Rc;

use serde_json::{Value, json};

use super::connection::Connection;
use super::repositories::branch_ref;
use super::resolve::{Args, Context, Out, Resolved, Thing, unknown};
use crate::github::judge;
use crate::github::model::{Commit, Label, Pull, PullRef, Repo, Review};
use crate::github::shape;

/// GraphQL's word for the state.
pub(super) fn state(pull: &Pull) -> &'static str {
    match (pull.is_open(), &pull.merged) {
        (true, _) => "OPEN",
        (false, Some(_)) => "MERGED",
        (false, None) => "CLOSED",
    }
}

/// A label.
pub(super) fn label(label: &Label) -> Value {
    json!({
        "__typename": "Label",
        "id": shape::node_id("LA", label.id),
        "name": label.name,
        "color": label.color,
        "description": null,
    })
}

/// A field of a pull request.
pub(super) fn pull<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let world = context.world;
    match field {
        "author" => Ok(actor(context, &pull.author)),
        "mergedBy" => Ok(pull
            .merged
            .as_ref()
            .map_or_else(Out::null, |merge| actor(context, &merge.by))),
        "mergeCommit" => {
            let commit = pull
                .merged
                .as_ref()
                .and_then(|merge| world.git.get(&merge.sha));
            Ok(Out::maybe(commit.map(|commit| Thing::Commit(repo, commit))))
        }
        "repository" | "baseRepository" => Ok(Out::One(Thing::Repo(repo))),
        "headRepository" => Ok(Out::maybe(
            world.repos.get(&pull.head.repo).map(Thing::Repo),
        )),
        "headRepositoryOwner" => Ok(actor(context, &pull.head.owner)),
        "headRef" => {
            let head = world.repos.get(&pull.head.repo);
            Ok(head.map_or_else(Out::null, |head| branch_ref(head, &pull.head.branch)))
        }
        "baseRef" => Ok(branch_ref(repo, &pull.base_branch)),
        "mergeable" | "mergeStateStatus" | "canBeRebased" => {
            Ok(merge_fields(context, repo, pull, field))
        }
        "statusCheckRollup" => super::checks::rollup_of(context, repo, &pull.head.sha),
        "labels"
        | "assignees"
        | "reviewRequests"
        | "reviews"
        | "latestReviews"
        | "latestOpinionatedReviews"
        | "commits" => lists(context, repo, pull, field, args),
        "autoMergeRequest" => Ok(auto_merge(context, pull)),
        "comments" => Ok(Out::plain(json!({
            "__typename": "IssueCommentConnection",
            "totalCount": pull.conversation.len(),
        }))),
        _ => match scalars(context, repo, pull).get(field) {
            Some(value) => Ok(Out::Leaf(value.clone())),
            None => unknown("PullRequest", field),
        },
    }
}

/// Anybody by login; null if the account is gone.
fn actor<'w>(context: &Context<'w>, login: &str) -> Out<'w> {
    Out::maybe(context.world.user(login).map(Thing::User))
}

fn merge_fields<'w>(context: &Context<'w>, repo: &Repo, pull: &Pull, field: &str) -> Out<'w> {
    let at = PullRef {
        repo: repo.id,
        number: pull.number,
    };
    context.asked.borrow_mut().insert(at);
    let mergeable = context.world.mergeable(repo, pull);
    match field {
        "mergeable" if !pull.is_open() => Out::leaf("UNKNOWN"),
        "mergeable" => Out::leaf(mergeable.upper()),
        "canBeRebased" => Out::leaf(mergeable.as_bool() == Some(true)),
        _ if !pull.is_open() => Out::leaf("UNKNOWN"),
        _ => Out::leaf(context.world.merge_state(repo, pull)),
    }
}

fn auto_merge<'w>(context: &Context<'w>, pull: &Pull) -> Out<'w> {
    pull.auto_merge.as_ref().map_or_else(Out::null, |auto| {
        let by = context.world.user(&auto.by);
        Out::plain(json!({
            "__typename": "AutoMergeRequest",
            "enabledAt": auto.at,
            "enabledBy": by.map(|user| json!({
                "__typename": "User",
                "id": shape::node_id("U", user.id),
                "login": user.login,
            })),
            "mergeMethod": auto.method.to_uppercase(),
        }))
    })
}

fn scalars(context: &Context<'_>, repo: &Repo, pull: &Pull) -> Value {
    let world = context.world;
    let url = format!(
        "{}/{}/pull/{}",
        world.site.html,
        repo.full_name(),
        pull.number
    );
    let body = pull.body.clone().unwrap_or_default();
    let files = world
        .git
        .changed_files(&pull.head.sha, &pull.base_sha)
        .len();
    json!({
        "id": shape::node_id("PR", pull.id),
        "databaseId": pull.id,
        "fullDatabaseId": pull.id.to_string(),
        "number": pull.number,
        "title": pull.title,
        "body": body,
        "bodyText": body,
        "url": url,
        "permalink": url,
        "state": state(pull),
        "isDraft": pull.draft,
        "closed": !pull.is_open(),
        "merged": pull.merged.is_some(),
        "locked": false,
        "createdAt": pull.created_at,
        "updatedAt": pull.updated_at,
        "closedAt": pull.closed_at,
        "mergedAt": pull.merged.as_ref().map(|merge| merge.at),
        "authorAssociation": "CONTRIBUTOR",
        "headRefName": pull.head.branch,
        "headRefOid": pull.head.sha,
        "baseRefName": pull.base_branch,
        "baseRefOid": pull.base_sha,
        "isCrossRepository": pull.head.repo != repo.id,
        "reviewDecision": judge::decision(repo, pull),
        "mergeQueueEntry": null,
        "isInMergeQueue": false,
        "additions": files,
        "deletions": 0,
        "changedFiles": files,
        "totalCommentsCount": pull.conversation.len(),
    })
}

fn lists<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let reviews = |chosen: Vec<&'w Review>| {
        let things = chosen
            .into_iter()
            .map(|review| Thing::Review(repo, pull, review));
        Ok(Connection::of("PullRequestReviewConnection", things, args))
    };
    let writers_only = args.flag("writersOnly");
    let counts = |review: &&Review| !writers_only || repo.writers.contains(&review.author);
    match field {
        "labels" => {
            let labels = pull.labels.iter().filter_map(|name| repo.labels.get(name));
            let things = labels.map(|own| Thing::Plain(Rc::new(label(own))));
            Ok(Connection::of("LabelConnection", things, args))
        }
        "assignees" => Ok(Connection::of("UserConnection", [], args)),
        "reviewRequests" => Ok(Connection::of(
            "ReviewRequestConnection",
            requests(context, repo, pull),
            args,
        )),
        "reviews" => {
            let states = args.texts("states");
            reviews(
                pull.reviews
                    .iter()
                    .filter(|review| {
                        let own = review.state.upper();
                        states.as_ref().is_none_or(|states| states.contains(&own))
                    })
                    .collect(),
            )
        }
        "latestReviews" => {
            let mut latest: Vec<&Review> = Vec::new();
            for review in &pull.reviews {
                latest.retain(|other| other.author != review.author);
                latest.push(review);
            }
            reviews(latest)
        }
        "latestOpinionatedReviews" => {
            let mut opinions = pull.opinions();
            opinions.retain(counts);
            reviews(opinions)
        }
        "commits" => {
            let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
            let mut commits = context.world.git.commits_beyond(&pull.head.sha, base);
            if commits.is_empty() {
                // A merged pull request still lists what it brought.
                commits.extend(context.world.git.get(&pull.head.sha));
            }
            let things = commits
                .into_iter()
                .map(|commit| Thing::PullCommit(repo, pull, commit));
            Ok(Connection::of("PullRequestCommitConnection", things, args))
        }
        _ => unknown("PullRequest", field),
    }
}

fn requests<'w>(context: &Context<'w>, repo: &Repo, pull: &Pull) -> Vec<Thing<'w>> {
    let users = pull
        .requested_reviewers
        .iter()
        .filter_map(|login| context.world.user(login))
        .map(|user| {
            json!({
                "__typename": "User",
                "id": shape::node_id("U", user.id),
                "databaseId": user.id,
                "login": user.login,
                "name": user.name,
            })
        });
    let teams = pull.requested_teams.iter().map(|slug| {
        json!({
            "__typename": "Team",
            "id": format!("T_{slug}"),
            "name": slug,
            "slug": slug,
            "combinedSlug": format!("{}/{slug}", repo.owner),
        })
    });
    users
        .chain(teams)
        .map(|reviewer| {
            Thing::Plain(Rc::new(json!({
                "__typename": "ReviewRequest",
                "id": format!("RR_{}", pull.id),
                "asCodeOwner": false,
                "requestedReviewer": reviewer,
            })))
        })
        .collect()
}

/// A field of a review.
pub(super) fn review<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    review: &'w Review,
    field: &str,
) -> Resolved<'w> {
    let shown = || shape::rest_review(context.world, repo, pull, review);
    match field {
        "author" => Ok(actor(context, &review.author)),
        "commit" => {
            let commit = context.world.git.get(&review.commit_id);
            Ok(Out::maybe(commit.map(|commit| Thing::Commit(repo, commit))))
        }
        "id" => Ok(Out::leaf(shape::node_id("PRR", review.id))),
        "databaseId" => Ok(Out::leaf(review.id)),
        "fullDatabaseId" => Ok(Out::leaf(review.id.to_string())),
        "body" => Ok(Out::leaf(review.body.as_str())),
        "state" => Ok(Out::leaf(review.state.upper())),
        "createdAt" | "submittedAt" => Ok(Out::json(review.submitted_at)),
        "updatedAt" => Ok(Out::json(review.updated_at)),
        "authorCanPushToRepository" => Ok(Out::leaf(repo.writers.contains(&review.author))),
        "authorAssociation" => Ok(Out::Leaf(
            shown()
                .get("author_association")
                .cloned()
                .unwrap_or_default(),
        )),
        "url" => Ok(Out::Leaf(
            shown().get("html_url").cloned().unwrap_or_default(),
        )),
        _ => unknown("PullRequestReview", field),
    }
}

/// A field of a commit within a pull request.
pub(super) fn pull_commit<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    commit: &'w Commit,
    field: &str,
) -> Resolved<'w> {
    match field {
        "id" => Ok(Out::leaf(format!("PURC_{}_{}", pull.id, commit.sha))),
        "commit" => Ok(Out::One(Thing::Commit(repo, commit))),
        "url" => Ok(Out::leaf(format!(
            "{}/{}/pull/{}/commits/{}",
            context.world.site.html,
            repo.full_name(),
            pull.number,
            commit.sha
        ))),
        _ => unknown("PullRequestCommit", field),
    }
}
