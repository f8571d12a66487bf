//! Functions as the processes they are in the cloud: the real binary, fed by a runtime API.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests fail the way tests do"
)]

mod corpus;
mod killed;
mod poison;
mod world;
