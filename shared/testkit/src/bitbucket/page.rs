//! A plain page for each repository and pull request, so that a link out of the product leads
//! somewhere.

use super::judge;
use super::model::{Opinion, Pull, Repo};
use super::world::World;
use crate::fake::{escape, facts, page};

/// The page at a path such as `/acme/web/pull-requests/7`, if there is something.
pub(super) fn at(world: &World, path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        [owner, name] => world.repo_named(&format!("{owner}/{name}")).map(repository),
        [owner, name, "pull-requests", number, ..] => {
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
            let title = escape(&pull.title);
            let link = format!("/{}/pull-requests/{}", repo.full_name(), pull.number);
            format!("<li><a href=\"{link}\">#{} {title}</a></li>", pull.number)
        })
        .collect();
    page("Bitbucket", &repo.full_name(), &format!("<ul>{items}</ul>"))
}

fn pull_request(world: &World, repo: &Repo, pull: &Pull) -> String {
    let names = |opinion| {
        let names: Vec<&str> = pull.with_opinion(opinion).into_iter().collect();
        names.join(", ")
    };
    let conflict = if world.conflicts(repo, pull) {
        "yes"
    } else {
        "no"
    };
    let known = [
        ("State", pull.state.as_str().to_lowercase()),
        ("Draft", if pull.draft { "yes" } else { "no" }.to_owned()),
        ("Author", pull.author.clone()),
        ("From", pull.source.branch.clone()),
        ("Into", pull.destination.clone()),
        ("Head", pull.source.sha.clone()),
        (
            "Builds",
            judge::builds(repo, &pull.source.sha).to_lowercase(),
        ),
        ("Approved by", names(Opinion::Approved)),
        ("Changes requested by", names(Opinion::ChangesRequested)),
        ("Conflict", conflict.to_owned()),
    ];
    let title = format!("{} (#{} in {})", pull.title, pull.number, repo.full_name());
    page("Bitbucket", &title, &facts(&known))
}
