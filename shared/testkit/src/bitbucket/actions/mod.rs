//! Everything that can be done to the fake Bitbucket. Each change moves the clock and sends the
//! webhooks Bitbucket would send for it.

mod branches;
mod hooks;
mod merging;
mod pulls;
mod repositories;
mod reviews;
mod statuses;

pub(super) use branches::Pushed;
pub use hooks::NewHook;
pub use merging::{MergeOrder, MergeRefusal};
pub use pulls::NewPull;
pub use statuses::NewStatus;
