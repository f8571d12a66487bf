//! Everything that can be done to the fake Gitea. Each change moves the clock and sends the
//! webhooks Gitea would send for it (`services/webhook/notifier.go`). Renames, transfers,
//! archiving and dismissed reviews send none.

mod branches;
mod hooks;
mod merging;
mod pulls;
mod repositories;
mod reviews;
mod statuses;
mod updating;

pub use hooks::NewHook;
pub use merging::{MergeOrder, MergeRefusal};
pub use pulls::NewPull;
pub use repositories::NewRepo;
pub use statuses::NewStatus;
pub use updating::UpdateRefusal;
