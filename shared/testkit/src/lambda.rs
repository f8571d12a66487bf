//! Functions as processes of their own, fed by a Lambda runtime API on loopback.
#![expect(
    clippy::expect_used,
    reason = "a test that can not have its function has to stop here"
)]

mod process;
mod runtime_api;

pub use process::Function;
pub use runtime_api::{Answer, RuntimeApi};
