//! What all verbs of stories need.

use super::world::Problem;

/// Ends a story that names what does not exist: the test itself is wrong.
#[expect(clippy::panic, reason = "a story that cannot be told is a broken test")]
pub(crate) fn broken_story(why: &str) -> ! {
    panic!("this story cannot be told: {why}")
}

/// The value of a verb that must work.
pub(crate) fn told<T>(result: Result<T, Problem>) -> T {
    result.unwrap_or_else(|problem| broken_story(&problem.to_string()))
}
