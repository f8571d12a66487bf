//! Pull requests: lists and the whole of one.

mod answers;
mod requests;

pub use answers::*;
pub use requests::*;
