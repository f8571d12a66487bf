//! Repositories, branches and their rules.

use serde_json::{Map, Value, json};

use super::{merge, node_id, user_of};
use crate::github::model::{Protection, Repo, Source};
use crate::github::world::World;

/// API links of a repository: key, and what follows the repository's own address.
const LINKS: [(&str, &str); 37] = [
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
    ("url", ""),
];

/// The form of a repository in events.
pub fn repo_in_event(world: &World, repo: &Repo) -> Value {
    let html = format!("{}/{}", world.site.html, repo.full_name());
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let mut value = json!({
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name(),
        "private": repo.private,
        "owner": user_of(world, &repo.owner),
        "html_url": html,
        "description": repo.description,
        "fork": repo.fork_of.is_some(),
        "created_at": repo.created_at,
        "updated_at": repo.updated_at,
        "pushed_at": repo.pushed_at,
        "git_url": format!("git://{}.git", html.split_once("://").map_or("", |(_, rest)| rest)),
        "ssh_url": format!("git@github.example:{}.git", repo.full_name()),
        "clone_url": format!("{html}.git"),
        "svn_url": html,
        "mirror_url": null,
        "homepage": null,
        "size": repo.branches.len(),
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": repo.language,
    });
    merge(&mut value, counters_and_switches(world, repo));
    let links: Map<String, Value> = LINKS
        .iter()
        .map(|(key, path)| ((*key).to_owned(), Value::String(format!("{api}{path}"))))
        .collect();
    merge(&mut value, Value::Object(links));
    value
}

fn counters_and_switches(world: &World, repo: &Repo) -> Value {
    let forks = world
        .repos
        .values()
        .filter(|other| other.fork_of == Some(repo.id))
        .count();
    let open = repo.open_pulls();
    json!({
        "has_issues": true,
        "has_projects": true,
        "has_downloads": true,
        "has_wiki": true,
        "has_pages": false,
        "has_discussions": false,
        "forks_count": forks,
        "archived": repo.archived,
        "disabled": false,
        "open_issues_count": open,
        "license": null,
        "allow_forking": true,
        "is_template": false,
        "web_commit_signoff_required": false,
        "topics": [],
        "visibility": if repo.private { "private" } else { "public" },
        "forks": forks,
        "open_issues": open,
        "watchers": 0,
        "default_branch": repo.default_branch,
    })
}

/// A repository in a list, as `login` sees it.
pub fn rest_repo_item(world: &World, repo: &Repo, login: &str) -> Value {
    let mut value = repo_in_event(world, repo);
    let writes = repo.writers.contains(login);
    let owns = repo.owner.eq_ignore_ascii_case(login);
    let permissions = json!({
        "admin": owns || writes,
        "maintain": owns || writes,
        "push": owns || writes,
        "triage": owns || writes,
        "pull": true,
    });
    merge(&mut value, json!({ "permissions": permissions }));
    value
}

/// What `GET /repos/{owner}/{repo}` answers to `login`.
pub fn rest_repo(world: &World, repo: &Repo, login: &str) -> Value {
    let mut value = rest_repo_item(world, repo, login);
    merge(&mut value, merge_settings(repo));
    let forks = value.get("forks_count").cloned();
    merge(
        &mut value,
        json!({
            "temp_clone_token": null,
            "network_count": forks,
            "subscribers_count": 0,
        }),
    );
    value
}

/// The settings about merging: in the full form, and in a pull request's head and base.
pub(super) fn merge_settings(repo: &Repo) -> Value {
    json!({
        "allow_squash_merge": repo.merge_methods.squash,
        "allow_merge_commit": repo.merge_methods.merge,
        "allow_rebase_merge": repo.merge_methods.rebase,
        "allow_auto_merge": false,
        "delete_branch_on_merge": false,
        "allow_update_branch": false,
        "use_squash_pr_title_as_default": false,
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "merge_commit_message": "PR_TITLE",
        "merge_commit_title": "MERGE_MESSAGE",
    })
}

/// What `GET /repos/{owner}/{repo}/branches/{branch}` answers.
pub fn branch(world: &World, repo: &Repo, name: &str, sha: &str) -> Value {
    let api = format!("{}/repos/{}", world.site.api, repo.full_name());
    let rule = repo
        .protection(name)
        .filter(|rule| rule.source == Source::Protection);
    let contexts: Vec<_> = rule
        .into_iter()
        .flat_map(|rule| &rule.required_checks)
        .map(|check| check.context.clone())
        .collect();
    let checks: Vec<_> = contexts
        .iter()
        .map(|context| json!({ "context": context, "app_id": null }))
        .collect();
    let commit = world.git.get(sha);
    json!({
        "name": name,
        "commit": commit.map(|commit| super::commit_full(world, repo, commit)),
        "_links": {
            "self": format!("{api}/branches/{name}"),
            "html": format!("{}/{}/tree/{name}", world.site.html, repo.full_name()),
        },
        "protected": rule.is_some(),
        "protection": {
            "enabled": rule.is_some(),
            "required_status_checks": {
                "enforcement_level": if contexts.is_empty() { "off" } else { "non_admins" },
                "contexts": contexts,
                "checks": checks,
            },
        },
        "protection_url": format!("{api}/branches/{name}/protection"),
    })
}

/// What `GET /repos/{owner}/{repo}/rules/branches/{branch}` answers: rules of rulesets only.
pub fn rules_for_branch(repo: &Repo, branch: &str) -> Value {
    let rule = repo
        .protection(branch)
        .filter(|rule| rule.source == Source::Ruleset);
    let Some(rule) = rule else { return json!([]) };
    let mut rules = Vec::new();
    if !rule.required_checks.is_empty() {
        rules.push(("required_status_checks", status_check_parameters(rule)));
    }
    if rule.required_approvals > 0 {
        rules.push((
            "pull_request",
            json!({
                "allowed_merge_methods": ["merge", "squash", "rebase"],
                "dismiss_stale_reviews_on_push": rule.dismiss_stale,
                "require_code_owner_review": false,
                "require_last_push_approval": false,
                "required_approving_review_count": rule.required_approvals,
                "required_review_thread_resolution": false,
            }),
        ));
    }
    if rule.linear {
        rules.push(("required_linear_history", Value::Null));
    }
    if rule.merge_queue {
        rules.push((
            "merge_queue",
            json!({
                "check_response_timeout_minutes": 60,
                "grouping_strategy": "ALLGREEN",
                "max_entries_to_build": 5,
                "max_entries_to_merge": 5,
                "merge_method": "SQUASH",
                "min_entries_to_merge": 1,
                "min_entries_to_merge_wait_minutes": 5,
            }),
        ));
    }
    rules
        .into_iter()
        .map(|(kind, parameters)| {
            json!({
                "type": kind,
                "ruleset_source_type": "Repository",
                "ruleset_source": repo.full_name(),
                "ruleset_id": repo.id + 1,
                "parameters": parameters,
            })
        })
        .collect()
}

fn status_check_parameters(rule: &Protection) -> Value {
    let checks: Vec<_> = rule
        .required_checks
        .iter()
        .map(|check| json!({ "context": check.context }))
        .collect();
    json!({
        "required_status_checks": checks,
        "strict_required_status_checks_policy": rule.strict,
        "do_not_enforce_on_create": false,
    })
}
