//! Webhooks of the four providers: which are genuine, and what they say.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail the way tests do, and say what they compared"
)]

mod deliver;
mod goldens;
mod hostile;
mod shapes;
mod signatures;
mod table;
