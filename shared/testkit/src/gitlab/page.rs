//! A plain page for each project, merge request and pipeline, so that a link out of the product
//! leads somewhere.

use super::model::{Pull, Repo};
use super::world::World;
use crate::fake::{FakeWorld, escape, facts, page};

/// The page at a path such as `/acme/web/-/merge_requests/7`, if there is something.
pub(super) fn at(world: &World, path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    let (name, below) = path.split_once("/-/").unwrap_or((path, ""));
    let repo = world.repo_known_as(name)?;
    let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Some(repository(repo)),
        ["merge_requests", number, ..] => {
            let pull = repo.pulls.get(&number.parse().ok()?)?;
            Some(merge_request(world, repo, pull))
        }
        ["pipelines", id, ..] => {
            let pipeline = repo.pipelines.get(&id.parse().ok()?)?;
            let shown = [
                ("Status", pipeline.status.as_str().to_owned()),
                ("Commit", pipeline.sha.clone()),
                ("For", pipeline.reference()),
            ];
            let title = format!("Pipeline #{} in {}", pipeline.id, repo.full_name());
            Some(page(World::NAME, &title, &facts(&shown)))
        }
        _ => None,
    }
}

fn repository(repo: &Repo) -> String {
    let open = repo.pulls.values().filter(|pull| pull.is_open());
    let items: String = open
        .map(|pull| {
            let title = escape(&pull.title);
            let link = format!("/{}/-/merge_requests/{}", repo.full_name(), pull.number);
            format!("<li><a href=\"{link}\">!{} {title}</a></li>", pull.number)
        })
        .collect();
    page(World::NAME, &repo.full_name(), &format!("<ul>{items}</ul>"))
}

fn merge_request(world: &World, repo: &Repo, pull: &Pull) -> String {
    let pipeline = repo.head_pipeline(pull);
    let shown = [
        ("State", pull.state.as_str().to_owned()),
        ("Author", pull.author.clone()),
        ("From", pull.head.branch.clone()),
        ("Into", pull.base_branch.clone()),
        ("Head", pull.head.sha.clone()),
        (
            "Pipeline",
            pipeline
                .map_or("none", |own| own.status.as_str())
                .to_owned(),
        ),
        ("Approvals", pull.approvals.len().to_string()),
        (
            "Merge status",
            world.true_status(repo, pull).as_str().to_owned(),
        ),
    ];
    let title = format!("{} (!{} in {})", pull.title, pull.number, repo.full_name());
    page(World::NAME, &title, &facts(&shown))
}
