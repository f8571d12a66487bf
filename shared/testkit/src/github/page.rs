//! A plain page for each repository and pull request, so that a link out of the product leads
//! somewhere.

use super::judge;
use super::model::{Pull, Repo};
use super::world::World;
use crate::fake::{self, FakeWorld};

/// The page at a path such as `/acme/web/pull/7`, if there is something.
pub(super) fn at(world: &World, path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        [owner, name] => world.repo_named(&format!("{owner}/{name}")).map(repository),
        [owner, name, "pull", number, ..] => {
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
            let title = fake::escape(&pull.title);
            let link = format!("/{}/pull/{}", repo.full_name(), pull.number);
            format!("<li><a href=\"{link}\">#{} {title}</a></li>", pull.number)
        })
        .collect();
    fake::page(World::NAME, &repo.full_name(), &format!("<ul>{items}</ul>"))
}

fn pull_request(world: &World, repo: &Repo, pull: &Pull) -> String {
    let state = match (pull.is_open(), pull.draft, &pull.merged) {
        (true, true, _) => "draft",
        (true, false, _) => "open",
        (false, _, Some(_)) => "merged",
        (false, _, None) => "closed",
    };
    let checks = judge::rollup(repo, &pull.head.sha, None).map_or("none", judge::Rollup::upper);
    let facts = [
        ("State", state.to_owned()),
        ("Author", pull.author.clone()),
        ("From", format!("{}:{}", pull.head.owner, pull.head.branch)),
        ("Into", pull.base_branch.clone()),
        ("Head", pull.head.sha.clone()),
        ("Checks", checks.to_lowercase()),
        (
            "Review",
            judge::decision(repo, pull).unwrap_or("none").to_lowercase(),
        ),
        (
            "Mergeable",
            world.true_mergeable(repo, pull).upper().to_lowercase(),
        ),
    ];
    fake::page(
        World::NAME,
        &format!("{} (#{} in {})", pull.title, pull.number, repo.full_name()),
        &fake::facts(&facts),
    )
}
