//! What people look at: lists, the whole of a pull request, and the dashboard's numbers.

mod detail;
mod list;
mod refresh;
mod summary;

use ampel_store::Store;

pub use refresh::Refresh;

/// What is needed to read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The table.
    pub store: Store,
}
