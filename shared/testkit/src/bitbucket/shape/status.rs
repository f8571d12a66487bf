//! Build statuses.

use serde_json::{Value, json};

use super::commit::{api, commit_in_status, commit_short};
use super::{link, repo_short, time};
use crate::bitbucket::model::{Repo, Status};
use crate::bitbucket::world::World;
use crate::fake::put;

/// A build status as the API shows it.
pub(in crate::bitbucket) fn status(world: &World, repo: &Repo, status: &Status) -> Value {
    let site = &world.site;
    let commit = format!("commit/{}", status.sha);
    let key = format!("{commit}/statuses/build/{}", status.key);
    json!({
        "key": status.key,
        "type": "build",
        "state": status.state.as_str(),
        "name": status.name,
        "refname": status.refname,
        "commit": commit_short(site, repo, &status.sha),
        "url": format!("https://ci.example.com/{}/{}", status.key, status.sha),
        "repository": repo_short(site, repo),
        "description": status.description,
        "created_on": time(status.created_at),
        "updated_on": time(status.updated_at),
        "links": {
            "self": link(api(site, repo, &key)),
            "commit": link(api(site, repo, &commit)),
        },
    })
}

/// A build status in a webhook, which tells more of its commit.
pub(in crate::bitbucket) fn status_in_event(world: &World, repo: &Repo, own: &Status) -> Value {
    let mut shown = status(world, repo, own);
    if let Some(commit) = world.git.get(&own.sha) {
        put(&mut shown, "commit", commit_in_status(world, repo, commit));
    }
    shown
}
