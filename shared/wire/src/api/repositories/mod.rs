//! Tracked repositories, and those that could be.

mod answers;
mod requests;
mod tracking;

pub use answers::*;
pub use requests::*;
pub use tracking::*;
