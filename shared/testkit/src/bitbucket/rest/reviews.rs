//! Approving and asking for changes.

use super::Call;
use super::answer::{error, not_found, refused};
use crate::bitbucket::model::{Opinion, PullRef};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::Response;

/// Gives (`POST`) or takes back (`DELETE`) the caller's own opinion.
pub(super) fn opinion(world: &mut World, call: &Call<'_>, at: PullRef, approves: bool) -> Response {
    let opinion = if approves {
        Opinion::Approved
    } else {
        Opinion::ChangesRequested
    };
    let by = &call.caller.login;
    if call.method() == "DELETE" {
        return match world.withdraw_opinion(at, by, opinion) {
            Ok(()) => Response::empty(204),
            Err(problem) => refused(&problem),
        };
    }
    let had = world
        .pull(at)
        .is_ok_and(|(_, pull)| pull.with_opinion(opinion).contains(by.as_str()));
    if had {
        return error(409, "You already said so.");
    }
    if let Err(problem) = world.give_opinion(at, by, opinion) {
        return refused(&problem);
    }
    let Ok((_, pull)) = world.pull(at) else {
        return not_found();
    };
    let own = pull.participants.iter().find(|own| own.login == *by);
    own.map_or_else(not_found, |own| {
        Response::ok(shape::participant(world, own))
    })
}
