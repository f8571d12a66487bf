//! Projects, and what they ask of a merge.

use serde_json::{Value, json};

use super::Call;
use super::access::{Caller, may_see, not_found};
use super::paging::{keyset, page};
use crate::fake::{Request, Response};
use crate::gitlab::model::Repo;
use crate::gitlab::shape;
use crate::gitlab::world::World;

/// All projects the caller sees, newest first.
pub(super) fn list(world: &World, request: &Request, caller: &Caller) -> Response {
    let is = |name: &str| match request.param(name) {
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        Some(_) | None => None,
    };
    let search = request.param("search").map(str::to_lowercase);
    let wanted = |repo: &&Repo| {
        let member = world.role(repo, &caller.login).is_some();
        may_see(world, caller, repo)
            && (member || is("membership") != Some(true))
            && is("archived").is_none_or(|archived| archived == repo.archived)
            && search
                .as_ref()
                .is_none_or(|text| repo.full_name().to_lowercase().contains(text))
    };
    let mut repos: Vec<&Repo> = world.repos.values().filter(wanted).collect();
    let show = |repo: &&Repo| project(world, repo, caller, is("simple") == Some(true));
    if request.param("pagination") == Some("keyset") {
        return keyset(world, request, &repos, |repo| repo.id, show);
    }
    match request.param("order_by") {
        Some("path" | "name") => repos.sort_by_key(|repo| repo.full_name()),
        Some("last_activity_at") => repos.sort_by_key(|repo| (repo.last_activity_at, repo.id)),
        Some("updated_at") => repos.sort_by_key(|repo| (repo.updated_at, repo.id)),
        Some(_) | None => repos.sort_by_key(|repo| repo.id),
    }
    if request.param("sort") != Some("asc") {
        repos.reverse();
    }
    page(world, request, &repos, show)
}

fn project(world: &World, repo: &Repo, caller: &Caller, simple: bool) -> Value {
    let mut value = shape::rest_project(world, repo, &caller.login);
    if simple && let Value::Object(map) = &mut value {
        map.retain(|key, _| SIMPLE.contains(&key.as_str()));
    }
    value
}

/// The keys that `simple=true` leaves.
const SIMPLE: [&str; 17] = [
    "id",
    "description",
    "name",
    "name_with_namespace",
    "path",
    "path_with_namespace",
    "created_at",
    "default_branch",
    "tag_list",
    "topics",
    "ssh_url_to_repo",
    "http_url_to_repo",
    "web_url",
    "avatar_url",
    "star_count",
    "last_activity_at",
    "namespace",
];

pub(super) fn one(world: &World, call: &Call<'_>) -> Response {
    world.repo(call.repo).map_or_else(
        |_| not_found("Project"),
        |repo| Response::ok(shape::rest_project(world, repo, &call.caller.login)),
    )
}

/// The settings of approvals.
pub(super) fn approvals(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    Response::ok(json!({
        "approvals_before_merge": repo.rules.approvals_required,
        "reset_approvals_on_push": repo.rules.reset_approvals_on_push,
        "selective_code_owner_removals": false,
        "disable_overriding_approvers_per_merge_request": false,
        "merge_requests_author_approval": false,
        "merge_requests_disable_committers_approval": false,
        "require_password_to_approve": false,
        "require_reauthentication_to_approve": false,
    }))
}

/// The rules of approvals: one for everybody, or none.
pub(super) fn approval_rules(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found("Project");
    };
    let rule = json!({
        "id": repo.id,
        "name": "All Members",
        "rule_type": "any_approver",
        "report_type": null,
        "eligible_approvers": [],
        "approvals_required": repo.rules.approvals_required,
        "users": [],
        "groups": [],
        "contains_hidden_groups": false,
        "protected_branches": [],
        "applies_to_all_protected_branches": false,
    });
    let rules: Vec<Value> = Some(rule)
        .filter(|_| repo.rules.approvals_required > 0)
        .into_iter()
        .collect();
    page(world, call.request, &rules, Value::clone)
}
