//! Everything that can be done to the fake GitLab. Each change moves the clock and sends the
//! webhooks GitLab would send for it.

mod approvals;
mod branches;
mod hooks;
mod merging;
mod pipelines;
mod pulls;
mod repositories;
mod signing;

pub(in crate::gitlab) use branches::Work;
pub use hooks::NewHook;
pub use merging::{MergeOrder, MergeRefusal};
pub use pulls::NewPull;
pub use repositories::NewRepo;
pub(in crate::gitlab) use signing::signing_key;
