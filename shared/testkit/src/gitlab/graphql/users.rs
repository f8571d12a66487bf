//! Users, alone and beside a merge request.

use serde_json::json;

use super::resolve::{Context, Out, Resolved, gid, unknown};
use crate::gitlab::model::{Pull, Repo, ReviewerState, Role, User, UserKind};
use crate::gitlab::shape;

/// A field of a user.
pub(super) fn user<'w>(context: &Context<'w>, user: &User, field: &str) -> Resolved<'w> {
    let site = &context.world.site;
    match field {
        "id" => Ok(Out::leaf(gid("User", user.id))),
        "username" => Ok(Out::leaf(user.login.as_str())),
        "name" => Ok(Out::leaf(user.name.as_str())),
        "avatarUrl" => Ok(Out::leaf(shape::avatar(site, user))),
        "bot" => Ok(Out::leaf(user.kind == UserKind::Bot)),
        "webPath" => Ok(Out::leaf(format!("/{}", user.login))),
        "webUrl" => Ok(Out::leaf(format!("{}/{}", site.html, user.login))),
        _ => unknown("User", field),
    }
}

/// A field of an author or reviewer.
pub(super) fn participant<'w>(
    context: &Context<'w>,
    repo: &Repo,
    pull: &Pull,
    who: &User,
    field: &str,
) -> Resolved<'w> {
    if field != "mergeRequestInteraction" {
        return user(context, who, field);
    }
    let state = pull.reviewers.get(&who.login).copied();
    let role = context.world.role(repo, &who.login);
    let may = role.is_some_and(|role| role >= Role::Developer);
    Ok(Out::plain(json!({
        "__typename": "UserMergeRequestInteraction",
        "approved": pull.is_approved_by(&who.login),
        "canMerge": may,
        "canUpdate": may,
        "reviewState": state.map(|state| state.as_str().to_uppercase()),
        "reviewed": state.is_some_and(|state| state != ReviewerState::Unreviewed),
    })))
}
