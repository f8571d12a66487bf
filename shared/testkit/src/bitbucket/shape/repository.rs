//! Repositories: as they are mentioned, in events, and in full.

use serde_json::{Value, json};

use super::{account, escaped, link, time, workspace};
use crate::bitbucket::model::{Account, Permission, Repo};
use crate::bitbucket::world::{Site, World};
use crate::fake::{guid_of, merge, put};

/// The links every mention of a repository has.
pub(in crate::bitbucket) fn repo_links(site: &Site, repo: &Repo) -> Value {
    let path = repo.full_name();
    let id = escaped(&repo.uuid);
    json!({
        "self": link(format!("{}/repositories/{path}", site.api)),
        "html": link(format!("{}/{path}", site.html)),
        "avatar": link(format!("{}/ravatar/{id}?ts=default", site.html)),
    })
}

/// A repository where it is mentioned.
pub(in crate::bitbucket) fn repo_short(site: &Site, repo: &Repo) -> Value {
    json!({
        "type": "repository",
        "full_name": repo.full_name(),
        "links": repo_links(site, repo),
        "name": repo.name,
        "uuid": repo.uuid,
    })
}

/// A repository in a webhook.
pub(in crate::bitbucket) fn repo_in_event(world: &World, repo: &Repo) -> Value {
    let mut shown = repo_short(&world.site, repo);
    merge(&mut shown, belongings(world, repo));
    merge(
        &mut shown,
        json!({ "scm": "git", "website": null, "is_private": repo.private }),
    );
    shown
}

/// A repository as the API shows it.
pub(in crate::bitbucket) fn repo(world: &World, repo: &Repo) -> Value {
    let mut shown = repo_in_event(world, repo);
    let more = json!({
        "slug": repo.slug,
        "description": repo.description,
        "language": repo.language,
        "created_on": time(repo.created_at),
        "updated_on": time(repo.updated_at),
        "mainbranch": { "type": "branch", "name": repo.main_branch },
        "size": 84_351,
        "has_issues": false,
        "has_wiki": false,
        "fork_policy": "allow_forks",
        "override_settings": { "default_merge_strategy": false, "branching_model": false },
        "enforced_signed_commits": null,
        "links": all_links(&world.site, repo),
    });
    merge(&mut shown, more);
    shown
}

/// Owner, workspace, project and the repository it was forked from.
fn belongings(world: &World, repo: &Repo) -> Value {
    let site = &world.site;
    let owner = world.account(&repo.workspace);
    let parent = repo.fork_of.and_then(|id| world.repos.get(&id));
    json!({
        "owner": owner.map(|owner| account(site, owner)),
        "workspace": owner.map(|owner| workspace(site, owner)),
        "project": owner.map(|owner| project(site, owner)),
        "parent": parent.map(|parent| repo_short(site, parent)),
    })
}

/// The one project every workspace here has.
fn project(site: &Site, owner: &Account) -> Value {
    let number = owner.login.bytes().map(u64::from).sum();
    let (slug, uuid) = (&owner.login, guid_of(number));
    let page = format!("{}/{slug}/workspace/projects/MAIN", site.html);
    json!({
        "type": "project",
        "key": "MAIN",
        "uuid": format!("{{{uuid}}}"),
        "name": "Main",
        "links": {
            "self": link(format!("{}/workspaces/{slug}/projects/MAIN", site.api)),
            "html": link(page.as_str()),
            "avatar": link(format!("{page}/avatar/32?ts=1767603600")),
        },
    })
}

fn all_links(site: &Site, repo: &Repo) -> Value {
    let mut links = repo_links(site, repo);
    let api = format!("{}/repositories/{}", site.api, repo.full_name());
    for (name, path) in [
        ("branches", "refs/branches"),
        ("tags", "refs/tags"),
        ("commits", "commits"),
        ("downloads", "downloads"),
        ("forks", "forks"),
        ("hooks", "hooks"),
        ("pullrequests", "pullrequests"),
        ("source", "src"),
        ("watchers", "watchers"),
    ] {
        put(&mut links, name, link(format!("{api}/{path}")));
    }
    let clone = format!("{}/{}.git", site.html, repo.full_name());
    let ssh = format!("git@bitbucket.org:{}.git", repo.full_name());
    put(
        &mut links,
        "clone",
        json!([{ "name": "https", "href": clone }, { "name": "ssh", "href": ssh }]),
    );
    links
}

/// What somebody may do with a repository.
pub(in crate::bitbucket) fn repo_permission(
    site: &Site,
    user: &Account,
    repo: &Repo,
    permission: Permission,
) -> Value {
    json!({
        "type": "repository_permission",
        "user": account(site, user),
        "repository": repo_short(site, repo),
        "permission": permission.as_str(),
    })
}
