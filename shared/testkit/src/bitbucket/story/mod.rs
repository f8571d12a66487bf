//! The verbs stories are told with.

mod check;
mod open;
mod pull;
mod repository;
mod review;

pub use check::CheckStory;
pub use open::OpenPull;
pub(super) use open::PullPlan;
pub use pull::PullStory;
pub use repository::RepoStory;
