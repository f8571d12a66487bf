//! The root of a query, repositories, branches and their rules.

use std::rc::Rc;

use serde_json::{Value, json};

use super::connection::Connection;
use super::resolve::{Args, Context, Out, Resolved, Thing, unknown};
use crate::github::model::{Protection, Pull, Repo, Source};
use crate::github::rest::may_see;
use crate::github::shape;

/// What a query starts from.
pub(super) fn root<'w>(context: &Context<'w>, field: &str, args: &Args<'_>) -> Resolved<'w> {
    match field {
        "viewer" => Ok(Out::maybe(
            context.world.user(&context.caller.login).map(Thing::User),
        )),
        "rateLimit" => Ok(Out::plain(rate_limit(context))),
        "repository" => repository(context, args).map(|repo| Out::One(Thing::Repo(repo))),
        "node" => {
            let id = args.text("id").unwrap_or_default();
            by_node_id(context, &id).map(Out::One)
        }
        "nodes" => {
            let ids = args.texts("ids").unwrap_or_default();
            Ok(Out::Many(
                ids.iter()
                    .map(|id| {
                        by_node_id(context, id)
                            .unwrap_or_else(|why| Thing::Denied("PullRequest", why))
                    })
                    .collect(),
            ))
        }
        _ => unknown("Query", field),
    }
}

fn repository<'w>(context: &Context<'w>, args: &Args<'_>) -> Result<&'w Repo, String> {
    let name = format!(
        "{}/{}",
        args.text("owner").unwrap_or_default(),
        args.text("name").unwrap_or_default()
    );
    let world = context.world;
    let former = args
        .flag("followRenames")
        .then(|| world.redirects.get(&name.to_lowercase()));
    let found = world
        .repo_named(&name)
        .or_else(|| former.flatten().and_then(|id| world.repos.get(id)))
        .filter(|repo| may_see(context.caller, repo));
    found.ok_or_else(|| format!("Could not resolve to a Repository with the name '{name}'."))
}

/// Finds a pull request or repository by its opaque id.
fn by_node_id<'w>(context: &Context<'w>, id: &str) -> Result<Thing<'w>, String> {
    let (repo_id, pull_id) = (shape::number_in("R", id), shape::number_in("PR", id));
    for repo in context
        .world
        .repos
        .values()
        .filter(|repo| may_see(context.caller, repo))
    {
        if repo_id == Some(repo.id) {
            return Ok(Thing::Repo(repo));
        }
        if let Some(pull) = repo.pulls.values().find(|pull| pull_id == Some(pull.id)) {
            return Ok(Thing::Pull(repo, pull));
        }
    }
    Err(format!(
        "Could not resolve to a node with the global id of '{id}'"
    ))
}

fn rate_limit(context: &Context<'_>) -> Value {
    let usage = context
        .world
        .usage
        .get(&context.caller.token.value)
        .cloned()
        .unwrap_or_default();
    let reset = jiff::Timestamp::from_second(usage.reset).unwrap_or_default();
    json!({
        "__typename": "RateLimit",
        "cost": context.cost.points,
        "limit": 5000,
        "nodeCount": context.cost.nodes,
        "remaining": 5000_u64.saturating_sub(usage.graphql),
        "resetAt": reset,
        "used": usage.graphql,
    })
}

/// A field of a repository.
pub(super) fn repo<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let world = context.world;
    match field {
        "owner" => Ok(Out::maybe(world.user(&repo.owner).map(Thing::User))),
        "defaultBranchRef" => Ok(branch_ref(repo, &repo.default_branch)),
        "ref" => {
            let name = args.text("qualifiedName").unwrap_or_default();
            Ok(branch_ref(repo, name.trim_start_matches("refs/heads/")))
        }
        "mergeQueue" => {
            let branch = args.text("branch");
            let branch = branch.as_deref().unwrap_or(&repo.default_branch);
            let has_one = repo.protection(branch).is_some_and(|rule| rule.merge_queue);
            let queue = json!({
                "__typename": "MergeQueue",
                "id": format!("MQ_{}_{branch}", repo.id),
            });
            Ok(if has_one {
                Out::plain(queue)
            } else {
                Out::null()
            })
        }
        "object" => {
            let wanted = args
                .text("oid")
                .or_else(|| args.text("expression"))
                .unwrap_or_default();
            let sha = repo.head_of(&wanted).unwrap_or(&wanted);
            Ok(Out::maybe(
                world.git.get(sha).map(|commit| Thing::Commit(repo, commit)),
            ))
        }
        "pullRequest" => {
            let number = args.number("number").unwrap_or_default();
            let pull = repo.pulls.get(&number).ok_or_else(|| {
                format!("Could not resolve to a PullRequest with the number of {number}.")
            })?;
            Ok(Out::One(Thing::Pull(repo, pull)))
        }
        "pullRequests" => {
            let pulls = selected_pulls(repo, args);
            let things = pulls.into_iter().map(|pull| Thing::Pull(repo, pull));
            Ok(Connection::of("PullRequestConnection", things, args))
        }
        "labels" => {
            let labels = repo
                .labels
                .values()
                .map(|label| Thing::Plain(Rc::new(super::pulls::label(label))));
            Ok(Connection::of("LabelConnection", labels, args))
        }
        "branchProtectionRules" => {
            let rules = repo
                .protections
                .iter()
                .filter(|(_, rule)| rule.source == Source::Protection);
            let rules = rules.map(|(name, rule)| Thing::Plain(Rc::new(classic_rule(name, rule))));
            Ok(Connection::of(
                "BranchProtectionRuleConnection",
                rules,
                args,
            ))
        }
        _ => match scalars(context, repo).get(field) {
            Some(value) => Ok(Out::Leaf(value.clone())),
            None => unknown("Repository", field),
        },
    }
}

fn scalars(context: &Context<'_>, repo: &Repo) -> Value {
    let writes = repo.writers.contains(&context.caller.login);
    json!({
        "id": shape::node_id("R", repo.id),
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name(),
        "description": repo.description,
        "url": format!("{}/{}", context.world.site.html, repo.full_name()),
        "isArchived": repo.archived,
        "isDisabled": false,
        "isFork": repo.fork_of.is_some(),
        "isPrivate": repo.private,
        "visibility": if repo.private { "PRIVATE" } else { "PUBLIC" },
        "viewerPermission": if writes { "ADMIN" } else { "READ" },
        "createdAt": repo.created_at,
        "updatedAt": repo.updated_at,
        "pushedAt": repo.pushed_at,
        "autoMergeAllowed": false,
        "mergeCommitAllowed": repo.merge_methods.merge,
        "rebaseMergeAllowed": repo.merge_methods.rebase,
        "squashMergeAllowed": repo.merge_methods.squash,
        "deleteBranchOnMerge": false,
    })
}

fn selected_pulls<'w>(repo: &'w Repo, args: &Args<'_>) -> Vec<&'w Pull> {
    let states = args.texts("states");
    let base = args.text("baseRefName");
    let head = args.text("headRefName");
    let mut pulls: Vec<&Pull> = repo
        .pulls
        .values()
        .filter(|pull| {
            let state = super::pulls::state(pull);
            states
                .as_ref()
                .is_none_or(|states| states.iter().any(|own| own == state))
        })
        .filter(|pull| base.as_ref().is_none_or(|base| *base == pull.base_branch))
        .filter(|pull| head.as_ref().is_none_or(|head| *head == pull.head.branch))
        .collect();
    let by_update = args.inner("orderBy", "field").as_deref() == Some("UPDATED_AT");
    pulls.sort_by_key(|pull| {
        (
            if by_update {
                pull.updated_at
            } else {
                pull.created_at
            },
            pull.number,
        )
    });
    if args.inner("orderBy", "direction").as_deref() == Some("DESC") {
        pulls.reverse();
    }
    pulls
}

/// A branch as a `Ref`, null if it is gone.
pub(super) fn branch_ref<'w>(repo: &'w Repo, name: &str) -> Out<'w> {
    let found = repo.branches.get_key_value(name);
    Out::maybe(found.map(|(name, sha)| Thing::Branch(repo, name, sha)))
}

/// A field of a branch.
pub(super) fn branch<'w>(
    context: &Context<'w>,
    repo: &'w Repo,
    name: &'w str,
    sha: &'w str,
    field: &str,
    args: &Args<'_>,
) -> Resolved<'w> {
    let world = context.world;
    let rule = repo.protection(name);
    match field {
        "id" => Ok(Out::leaf(format!("REF_{}_{name}", repo.id))),
        "name" => Ok(Out::leaf(name)),
        "prefix" => Ok(Out::leaf("refs/heads/")),
        "repository" => Ok(Out::One(Thing::Repo(repo))),
        "target" => Ok(Out::maybe(
            world.git.get(sha).map(|c| Thing::Commit(repo, c)),
        )),
        "branchProtectionRule" => {
            let rule = rule.filter(|rule| rule.source == Source::Protection);
            Ok(rule.map_or_else(Out::null, |rule| Out::plain(classic_rule(name, rule))))
        }
        "refUpdateRule" => {
            // Who administers the repository is told nothing here.
            let administers = repo.writers.contains(&context.caller.login);
            let rule = rule.filter(|rule| rule.source == Source::Protection && !administers);
            Ok(rule.map_or_else(Out::null, |rule| Out::plain(update_rule(name, rule))))
        }
        "rules" => {
            let rules = rule.filter(|rule| rule.source == Source::Ruleset);
            let rules = rules
                .into_iter()
                .flat_map(ruleset)
                .map(|rule| Thing::Plain(Rc::new(rule)));
            Ok(Connection::of("RepositoryRuleConnection", rules, args))
        }
        "compare" => {
            let head = args.text("headRef").unwrap_or_default();
            let head = repo.head_of(&head).unwrap_or(&head).to_owned();
            Ok(Out::plain(json!({
                "__typename": "Comparison",
                "id": format!("CMP_{sha}_{head}"),
                "aheadBy": world.git.commits_beyond(&head, sha).len(),
                "behindBy": world.git.commits_beyond(sha, &head).len(),
            })))
        }
        _ => unknown("Ref", field),
    }
}

fn contexts(rule: &Protection) -> Vec<&str> {
    rule.required_checks
        .iter()
        .map(|check| check.context.as_str())
        .collect()
}

fn classic_rule(pattern: &str, rule: &Protection) -> Value {
    let checks: Vec<_> = rule
        .required_checks
        .iter()
        .map(|check| {
            let app = check.app.as_deref().map(super::checks::app);
            json!({
                "__typename": "RequiredStatusCheckDescription",
                "context": check.context,
                "app": app,
            })
        })
        .collect();
    json!({
        "__typename": "BranchProtectionRule",
        "id": format!("BPR_{pattern}"),
        "databaseId": 1,
        "pattern": pattern,
        "dismissesStaleReviews": rule.dismiss_stale,
        "requiredApprovingReviewCount":
            (rule.required_approvals > 0).then_some(rule.required_approvals),
        "requiredStatusCheckContexts": contexts(rule),
        "requiredStatusChecks": checks,
        "requiresApprovingReviews": rule.required_approvals > 0,
        "requiresStatusChecks": !rule.required_checks.is_empty(),
        "requiresStrictStatusChecks": rule.strict,
    })
}

fn update_rule(pattern: &str, rule: &Protection) -> Value {
    json!({
        "__typename": "RefUpdateRule",
        "pattern": pattern,
        "requiredApprovingReviewCount":
            (rule.required_approvals > 0).then_some(rule.required_approvals),
        "requiredStatusCheckContexts": contexts(rule),
        "requiresLinearHistory": rule.linear,
        "viewerCanPush": true,
    })
}

fn ruleset(rule: &Protection) -> Vec<Value> {
    let mut rules = Vec::new();
    if !rule.required_checks.is_empty() {
        let checks: Vec<_> = contexts(rule)
            .into_iter()
            .map(|context| {
                json!({
                    "__typename": "StatusCheckConfiguration",
                    "context": context,
                    "integrationId": null,
                })
            })
            .collect();
        rules.push(json!({
            "__typename": "RepositoryRule",
            "id": "RRU_checks",
            "type": "REQUIRED_STATUS_CHECKS",
            "parameters": {
                "__typename": "RequiredStatusChecksParameters",
                "doNotEnforceOnCreate": false,
                "requiredStatusChecks": checks,
                "strictRequiredStatusChecksPolicy": rule.strict,
            },
        }));
    }
    if rule.required_approvals > 0 {
        rules.push(json!({
            "__typename": "RepositoryRule",
            "id": "RRU_reviews",
            "type": "PULL_REQUEST",
            "parameters": {
                "__typename": "PullRequestParameters",
                "dismissStaleReviewsOnPush": rule.dismiss_stale,
                "requireCodeOwnerReview": false,
                "requireLastPushApproval": false,
                "requiredApprovingReviewCount": rule.required_approvals,
                "requiredReviewThreadResolution": false,
            },
        }));
    }
    rules
}
