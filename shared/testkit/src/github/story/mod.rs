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

use crate::fake::{broken_story, told};
