//! The root of a query, projects and their merge requests.

use serde_json::json;

use super::complexity::LIMIT;
use super::connection::Connection;
use super::resolve::{Args, Context, Out, Resolved, Thing, gid, unknown};
use crate::gitlab::model::{Pull, Repo};
use crate::gitlab::rest::{may_read, may_see};
use crate::gitlab::shape;

/// What a query starts from. What is not there, or not to be seen, is null without an error; a
/// former path of a project leads nowhere, unlike in REST.
pub(super) fn root<'w>(context: &Context<'w>, field: &str, args: &Args<'_>) -> Resolved<'w> {
    let world = context.world;
    let visible = |repo: &&Repo| may_see(world, context.caller, repo);
    match field {
        "currentUser" => Ok(Out::maybe(
            world
                .user(&context.caller.login)
                .map(|user| Thing::User("CurrentUser", user)),
        )),
        "metadata" => Ok(Out::plain(json!({
            "__typename": "Metadata",
            "enterprise": true,
            "revision": "0a1b2c3d4e5",
            "version": world.version,
        }))),
        "queryComplexity" => Ok(Out::plain(json!({
            "__typename": "QueryComplexity",
            "limit": LIMIT,
            "score": context.score,
        }))),
        "project" => {
            let path = args.text("fullPath").unwrap_or_default();
            let found = world.repo_named(&path).filter(visible);
            Ok(Out::maybe(found.map(Thing::Repo)))
        }
        "mergeRequest" => {
            let id = args.text("id").unwrap_or_default();
            let repos = world.repos.values().filter(visible);
            let mut pulls = repos.flat_map(|repo| repo.pulls.values().map(move |own| (repo, own)));
            let found = pulls.find(|(_, pull)| gid("MergeRequest", pull.id) == id);
            Ok(Out::maybe(
                found.map(|(repo, pull)| Thing::Pull(repo, pull)),
            ))
        }
        _ => unknown("Query", field),
    }
}

/// A field of a project.
pub(super) fn repo<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    match field {
        "id" => Ok(Out::leaf(gid("Project", repo.id))),
        "fullPath" => Ok(Out::leaf(repo.full_name())),
        "name" | "path" => Ok(Out::leaf(repo.name.as_str())),
        "nameWithNamespace" => Ok(Out::leaf(format!("{} / {}", repo.owner, repo.name))),
        "description" => Ok(Out::leaf(repo.description.clone())),
        "archived" => Ok(Out::leaf(repo.archived)),
        "visibility" => Ok(Out::leaf(repo.visibility.as_str())),
        "onlyAllowMergeIfPipelineSucceeds" => Ok(Out::leaf(repo.rules.pipeline_must_succeed)),
        "lastActivityAt" => Ok(Out::leaf(shape::graphql_time(repo.last_activity_at))),
        "webUrl" => {
            let html = &context.world.site.html;
            Ok(Out::leaf(format!("{html}/{}", repo.full_name())))
        }
        "mergeRequest" | "mergeRequests" if !may_read(context.world, context.caller, repo) => {
            Ok(Out::null())
        }
        "mergeRequest" => {
            let number = args.text("iid").and_then(|iid| iid.parse::<u64>().ok());
            let found = number.and_then(|number| repo.pulls.get(&number));
            Ok(Out::maybe(found.map(|pull| Thing::Pull(repo, pull))))
        }
        "mergeRequests" => {
            let pulls = chosen(repo, args);
            let things = pulls.into_iter().map(|pull| Thing::Pull(repo, pull));
            Ok(Connection::of("MergeRequestConnection", things, args))
        }
        _ => unknown("Project", field),
    }
}

/// The merge requests that the arguments ask for, in their order.
fn chosen<'w>(repo: &'w Repo, args: &Args<'_>) -> Vec<&'w Pull> {
    let state = args.text("state");
    let numbers = args.texts("iids");
    let (sources, targets) = (args.texts("sourceBranches"), args.texts("targetBranches"));
    let after = args.text("updatedAfter").and_then(|time| time.parse().ok());
    let before = args
        .text("updatedBefore")
        .and_then(|time| time.parse().ok());
    let among = |list: &Option<Vec<String>>, own: &str| {
        list.as_ref()
            .is_none_or(|list| list.iter().any(|item| item == own))
    };
    let wanted = |pull: &&Pull| {
        let in_state = state
            .as_deref()
            .is_none_or(|state| state == "all" || state == pull.state.as_str());
        in_state
            && among(&numbers, &pull.number.to_string())
            && among(&sources, &pull.head.branch)
            && among(&targets, &pull.base_branch)
            && args
                .flag("draft")
                .is_none_or(|draft| draft == pull.is_draft())
            && after.is_none_or(|after: jiff::Timestamp| pull.updated_at > after)
            && before.is_none_or(|before: jiff::Timestamp| pull.updated_at < before)
    };
    let mut pulls: Vec<&Pull> = repo.pulls.values().filter(wanted).collect();
    let sort = args.text("sort").unwrap_or_default().to_lowercase();
    match sort.trim_end_matches("_asc").trim_end_matches("_desc") {
        "updated" => pulls.sort_by_key(|pull| (pull.updated_at, pull.id)),
        "closed_at" => pulls.sort_by_key(|pull| (pull.closed_at, pull.id)),
        "merged_at" => pulls.sort_by_key(|pull| (pull.merged.as_ref().map(|own| own.at), pull.id)),
        "title" => pulls.sort_by_key(|pull| (pull.title.clone(), pull.id)),
        _ => pulls.sort_by_key(|pull| (pull.created_at, pull.id)),
    }
    if !sort.ends_with("_asc") {
        pulls.reverse();
    }
    pulls
}
