//! Commits and the evidence on them: rollup, check runs, suites and statuses.

use serde_json::{Value, json};

use super::connection::Connection;
use super::resolve::{Args, Context, Out, Resolved, Thing, unknown};
use crate::github::judge;
use crate::github::model::{
    Access, CheckRun, CheckSuite, Commit, Protection, Repo, RunStatus, StatusUpdate,
};
use crate::github::rest::{Area, may};
use crate::github::shape;

const FORBIDDEN: &str = "Resource not accessible by personal access token";

/// A field of a commit.
pub(super) fn commit<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    commit: &'w Commit,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let headline = commit.message.lines().next().unwrap_or_default();
    match field {
        "id" => Ok(Out::leaf(format!("C_{}", commit.sha))),
        "oid" => Ok(Out::leaf(commit.sha.as_str())),
        "abbreviatedOid" => Ok(Out::leaf(commit.sha.get(..7).unwrap_or_default())),
        "message" => Ok(Out::leaf(commit.message.as_str())),
        "messageHeadline" => Ok(Out::leaf(headline)),
        "committedDate" | "authoredDate" => Ok(Out::json(commit.at)),
        "url" => {
            let html = &context.world.site.html;
            Ok(Out::leaf(format!(
                "{html}/{}/commit/{}",
                repo.full_name(),
                commit.sha
            )))
        }
        "statusCheckRollup" => rollup_of(context, repo, &commit.sha),
        "checkSuites" => {
            readable(context, repo, Area::Checks)?;
            let suites = repo
                .check_suites
                .values()
                .filter(|suite| suite.head_sha == commit.sha);
            let suites = suites.map(|suite| Thing::Suite(repo, suite));
            Ok(Connection::of("CheckSuiteConnection", suites, args))
        }
        "status" => {
            readable(context, repo, Area::Statuses)?;
            Ok(Out::null())
        }
        _ => unknown("Commit", field),
    }
}

/// The rollup of a commit: null without any check, forbidden if the token may read none of them.
pub(super) fn rollup_of<'w>(context: &Context<'w>, repo: &'w Repo, sha: &'w str) -> Resolved<'w> {
    if judge::rollup(repo, sha, rule_at(repo, sha)).is_none() {
        return Ok(Out::null());
    }
    if readable(context, repo, Area::Checks).is_err() {
        readable(context, repo, Area::Statuses)?;
    }
    Ok(Out::One(Thing::Rollup(repo, sha)))
}

fn readable(context: &Context<'_>, repo: &Repo, area: Area) -> Result<(), String> {
    may(context.world, context.caller, repo.id, area, Access::Read)
        .map_err(|_| FORBIDDEN.to_owned())
}

/// The rules of the branch an open pull request with this head aims at.
fn rule_at<'w>(repo: &'w Repo, sha: &str) -> Option<&'w Protection> {
    let pull = repo
        .pulls
        .values()
        .find(|pull| pull.is_open() && pull.head.sha == sha)?;
    repo.protection(&pull.base_branch)
}

/// A field of a rollup. Runs come before statuses; what the token may not read is an error in
/// its own place, with null beside it.
pub(super) fn rollup<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    sha: &'w str,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    match field {
        "id" => Ok(Out::leaf(format!("SCR_{sha}"))),
        "commit" => Ok(Out::maybe(
            context.world.git.get(sha).map(|c| Thing::Commit(repo, c)),
        )),
        "state" => {
            let state = judge::rollup(repo, sha, rule_at(repo, sha));
            Ok(Out::leaf(state.unwrap_or(judge::Rollup::Pending).upper()))
        }
        "contexts" => {
            let (runs, statuses) = (repo.latest_runs(sha), repo.latest_statuses(sha));
            let extra = json!({
                "checkRunCount": runs.len(),
                "statusContextCount": statuses.len(),
            });
            let denied = |area, type_name| {
                readable(context, repo, area)
                    .err()
                    .map(|why| Thing::Denied(type_name, why))
            };
            let no_run = denied(Area::Checks, "CheckRun");
            let no_status = denied(Area::Statuses, "StatusContext");
            let runs = runs
                .into_iter()
                .map(|run| no_run.clone().unwrap_or(Thing::Run(repo, run)));
            let statuses = statuses
                .into_iter()
                .map(|status| no_status.clone().unwrap_or(Thing::Status(repo, status)));
            let all = runs.chain(statuses).collect();
            Ok(Connection::page(
                "StatusCheckRollupContextConnection",
                all,
                args,
                extra,
            ))
        }
        _ => unknown("StatusCheckRollup", field),
    }
}

/// A field of a check run.
pub(super) fn run<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    run: &'w CheckRun,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let url = || {
        format!(
            "{}/{}/runs/{}",
            context.world.site.html,
            repo.full_name(),
            run.id
        )
    };
    match field {
        "id" => Ok(Out::leaf(shape::node_id("CR", run.id))),
        "databaseId" => Ok(Out::leaf(run.id)),
        "name" => Ok(Out::leaf(run.name.as_str())),
        "status" => Ok(Out::leaf(upper_status(run.status))),
        "conclusion" => Ok(Out::json(
            run.conclusion.map(|end| end.as_str().to_uppercase()),
        )),
        "detailsUrl" | "permalink" | "url" => Ok(Out::leaf(url())),
        "externalId" => Ok(Out::leaf("")),
        "title" | "summary" => Ok(Out::null()),
        "startedAt" => Ok(Out::json(run.started_at)),
        "completedAt" => Ok(Out::json(run.completed_at)),
        "checkSuite" => {
            let suite = repo.check_suites.get(&run.suite_id);
            Ok(Out::maybe(suite.map(|suite| Thing::Suite(repo, suite))))
        }
        "isRequired" => Ok(Out::leaf(is_required(
            repo,
            &run.name,
            Some(&run.app),
            args,
        ))),
        _ => unknown("CheckRun", field),
    }
}

/// A field of a commit status.
pub(super) fn status<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    status: &'w StatusUpdate,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    match field {
        "id" => Ok(Out::leaf(shape::node_id("SC", status.id))),
        "avatarUrl" => Ok(Out::null()),
        "context" => Ok(Out::leaf(status.context.as_str())),
        "createdAt" => Ok(Out::json(status.created_at)),
        "creator" => Ok(Out::maybe(
            context.world.user(&status.creator).map(Thing::User),
        )),
        "description" => Ok(Out::json(&status.description)),
        "state" => Ok(Out::leaf(status.state.as_str().to_uppercase())),
        "targetUrl" => Ok(Out::json(&status.target_url)),
        "isRequired" => Ok(Out::leaf(is_required(repo, &status.context, None, args))),
        _ => unknown("StatusContext", field),
    }
}

/// A field of a check suite.
pub(super) fn suite<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    suite: &'w CheckSuite,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    match field {
        "id" => Ok(Out::leaf(shape::node_id("CS", suite.id))),
        "databaseId" => Ok(Out::leaf(suite.id)),
        "app" => Ok(Out::plain(app(&suite.app))),
        "status" => Ok(Out::leaf(upper_status(suite.status))),
        "conclusion" => Ok(Out::json(
            suite.conclusion.map(|end| end.as_str().to_uppercase()),
        )),
        "createdAt" => Ok(Out::json(suite.created_at)),
        "updatedAt" => Ok(Out::json(suite.updated_at)),
        "workflowRun" => Ok(workflow(context, repo, suite)),
        "checkRuns" => {
            let runs = repo
                .check_runs
                .values()
                .filter(|run| run.suite_id == suite.id);
            let runs = runs.map(|run| Thing::Run(repo, run));
            Ok(Connection::of("CheckRunConnection", runs, args))
        }
        _ => unknown("CheckSuite", field),
    }
}

fn workflow<'w>(context: &Context<'w>, repo: &Repo, suite: &CheckSuite) -> Out<'w> {
    suite.workflow.as_ref().map_or_else(Out::null, |run| {
        let html = &context.world.site.html;
        Out::plain(json!({
            "__typename": "WorkflowRun",
            "id": shape::node_id("WFR", run.id),
            "databaseId": run.id,
            "event": "pull_request",
            "runNumber": 1,
            "url": format!("{html}/{}/actions/runs/{}", repo.full_name(), run.id),
            "workflow": {
                "__typename": "Workflow",
                "id": format!("W_{}", run.name),
                "databaseId": run.id,
                "name": run.name,
            },
        }))
    })
}

/// An app by its slug.
pub(super) fn app(slug: &str) -> Value {
    json!({
        "__typename": "App",
        "id": format!("A_{slug}"),
        "databaseId": 1,
        "name": slug,
        "slug": slug,
    })
}

fn is_required(repo: &Repo, context: &str, app: Option<&str>, args: &Args<'_>) -> bool {
    let number = args.number("pullRequestNumber");
    let id = args.text("pullRequestId");
    let pull = repo.pulls.values().find(|pull| {
        number == Some(pull.number) || id.as_deref() == Some(shape::node_id("PR", pull.id).as_str())
    });
    let rule = pull.and_then(|pull| repo.protection(&pull.base_branch));
    rule.is_some_and(|rule| {
        rule.required_checks.iter().any(|check| {
            check.context == context
                && check
                    .app
                    .as_deref()
                    .is_none_or(|wanted| app == Some(wanted))
        })
    })
}

fn upper_status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "QUEUED",
        RunStatus::InProgress => "IN_PROGRESS",
        RunStatus::Completed => "COMPLETED",
    }
}
