//! Tracked repositories: their items, locks, schedule, sync state and removal.

mod cleanup;
mod due;
mod item;
mod read;
mod sync_state;
mod track;
mod update;

pub use cleanup::Remaining;
pub use due::DueRepository;
pub(crate) use item::status_word;
pub use sync_state::{FirstSync, SyncState};
pub use track::TrackRepository;
pub use update::RepositorySettings;
