//! The verbs stories are told with.

mod check;
mod open;
mod pull;
mod repository;

pub use check::CheckStory;
pub(super) use check::NamedCheck;
pub use open::OpenPull;
pub(super) use open::PullPlan;
pub use pull::PullStory;
pub use repository::RepoStory;

use super::world::Problem;

/// Ends a story that names what does not exist: the test itself is wrong.
#[expect(clippy::panic, reason = "a story that cannot be told is a broken test")]
pub(super) fn broken_story(why: &str) -> ! {
    panic!("this story cannot be told: {why}")
}

/// The value of a verb that must work.
pub(super) fn told<T>(result: Result<T, Problem>) -> T {
    result.unwrap_or_else(|problem| broken_story(&problem.to_string()))
}
