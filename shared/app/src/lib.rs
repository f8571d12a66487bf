//! Use cases: they read, let the domain decide, then write and send.

pub mod moment;
