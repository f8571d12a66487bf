//! Reviews as the API lists them.

use serde_json::{Value, json};

use super::{time, user};
use crate::gitea::model::{Pull, Repo, Review};
use crate::gitea::world::World;

/// One review, or the request for one.
pub fn review(world: &World, repo: &Repo, pull: &Pull, review: &Review) -> Value {
    let page = format!("{}/{}/pulls/{}", world.site, repo.full_name(), pull.number);
    let author = world
        .user(&review.author)
        .map_or(Value::Null, |own| user(world, own));
    json!({
        "id": review.id,
        "user": author,
        "team": null,
        "state": review.kind.state(),
        "body": review.body,
        "commit_id": review.commit_id,
        "stale": review.stale,
        "official": review.official,
        "dismissed": review.dismissed,
        "comments_count": 0,
        "submitted_at": time(review.submitted_at),
        "updated_at": time(review.updated_at),
        "html_url": format!("{page}#issuecomment-{}", review.id),
        "pull_request_url": page,
    })
}
