//! The verbs stories are told with: the fake GitHub's, as far as Gitea has them.

mod check;
mod open;
mod pull;
mod repository;
mod reviewing;

pub use check::CheckStory;
pub use open::OpenPull;
pub(super) use open::PullPlan;
pub use pull::PullStory;
pub use repository::RepoStory;

use crate::fake::{broken_story, told};
