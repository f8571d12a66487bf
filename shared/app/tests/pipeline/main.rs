//! Stories of the pipeline: the fake GitHub on one side, the table on the other, and between them
//! ingest, recompute and sync as the functions run them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod calls;
mod deliveries;
mod everywhere;
mod gitea;
mod lights;
mod losses;
mod pipeline;
mod reconciling;
mod replays;
mod tracked;
mod untracked;
mod world;
