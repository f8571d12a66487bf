//! Changes: what a committed write means to the rest of the product.

mod compare;
mod relay;

pub use compare::changes;
pub use relay::{Record, Relay};
