//! Everything that can be done to the fake GitHub. Each change moves the clock and sends the
//! webhooks GitHub would send for it.

mod branches;
mod checks;
mod comments;
mod hooks;
mod merging;
mod pulls;
mod repositories;
mod reviews;

pub use checks::NewRun;
pub use hooks::NewHook;
pub use merging::MergeRefusal;
pub use pulls::NewPull;
pub use repositories::NewRepo;
