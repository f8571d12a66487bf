//! A plain page for each repository and pull request, so that a link out of the product leads
//! somewhere.

use super::judge;
use super::model::{Pull, Repo};
use super::world::World;
use crate::fake::{FakeWorld, escape, facts, page};

/// The page at a path such as `/acme/web/pulls/7`, if there is something.
pub(super) fn at(world: &World, path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        [owner, name] => world.repo_named(&format!("{owner}/{name}")).map(repository),
        [owner, name, "pulls", number, ..] => {
            let repo = world.repo_named(&format!("{owner}/{name}"))?;
            let pull = repo.pulls.get(&number.parse().ok()?)?;
            Some(pull_request(world, repo, pull))
        }
        _ => None,
    }
}

fn repository(repo: &Repo) -> String {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    let items: String = open
        .map(|pull| {
            let link = format!("/{}/pulls/{}", repo.full_name(), pull.number);
            let title = escape(&pull.title);
            format!("<li><a href=\"{link}\">#{} {title}</a></li>", pull.number)
        })
        .collect();
    page(World::NAME, &repo.full_name(), &format!("<ul>{items}</ul>"))
}

fn pull_request(world: &World, repo: &Repo, pull: &Pull) -> String {
    let state = match (pull.is_open(), &pull.merged) {
        (true, _) => "open",
        (false, Some(_)) => "merged",
        (false, None) => "closed",
    };
    let checks = judge::combined(repo, &pull.head.sha).map_or("none", |state| state.as_str());
    let rows = [
        ("State", state.to_owned()),
        ("Author", pull.author.clone()),
        ("From", pull.head.branch.clone()),
        ("Into", pull.base_branch.clone()),
        ("Head", pull.head.sha.clone()),
        ("Checks", checks.to_owned()),
        ("Mergeable", world.mergeable(repo, pull).to_string()),
    ];
    let title = format!("{} (#{} in {})", pull.title, pull.number, repo.full_name());
    page(World::NAME, &title, &facts(&rows))
}
