//! Merge requests.
//!
//! `detailedMergeStatus` and `conflicts` tell what is known and make nobody check: in a list they
//! stay `UNCHECKED` until somebody asks REST for the one merge request. `mergeable` checks on the
//! spot, and is true or false at once.

use serde_json::{Value, json};

use super::connection::Connection;
use super::resolve::{Args, Context, Out, Resolved, Thing, gid, unknown};
use crate::gitlab::judge;
use crate::gitlab::model::{DetailedStatus, Pipeline, Pull, PullRef, Repo, SquashOption};
use crate::gitlab::rest::may_read_pipelines;
use crate::gitlab::shape;

/// A field of a merge request.
pub(super) fn pull<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let time = |time: jiff::Timestamp| Ok(Out::leaf(shape::graphql_time(time)));
    let maybe_time = |time: Option<jiff::Timestamp>| Ok(Out::leaf(time.map(shape::graphql_time)));
    match field {
        "id" => Ok(Out::leaf(gid("MergeRequest", pull.id))),
        "iid" => Ok(Out::leaf(pull.number.to_string())),
        "title" => Ok(Out::leaf(pull.title.as_str())),
        "description" => Ok(Out::leaf(pull.body.clone())),
        "draft" => Ok(Out::leaf(pull.is_draft())),
        "state" => Ok(Out::leaf(pull.state.as_str())),
        "createdAt" | "preparedAt" => time(pull.created_at),
        "updatedAt" => time(pull.updated_at),
        "closedAt" => maybe_time(pull.closed_at),
        "mergedAt" => maybe_time(pull.merged.as_ref().map(|merge| merge.at)),
        "sourceBranch" => Ok(Out::leaf(pull.head.branch.as_str())),
        "targetBranch" => Ok(Out::leaf(pull.base_branch.as_str())),
        "diffHeadSha" => Ok(Out::leaf(pull.head.sha.as_str())),
        "userNotesCount" | "userDiscussionsCount" => Ok(Out::leaf(pull.notes)),
        "webPath" => Ok(Out::leaf(format!(
            "/{}/-/merge_requests/{}",
            repo.full_name(),
            pull.number
        ))),
        "webUrl" => {
            let site = &context.world.site;
            Ok(Out::leaf(shape::pull_url(site, repo, pull.number)))
        }
        "reference" => {
            let full = args.flag("full") == Some(true);
            let start = if full {
                repo.full_name()
            } else {
                String::new()
            };
            Ok(Out::leaf(format!("{start}!{}", pull.number)))
        }
        _ => people_or_projects(context, repo, pull, field, args),
    }
}

fn people_or_projects<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let world = context.world;
    let core = |login: &str| world.user(login).map(|user| Thing::User("UserCore", user));
    match field {
        "author" => Ok(Out::maybe(world.user(&pull.author).map(|user| {
            Thing::Participant("MergeRequestAuthor", repo, pull, user)
        }))),
        "reviewers" => {
            let known = pull.reviewers.keys().filter_map(|login| world.user(login));
            let things =
                known.map(|user| Thing::Participant("MergeRequestReviewer", repo, pull, user));
            Ok(Connection::of(
                "MergeRequestReviewerConnection",
                things,
                args,
            ))
        }
        "approvedBy" => {
            let things = pull.approvals.iter().filter_map(|own| core(&own.by));
            Ok(Connection::of("UserCoreConnection", things, args))
        }
        "mergeUser" => {
            let merger = pull.merged.as_ref().map(|merge| merge.by.as_str());
            let waiting = pull.auto_merge.as_ref().map(|auto| auto.by.as_str());
            Ok(Out::maybe(merger.or(waiting).and_then(core)))
        }
        "project" | "targetProject" => Ok(Out::One(Thing::Repo(repo))),
        "projectId" | "targetProjectId" => Ok(Out::leaf(repo.id)),
        "sourceProject" => Ok(Out::maybe(
            world.repos.get(&pull.head.repo).map(Thing::Repo),
        )),
        "sourceProjectId" => {
            let source = world.repos.get(&pull.head.repo);
            Ok(Out::leaf(source.map(|source| source.id)))
        }
        "labels" => {
            let known = pull.labels.iter().filter_map(|name| repo.labels.get(name));
            let things = known.map(|label| {
                Thing::Plain(std::rc::Rc::new(json!({
                    "__typename": "Label",
                    "id": gid("ProjectLabel", label.id),
                    "title": label.name,
                    "color": label.color,
                    "textColor": "#FFFFFF",
                    "description": null,
                })))
            });
            Ok(Connection::of("LabelConnection", things, args))
        }
        // Unlike what follows, this looks at nobody's permissions.
        "hasCi" => Ok(Out::leaf(!all_pipelines(context, repo, pull).is_empty())),
        "headPipeline" => Ok(Out::maybe(
            shown_pipelines(context, repo, pull)
                .into_iter()
                .find(|(_, pipeline)| pipeline.source_sha() == pull.head.sha)
                .map(|(repo, pipeline)| Thing::Pipeline(repo, pipeline)),
        )),
        "pipelines" => Ok(pipelines(context, repo, pull, args)),
        _ => merging(context, repo, pull, field),
    }
}

/// Its pipelines: in its own project, and those of its branch in the fork it comes from.
fn all_pipelines<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
) -> Vec<(&'w Repo, &'w Pipeline)> {
    let own = repo.pipelines_of(pull).into_iter();
    let fork = context.world.repos.get(&pull.head.repo);
    let fork = fork.filter(|fork| fork.id != repo.id);
    let of_branch = fork.into_iter().flat_map(|fork| {
        let mut of_branch: Vec<_> = fork.pipelines.values().collect();
        of_branch.retain(|pipeline| pipeline.branch == pull.head.branch);
        of_branch.into_iter().rev().map(move |one| (fork, one))
    });
    own.map(|pipeline| (repo, pipeline))
        .chain(of_branch)
        .collect()
}

/// Those the caller may see.
fn shown_pipelines<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
) -> Vec<(&'w Repo, &'w Pipeline)> {
    let mut all = all_pipelines(context, repo, pull);
    all.retain(|(repo, _)| may_read_pipelines(context.world, context.caller, repo));
    all
}

fn pipelines<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    pull: &'w Pull,
    args: &Args<'_>,
) -> Out<'w> {
    let is = |name: &str, own: &str| args.text(name).is_none_or(|wanted| wanted == own);
    let mut shown = shown_pipelines(context, repo, pull);
    shown.retain(|(_, pipeline)| {
        is("sha", &pipeline.sha)
            && is("ref", &pipeline.reference())
            && is("source", pipeline.kind.source())
            && is("status", &pipeline.status.as_str().to_uppercase())
    });
    let things = shown.into_iter();
    let things = things.map(|(repo, pipeline)| Thing::Pipeline(repo, pipeline));
    Connection::of("PipelineConnection", things, args)
}

fn merging<'w>(context: &Context<'w>, repo: &'w Repo, pull: &'w Pull, field: &str) -> Resolved<'w> {
    let world = context.world;
    let rules = &repo.rules;
    match field {
        "detailedMergeStatus" => Ok(Out::leaf(world.detailed_status(repo, pull).graphql())),
        "mergeStatusEnum" => Ok(Out::leaf(world.merge_status(repo, pull).to_uppercase())),
        "conflicts" => Ok(Out::leaf(world.known_conflicts(repo, pull))),
        "mergeable" => {
            context.checked.borrow_mut().insert(PullRef {
                repo: repo.id,
                number: pull.number,
            });
            let mergeable = world.true_status(repo, pull) == DetailedStatus::Mergeable;
            Ok(Out::leaf(mergeable))
        }
        "approved" => Ok(Out::leaf(judge::is_approved(repo, pull))),
        "approvalsLeft" => Ok(Out::leaf(judge::approvals_left(repo, pull))),
        "approvalsRequired" => Ok(Out::leaf(rules.approvals_required)),
        "autoMergeEnabled" => Ok(Out::leaf(pull.auto_merge.is_some())),
        "autoMergeStrategy" => Ok(Out::leaf(
            pull.auto_merge.as_ref().map(|_| "merge_when_checks_pass"),
        )),
        "mergeableDiscussionsState" => Ok(Out::leaf(pull.open_discussions == 0)),
        "resolvableDiscussionsCount" => Ok(Out::leaf(pull.open_discussions)),
        "resolvedDiscussionsCount" => Ok(Out::leaf(0)),
        "mergeError" => Ok(Out::leaf(pull.merge_error.clone())),
        "rebaseInProgress" => Ok(Out::leaf(pull.rebasing.is_some())),
        "forceRemoveSourceBranch" => Ok(Out::leaf(rules.remove_source_branch)),
        "shouldRemoveSourceBranch" => Ok(Out::null()),
        "squash" | "squashOnMerge" => {
            let always = matches!(rules.squash, SquashOption::DefaultOn | SquashOption::Always);
            Ok(Out::leaf(always))
        }
        "mergeCommitSha" => {
            let merge = pull.merged.as_ref();
            Ok(Out::leaf(merge.and_then(|own| own.merge_commit.clone())))
        }
        _ => commits(context, repo, pull, field),
    }
}

fn commits<'w>(context: &Context<'w>, repo: &Repo, pull: &Pull, field: &str) -> Resolved<'w> {
    let world = context.world;
    let git = &world.git;
    let head = pull.head.sha.as_str();
    let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
    let behind = git.is_behind(head, base);
    match field {
        "commitCount" => Ok(Out::leaf(git.commits_beyond(head, &pull.base_sha).len())),
        "divergedFromTargetBranch" => Ok(Out::leaf(behind)),
        "shouldBeRebased" => {
            let must = repo.rules.merge_method.needs_rebase() && behind;
            Ok(Out::leaf(must))
        }
        "sourceBranchExists" => {
            let source = world.repos.get(&pull.head.repo);
            let exists = source.is_some_and(|own| own.head_of(&pull.head.branch).is_some());
            Ok(Out::leaf(exists))
        }
        "targetBranchExists" => Ok(Out::leaf(repo.head_of(&pull.base_branch).is_some())),
        "diffRefs" => Ok(Out::plain(json!({
            "__typename": "DiffRefs",
            "baseSha": git.merge_base(head, base),
            "headSha": head,
            "startSha": pull.base_sha,
        }))),
        "diffStatsSummary" => {
            let files = git.changed_files(head, &pull.base_sha).len();
            let stats: Value = json!({
                "__typename": "DiffStatsSummary",
                "additions": files,
                "deletions": 0,
                "changes": files,
                "fileCount": files,
            });
            Ok(Out::plain(stats))
        }
        _ => unknown("MergeRequest", field),
    }
}
