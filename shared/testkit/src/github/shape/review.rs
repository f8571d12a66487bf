//! Reviews.

use serde_json::{Value, json};

use super::pull::association;
use super::{merge, node_id, user_of};
use crate::github::model::{Pull, Repo, Review};
use crate::github::world::World;

/// What `GET …/pulls/{number}/reviews` lists; states in upper case.
pub fn rest_review(world: &World, repo: &Repo, pull: &Pull, review: &Review) -> Value {
    let site = &world.site;
    let path = format!("{}/pull", repo.full_name());
    let html = format!(
        "{}/{path}/{}#pullrequestreview-{}",
        site.html, pull.number, review.id
    );
    let own = format!(
        "{}/repos/{}/pulls/{}",
        site.api,
        repo.full_name(),
        pull.number
    );
    json!({
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": user_of(world, &review.author),
        "body": review.body,
        "state": review.state.upper(),
        "html_url": html,
        "pull_request_url": own,
        "author_association": association(repo, &review.author),
        "_links": { "html": { "href": html }, "pull_request": { "href": own } },
        "submitted_at": review.submitted_at,
        "commit_id": review.commit_id,
    })
}

/// The same in an event, where states are in lower case and an empty body is null.
pub fn webhook_review(world: &World, repo: &Repo, pull: &Pull, review: &Review) -> Value {
    let mut value = rest_review(world, repo, pull, review);
    let body = (!review.body.is_empty()).then(|| review.body.clone());
    let more = json!({ "state": review.state.lower(), "body": body });
    merge(&mut value, more);
    value
}
