//! Repositories, branches and rules.

use serde_json::{Value, json};

use super::Call;
use super::access::{Area, Caller, may, may_see};
use super::answer::{Request, Response, error, not_found, page};
use crate::github::model::{Access, Repo, Source};
use crate::github::shape;
use crate::github::world::World;

pub(super) fn of_user(world: &World, request: &Request, caller: &Caller) -> Response {
    let mut repos: Vec<&Repo> = world
        .repos
        .values()
        .filter(|repo| may_see(caller, repo))
        .filter(|repo| related(repo, &caller.login))
        .collect();
    match request.param("sort") {
        Some("pushed") => repos.sort_by_key(|repo| std::cmp::Reverse(repo.pushed_at)),
        Some("updated") => repos.sort_by_key(|repo| std::cmp::Reverse(repo.updated_at)),
        Some("created") => repos.sort_by_key(|repo| std::cmp::Reverse(repo.created_at)),
        _ => repos.sort_by_key(|repo| repo.full_name().to_lowercase()),
    }
    page(world, request, &repos, |part| {
        part.iter()
            .map(|repo| shape::rest_repo_item(world, repo, &caller.login))
            .collect()
    })
}

fn related(repo: &Repo, login: &str) -> bool {
    repo.owner.eq_ignore_ascii_case(login)
        || repo.writers.contains(login)
        || repo.readers.contains(login)
}

/// The redirect of a former name, or 404.
pub(super) fn moved(
    world: &World,
    request: &Request,
    caller: &Caller,
    wanted: &str,
    rest: &[&str],
) -> Response {
    let target = world
        .redirects
        .get(&wanted.to_lowercase())
        .and_then(|id| world.repos.get(id));
    let Some(repo) = target.filter(|repo| may_see(caller, repo)) else {
        return not_found();
    };
    let mut url = format!("{}/repositories/{}", world.site.api, repo.id);
    for part in rest {
        url.push('/');
        url.push_str(part);
    }
    if !request.query.is_empty() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&request.query);
        url = format!("{url}?{}", query.finish());
    }
    let reading = request.method == "GET" || request.method == "HEAD";
    let (status, message) = if reading {
        (301, "Moved Permanently")
    } else {
        (307, "Temporary Redirect")
    };
    let body = json!({
        "message": message,
        "url": url,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    Response::new(status, body).with("location", url)
}

pub(super) fn one(world: &World, call: &Call<'_>) -> Response {
    with_repo(world, call, |repo| {
        shape::rest_repo(world, repo, &call.caller.login)
    })
}

pub(super) fn branches(world: &World, call: &Call<'_>) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let all: Vec<(&String, &String)> = repo.branches.iter().collect();
    page(world, call.request, &all, |part| {
        part.iter()
            .map(|(name, sha)| shape::branch_list_item(world, repo, name, sha))
            .collect()
    })
}

pub(super) fn branch(world: &World, call: &Call<'_>, name: &str) -> Response {
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    repo.head_of(name).map_or_else(
        || error(404, "Branch not found"),
        |sha| Response::ok(shape::branch(world, repo, name, sha)),
    )
}

pub(super) fn rules(world: &World, call: &Call<'_>, name: &str) -> Response {
    with_repo(world, call, |repo| shape::rules_for_branch(repo, name))
}

/// The classic rule of a branch: only for who administers the repository.
pub(super) fn protection(world: &World, call: &Call<'_>, name: &str) -> Response {
    if let Err(refusal) = may(
        world,
        call.caller,
        call.repo,
        Area::Administration,
        Access::Write,
    ) {
        return refusal;
    }
    let Ok(repo) = world.repo(call.repo) else {
        return not_found();
    };
    let rule = repo
        .protection(name)
        .filter(|rule| rule.source == Source::Protection);
    let Some(rule) = rule else {
        return error(404, "Branch not protected");
    };
    let own = format!(
        "{}/repos/{}/branches/{name}/protection",
        world.site.api,
        repo.full_name()
    );
    let mut body = json!({
        "url": own,
        "enforce_admins": { "url": format!("{own}/enforce_admins"), "enabled": true },
        "required_linear_history": { "enabled": rule.linear },
        "allow_force_pushes": { "enabled": false },
        "allow_deletions": { "enabled": false },
    });
    if !rule.required_checks.is_empty() {
        let contexts: Vec<_> = rule
            .required_checks
            .iter()
            .map(|check| &check.context)
            .collect();
        let checks: Vec<_> = contexts
            .iter()
            .map(|context| json!({ "context": context, "app_id": null }))
            .collect();
        let url = format!("{own}/required_status_checks");
        let shown = json!({
            "url": url,
            "strict": rule.strict,
            "contexts": contexts,
            "contexts_url": format!("{url}/contexts"),
            "checks": checks,
        });
        crate::github::events::put(&mut body, "required_status_checks", shown);
    }
    if rule.required_approvals > 0 {
        let shown = json!({
            "url": format!("{own}/required_pull_request_reviews"),
            "dismiss_stale_reviews": rule.dismiss_stale,
            "require_code_owner_reviews": false,
            "require_last_push_approval": false,
            "required_approving_review_count": rule.required_approvals,
        });
        crate::github::events::put(&mut body, "required_pull_request_reviews", shown);
    }
    Response::ok(body)
}

fn with_repo(world: &World, call: &Call<'_>, show: impl FnOnce(&Repo) -> Value) -> Response {
    world
        .repo(call.repo)
        .map_or_else(|_| not_found(), |repo| Response::ok(show(repo)))
}
