//! Tracked repositories, and those that could be.

mod answers;
mod requests;

pub use answers::*;
pub use requests::*;
