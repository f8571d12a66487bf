//! What leaves a process: API bodies, queue messages and change events.

pub mod api;
pub mod change;
pub mod queue;
