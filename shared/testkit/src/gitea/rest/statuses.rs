//! Statuses of a commit: all that were ever set, or the newest of each context.

use super::Call;
use super::answer::{cut, not_found, page};
use super::branches::resolve;
use crate::fake::Response;
use crate::gitea::model::StatusUpdate;
use crate::gitea::shape;
use crate::gitea::world::World;

/// Newest first, the replaced ones too.
pub(super) fn list(world: &World, call: &Call<'_>, name: &str) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let sha = resolve(world, repo, name).ok_or_else(|| not_found(world))?;
    let wanted = call.request.param("state");
    let all: Vec<&StatusUpdate> = repo
        .statuses
        .iter()
        .rev()
        .filter(|status| status.sha == sha)
        .filter(|status| wanted.is_none_or(|state| state == status.state.as_str()))
        .collect();
    Ok(page(world, call.request, &all, |status| {
        shape::status(world, repo, status)
    }))
}

pub(super) fn combined(world: &World, call: &Call<'_>, name: &str) -> Result<Response, Response> {
    let repo = world.repo(call.repo).map_err(|_| not_found(world))?;
    let sha = resolve(world, repo, name).ok_or_else(|| not_found(world))?;
    let latest = repo.latest_statuses(sha);
    let (from, to, _) = cut(world, call.request, latest.len());
    let shown = latest.get(from..to).unwrap_or_default();
    let body = shape::combined_status(world, repo, sha, shown, latest.len());
    Ok(Response::ok(body).with("x-total-count", latest.len().to_string()))
}
